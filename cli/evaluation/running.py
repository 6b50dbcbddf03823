"""``memctl eval run``: ask questions whose answers are known, and measure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

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
from memctl.cli.evaluation.request import (
    Answered,
    Request,
    Searching,
    chosen_measures,
    evaluated,
    planned,
    tagged,
)
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
    from memctl.query.evaluation import Case, Evaluation

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
