"""Questions asked, their hits and answers compared with what is known of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any

import numpy as np

from memctl.ingest import UsageError
from memctl.query.answers.answer import Answer
from memctl.query.answers.asker import Asker
from memctl.query.answers.conversation import made_whole
from memctl.query.batch import Question, search_batch
from memctl.query.evaluation.answering import plain, share
from memctl.query.evaluation.case import Case
from memctl.query.evaluation.items import items, relevances
from memctl.query.evaluation.judge import Judge
from memctl.query.evaluation.measure import TIMES, Measure, Unit
from memctl.query.evaluation.places import Place, locate
from memctl.query.evaluation.ranking import measured
from memctl.query.evaluation.report import Entry, Found, Report
from memctl.query.evaluation.tally import Share
from memctl.query.evaluation.trec import ranked
from memctl.query.filters import Filter
from memctl.query.hit import Hit
from memctl.query.how import How
from memctl.query.search import Searcher

DEPTH = 100
_SHOWN, _LETTERS = 5, 120  # hits of a question that a report keeps, and how much of each
_TIMED = 32  # questions that are asked alone, for the time that one takes
_TOGETHER = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """How to evaluate: by which measures, how to search, and with what to answer, if at all.

    ``depth`` is how many hits are looked at. ``lenient`` counts evidence in a document that is not
    in the store as not found; so is counted what stands ``once``, that was there in the baseline.
    ``price`` is that of a million tokens, read and written.
    """

    measures: tuple[Measure, ...]
    how: How
    _: KW_ONLY
    depth: int = DEPTH
    filters: tuple[Filter, ...] = ()
    asker: Asker | None = None
    judge: Judge | None = None
    lenient: bool = False
    once: frozenset[str] = frozenset()
    price: tuple[float, float] | None = None

    def of_kind(self, kind: str) -> list[Measure]:
        """Return the measures of one kind."""
        return [each for each in self.measures if each.kind == kind]


@dataclass(frozen=True, slots=True)
class Asked:
    """A case with its hits and, where it was asked for one, its answer."""

    case: Case
    hits: Sequence[Hit]
    _: KW_ONLY
    answer: Answer | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was asked, and what came of it; ``runs`` and ``qrels`` are the rankings by unit."""

    report: Report
    runs: Mapping[Unit, Mapping[str, Mapping[str, float]]] = field(default_factory=dict[Any, Any])
    qrels: Mapping[Unit, Mapping[str, Mapping[str, int]]] = field(default_factory=dict[Any, Any])


def evaluate(
    searcher: Searcher,
    cases: Sequence[Case],
    plan: Plan,
    *,
    settings: Mapping[str, Any],
    done: Callable[[int], None] = lambda _: None,
) -> Evaluation:
    """Ask all cases and measure what comes of them; ``done`` is told how many are asked.

    ``settings`` is what a report says of how it was made.

    Raises:
        UsageError: evidence is not in the store, or nothing is known that could be measured.
        MemctlError: a question cannot be answered, or a value is no number.
    """
    begun = time.perf_counter()
    places = locate(cases, searcher.store.catalog, lenient=plan.lenient, once=plan.once)
    asked: list[Asked] = []
    for each in _asked(searcher, cases, plan):
        asked.append(each)
        done(len(asked))
    values, runs, qrels = _rankings(asked, places, plan.of_kind("ranking"))
    judged = plan.judge.all((each.case, each.answer) for each in asked) if plan.judge else None
    for each in asked:
        if each.answer is not None:
            for measure in plan.of_kind("answer"):
                own = values.setdefault(each.case.id, {})
                if measure.name == "Judge":
                    if judged is not None and each.case.id in judged.shares:
                        own[str(measure)] = judged.shares[each.case.id]
                else:
                    found = places[each.case.id]
                    own[str(measure)] = share(measure.name, each.case, each.answer, found)
    report = Report(
        settings,
        _corpus(searcher),
        measures=tuple(str(measure) for measure in plan.measures),
        entries=tuple(
            _entry(each, places[each.case.id], values.get(each.case.id, {})) for each in asked
        ),
        usage=_usage(asked, plan.price),
        judge=judged.fields() if judged else {},
    )
    timings = _timings(searcher, asked, plan)
    timings["seconds"] = round(time.perf_counter() - begun, 3)
    return Evaluation(replace(report, timings=timings), runs, qrels)


def _asked(searcher: Searcher, cases: Sequence[Case], plan: Plan) -> Iterator[Asked]:
    """Yield the cases with their hits and answers, in order."""
    whole = {case.id: _whole(case.question, plan.asker) for case in cases}
    questions = [replace(case.question, text=whole[case.id]) for case in cases]
    for start in range(0, len(cases), _TOGETHER):
        part = questions[start : start + _TOGETHER]
        found = search_batch(searcher, part, plan.depth, filters=plan.filters, how=plan.how)
        for case, (question, hits) in zip(cases[start : start + _TOGETHER], found, strict=True):
            yield _answered(case, question.text, hits, plan)


def _whole(question: Question, asker: Asker | None) -> str:
    """Return a question as it is understood without the conversation before it."""
    if not question.turns:
        return question.text
    return asker.whole(question) if asker else made_whole(question.text, question.turns)


def _answered(case: Case, whole: str, hits: list[Hit], plan: Plan) -> Asked:
    asker = plan.asker
    if asker is None:
        return Asked(case, hits)
    begun = time.perf_counter()
    first = hits[: asker.asking.k] or asker.hits(case.question, whole, plan.filters)
    try:
        answer = asker.answer(case.question, first, plan.filters, asked=whole)
    except UsageError as error:
        raise UsageError(f"question {case.id}: {error.message}", hint=error.hint) from error
    if answer.fault:
        raise UsageError(f"question {case.id}: {answer.fault}")
    return Asked(case, hits, answer=answer, seconds=time.perf_counter() - begun)


def _rankings(
    asked: Sequence[Asked], places: Mapping[str, Sequence[Place]], measures: Sequence[Measure]
) -> tuple[dict[str, dict[str, Share]], dict[Unit, Any], dict[Unit, Any]]:
    """Return the values by question, and the runs and qrels that they were computed from."""
    values: dict[str, dict[str, Share]] = {}
    runs: dict[Unit, Any] = {}
    qrels: dict[Unit, Any] = {}
    units: list[Unit] = [measure.unit for measure in measures]
    for unit in sorted(set(units)):
        judged = {each.case.id: relevances(places[each.case.id], unit) for each in asked}
        qrels[unit] = {id_: found for id_, found in judged.items() if any(found.values())}
        runs[unit] = {
            each.case.id: ranked(items(each.hits, places[each.case.id], unit))
            for each in asked
            if each.case.id in qrels[unit]
        }
        if not qrels[unit]:
            raise UsageError(
                f"no question has evidence that names a {unit}",
                hint='Give "evidence", or --qrels, or measure something else: --measures',
            )
        some = [measure for measure in measures if measure.unit == unit]
        for measure, found in measured(runs[unit], qrels[unit], some).items():
            for id_, value in found.items():
                values.setdefault(id_, {})[str(measure)] = (value, 1.0)
    return values, runs, qrels


def _entry(asked: Asked, places: Sequence[Place], values: Mapping[str, Share]) -> Entry:
    helpful = [place for place in places if place.relevance > 0]
    ranks: dict[str, int | None] = {place.document: None for place in helpful}
    for hit in reversed(asked.hits):
        if hit.document in ranks:
            ranks[hit.document] = hit.rank
    answer = asked.answer
    return Entry(
        asked.case.id,
        asked.case.question.text,
        tags=asked.case.tags,
        # As a report keeps them, so that a run compares with its own report as the same.
        values={name: (round(counts, 6), of) for name, (counts, of) in values.items()},
        evidence=ranks,
        hits=tuple(_found(hit, helpful) for hit in asked.hits[:_SHOWN]),
        answer=plain(answer) if answer else "",
        abstained=answer.abstained if answer else None,
        right_answers=asked.case.answers,
    )


def _found(hit: Hit, places: Sequence[Place]) -> Found:
    span = (hit.chunk.start, hit.chunk.end)
    text = " ".join(hit.chunk.text.split())
    return Found(
        hit.document,
        pages=hit.chunk.pages,
        start=span[0],
        end=span[1],
        right=any(place.held_by(hit.document, span, hit.chunk.pages) for place in places),
        text=text if len(text) <= _LETTERS else f"{text[:_LETTERS]}…",
    )


def _corpus(searcher: Searcher) -> dict[str, Any]:
    counts = searcher.store.catalog.counts()
    return {"documents": counts.documents, "chunks": counts.chunks}


def _usage(asked: Sequence[Asked], price: tuple[float, float] | None) -> dict[str, float]:
    spent = [each.answer.usage for each in asked if each.answer is not None]
    if not spent:
        return {}
    read = sum(each.prompt_tokens for each in spent)
    written = sum(each.completion_tokens for each in spent)
    usage: dict[str, float] = {"prompt_tokens": read, "completion_tokens": written}
    if price is not None:
        usage["cost"] = round((read * price[0] + written * price[1]) / 1e6, 6)
    return usage


def _timings(searcher: Searcher, asked: Sequence[Asked], plan: Plan) -> dict[str, Any]:
    """Return how long single questions take: of some the search, of all the answer."""
    step = max(len(asked) // _TIMED, 1)
    some = [each.case.question for each in asked[::step][:_TIMED]]
    search: list[float] = []
    for question in some:
        begun = time.perf_counter()
        list(search_batch(searcher, [question], 10, filters=plan.filters, how=plan.how))
        search.append(time.perf_counter() - begun)
    timings: dict[str, Any] = {"searched_alone": len(search)}
    answers = [each.seconds for each in asked if each.answer is not None]
    for name, part in TIMES.items():
        found = answers if name.startswith("answer-") else search
        if found:
            timings[name] = round(float(np.quantile(found, part)), 4)
    return timings
