"""What an evaluation is to ask and to measure: the options of a user made into a plan."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memctl.cli.answering import Ways
from memctl.cli.evaluation.progressing import questions_done
from memctl.cli.evaluation.verdict import Verdict
from memctl.cli.output import talk

if TYPE_CHECKING:
    from memctl.query import Filter, How, Searcher
    from memctl.query.evaluation import Case, Evaluation, Gate, Measure, Plan, Report, Tracer


@dataclass(frozen=True, slots=True)
class Answered:
    """Whether and how questions are answered."""

    _: KW_ONLY
    ask: bool = False
    llm: str = ""
    passages: int = 8
    verify: Any = "warn"
    judge: str = ""
    price: str = ""

    @property
    def wanted(self) -> bool:
        """Whether answers are asked for by an option."""
        return self.ask or bool(self.llm) or bool(self.judge)


@dataclass(frozen=True, slots=True)
class Searching:
    """How questions are searched for, as the options say it."""

    mode: Any = "hybrid"
    _: KW_ONLY
    fusion: str = "adaptive"
    candidates: int = 100
    reranker: str = ""
    rerank: bool = False
    filters: tuple[Filter, ...] = ()
    k: int = 100
    index: str = "default"

    @contextmanager
    def open(self, store: Path) -> Generator[Searcher]:
        """Open the store.

        Raises:
            MemctlError: there is no store, or no index that is asked for.
        """
        from memctl.query import Searcher

        with Searcher.open(store, self.index, mode=self.mode) as searcher:
            yield searcher

    def how(self, searcher: Searcher) -> How:
        """Return the way to search."""
        from memctl.query import Fusion, How

        return How(
            self.mode,
            fusion=Fusion.parse(self.fusion),
            candidates=self.candidates,
            reranker=searcher.reranker(self.reranker) if self.rerank or self.reranker else None,
            synonyms=searcher.synonyms(),
        )

    def settings(self, searcher: Searcher) -> dict[str, Any]:
        """Return what a report says of the search."""
        found: dict[str, Any] = {
            "mode": self.mode,
            "fusion": self.fusion,
            "candidates": self.candidates,
            "reranker": self.reranker or ("built-in" if self.rerank else "none"),
            "filters": list(map(str, self.filters)),
            "k": self.k,
            "embedder": searcher.store.fingerprint,
        }
        if searcher.dense is not None:
            manifest = searcher.dense.manifest
            found |= {"index": self.index, "type": manifest.type, "factory": manifest.factory}
        return found


@dataclass(frozen=True, slots=True)
class Request:
    """What is measured, and what is demanded of it."""

    measures: tuple[Measure, ...]
    gates: tuple[Gate, ...]
    _: KW_ONLY
    name: str
    base: Report | None
    alpha: float
    min_delta: float
    strict: bool

    @property
    def once(self) -> frozenset[str]:
        """The documents that held evidence in the baseline, by path and by the name of a row."""
        if self.base is None:
            return frozenset()
        paths = {path for entry in self.base.entries for path in entry.evidence}
        return frozenset(paths | {path.partition("#")[2] for path in paths if "#" in path})

    def verdict(self, evaluation: Evaluation, tracer: Tracer | None) -> Verdict:
        """Return what an evaluation comes to.

        Raises:
            MemctlError: a demand cannot be told, or the baseline is of other questions.
        """
        from memctl.query.evaluation import changes, check, compare_reports

        report = evaluation.report
        checked = tuple(check(report, self.gates))
        verdict = Verdict(evaluation, name=self.name, checked=checked, strict=self.strict)
        if self.base is None:
            return verdict
        compared = compare_reports(self.base, report, alpha=self.alpha, min_delta=self.min_delta)
        return Verdict(
            evaluation,
            name=self.name,
            checked=checked,
            base=self.base,
            comparison=compared,
            changes=tuple(changes(self.base, report, compared, tracer=tracer)),
            strict=self.strict,
        )


def chosen_measures(
    named: tuple[Measure, ...], gates: tuple[Gate, ...], answered: Answered, *, run: bool
) -> tuple[Measure, ...]:
    """Return the measures: those that are named, else the usual ones, and those of the demands."""
    from memctl.query.evaluation import DEFAULT_ANSWERS, DEFAULT_RANKING, Measure

    demanded = tuple(gate.measure for gate in gates)
    if named:
        found = named
    else:
        answers = answered.wanted or any(each.kind == "answer" for each in demanded)
        usual = (*DEFAULT_RANKING, *(DEFAULT_ANSWERS if answers and not run else ()))
        found = tuple(Measure(name) for name in usual)
    judge = (Measure("Judge"),) if answered.judge else ()
    return tuple(dict.fromkeys((*found, *judge, *demanded)))


def tagged(cases: list[Case], tags: list[str]) -> list[Case]:
    """Return the cases that have one of ``tags``; all where none is given.

    Raises:
        UsageError: no case has one.
    """
    from memctl.ingest import UsageError

    some = [case for case in cases if not tags or set(tags) & set(case.tags)]
    if not some:
        known = sorted({tag for case in cases for tag in case.tags})
        raise UsageError(
            f"no question has the tag {', '.join(tags)}",
            hint=f"Tags: {', '.join(known[:20])}" if known else "No question has a tag.",
        )
    return some


def planned(
    searcher: Searcher,
    ways: Searching,
    answered: Answered,
    asked: Request,
    *,
    lenient: bool,
    runs: int,
) -> tuple[Plan, dict[str, Any]]:
    """Return how to evaluate, and what a report says of it.

    Raises:
        MemctlError: a model is not known, or what it needs is missing.
    """
    from memctl.query import language_model
    from memctl.query.evaluation import Judge, Plan

    how, settings = ways.how(searcher), ways.settings(searcher)
    asker = judge = None
    if answered.wanted or any(each.kind == "answer" for each in asked.measures):
        with_model = Ways(answered.llm, k=answered.passages, mode=ways.mode, verify=answered.verify)
        writer = with_model.writer()
        asker = with_model.asker(searcher, writer)
        settings |= {
            "model": writer.name if writer else "extractive",
            "passages": answered.passages,
            "verify": answered.verify,
        }
    if answered.judge:
        judge = Judge(language_model(answered.judge), runs)
        settings |= {"judge": answered.judge, "judge_runs": runs}
    plan = Plan(
        asked.measures,
        how,
        depth=max(ways.k, *(each.depth for each in asked.measures)),
        filters=ways.filters,
        asker=asker,
        judge=judge,
        lenient=lenient,
        once=asked.once,
        price=price_of(answered.price),
    )
    return plan, settings


def price_of(text: str) -> tuple[float, float] | None:
    """Read a price of tokens, read and written.

    Raises:
        UsageError: it is none.
    """
    from memctl.ingest import UsageError

    if not text:
        return None
    try:
        read, written = (float(each) for each in text.split("/"))
    except ValueError as error:
        raise UsageError(f"{text!r} is no price", hint="Write it as 0.15/0.60") from error
    if not (0 <= read < float("inf") and 0 <= written < float("inf")):
        raise UsageError(f"{text!r} is no price", hint="Write it as 0.15/0.60")
    return read, written


def evaluated(
    searcher: Searcher, cases: list[Case], plan: Plan, settings: dict[str, Any], *, cache: bool
) -> Evaluation:
    """Return the evaluation, from the cache where nothing has changed since."""
    from memctl.query.evaluation import evaluate_once

    with questions_done(len(cases)) as done:
        found, kept = evaluate_once(
            searcher, cases, plan, settings=settings, cache=cache, done=done
        )
    if kept:
        talk(
            "Nothing changed since this was measured: taken from the cache (--no-cache asks anew)."
        )
    return found
