"""``memctl eval run``: ask questions whose answers are known, and measure."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from memctl.cli.answering import Ways
from memctl.cli.asking import Verify, VerifyOption
from memctl.cli.evaluation.options import (
    AllowMissingOption,
    AlphaOption,
    AskOption,
    BaselineOption,
    CacheOption,
    DepthOption,
    FailOn,
    FailOnOption,
    FailUnderOption,
    JudgeOption,
    JudgeRunsOption,
    MeasuresOption,
    MinDeltaOption,
    OutsOption,
    PassagesOption,
    PriceOption,
    QrelsOption,
    QuestionsArgument,
    RunOption,
    SplitOption,
    TagOption,
    WriterOption,
)
from memctl.cli.evaluation.outs import Out, parse_outs, write
from memctl.cli.evaluation.progressing import questions_done
from memctl.cli.evaluation.table import table
from memctl.cli.evaluation.verdict import Verdict
from memctl.cli.options import (
    DEFAULT_STORE,
    FilterOption,
    IndexOption,
    JsonOption,
    StoreOption,
)
from memctl.cli.output import command, emit, say, talk
from memctl.cli.query import warn_if_behind
from memctl.cli.searching import (
    CandidatesOption,
    FusionOption,
    Mode,
    ModeOption,
    RerankerOption,
    RerankOption,
)

if TYPE_CHECKING:
    from memctl.query import Filter, How, Searcher
    from memctl.query.evaluation import Case, Evaluation, Gate, Measure, Plan, Report, Tracer

_MISSED = 3


@command
def run_cli(
    questions: QuestionsArgument,
    measures: MeasuresOption = "",
    k: DepthOption = 100,
    qrels: QrelsOption = None,
    split: SplitOption = "test",
    tags: TagOption = None,
    allow_missing: AllowMissingOption = False,
    run: RunOption = None,
    mode: ModeOption = Mode.hybrid,
    fusion: FusionOption = "adaptive",
    candidates: CandidatesOption = 100,
    rerank: RerankOption = False,
    reranker: RerankerOption = "",
    filters: FilterOption = None,
    ask: AskOption = False,
    llm: WriterOption = "",
    passages: PassagesOption = 8,
    verify: VerifyOption = Verify.warn,
    judge: JudgeOption = "",
    judge_runs: JudgeRunsOption = 3,
    price: PriceOption = "",
    fail_under: FailUnderOption = "",
    baseline: BaselineOption = None,
    fail_on: FailOnOption = FailOn.regression,
    alpha: AlphaOption = 0.05,
    min_delta: MinDeltaOption = 0.01,
    outs: OutsOption = None,
    cache: CacheOption = True,
    index: IndexOption = "default",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Measure how well questions are found and answered; exit with 3 when that is not good enough.

    Example: memctl eval run questions.jsonl --fail-under 'nDCG@10>=0.6'

    Against an earlier run: memctl eval run questions.jsonl --out base.json, and later
    memctl eval run questions.jsonl --baseline base.json --out report.html
    """
    from memctl.query import Filter
    from memctl.query.evaluation import load, parse_gates, parse_measures, read_cases

    written = parse_outs(outs or [])
    demanded = parse_gates(fail_under) if fail_under else ()
    answered = Answered(
        ask=ask, llm=llm, passages=passages, verify=verify.value, judge=judge, price=price
    )
    asked = Request(
        chosen_measures(parse_measures(measures), demanded, answered, run=run is not None),
        demanded,
        name=questions.name,
        base=load(baseline) if baseline else None,
        alpha=alpha,
        min_delta=min_delta,
        strict=fail_on is FailOn.regression,
    )
    cases = tagged(read_cases(questions, qrels=qrels, split=split), tags or [])
    if run is not None:
        _finish(asked.verdict(_saved(run, cases, asked), None), written, as_json=as_json)
        return
    ways = Searching(
        mode.value,
        fusion=fusion,
        candidates=candidates,
        reranker=reranker,
        rerank=rerank,
        filters=tuple(Filter.parse(each) for each in filters or []),
        k=k,
        index=index,
    )
    with ways.open(store) as searcher:
        warn_if_behind(searcher, store)
        plan, settings = planned(
            searcher, ways, answered, asked, lenient=allow_missing, runs=judge_runs
        )
        evaluation = evaluated(searcher, cases, plan, settings, cache=cache)
        from memctl.query.evaluation import Tracer

        tracer = Tracer(searcher, plan.how, plan.filters)
        verdict = asked.verdict(evaluation, tracer)
    _finish(verdict, written, as_json=as_json)


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


def _saved(run: Path, cases: list[Case], asked: Request) -> Evaluation:
    from memctl.query.evaluation import evaluate_run, read_run

    return evaluate_run(cases, read_run(run), asked.measures, settings={"run": run.name})


def _finish(verdict: Verdict, outs: list[Out], *, as_json: bool) -> None:
    """Write and show a verdict, and end with the code that says whether all holds."""
    write(verdict, outs)
    if as_json:
        emit("memctl.eval/1", verdict.fields())
    else:
        for line in table(verdict):
            say(line)
        if outs:
            talk(f"Written: {', '.join(str(file) for _, file in outs)}")
    for failure in verdict.failures:
        talk(failure, label="memctl:", style="31")
    if verdict.failures:
        raise typer.Exit(_MISSED)
