"""A saved run, measured as it is: without a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memctl.ingest import UsageError
from memctl.query.batch import trec_word
from memctl.query.evaluation.case import Case
from memctl.query.evaluation.measure import Measure
from memctl.query.evaluation.ranking import measured
from memctl.query.evaluation.report import Entry, Report
from memctl.query.evaluation.run import Evaluation
from memctl.query.evaluation.trec import Run


def evaluate_run(
    cases: Sequence[Case], run: Run, measures: Sequence[Measure], *, settings: Mapping[str, Any]
) -> Evaluation:
    """Measure a run by the documents that the evidence of the cases names.

    Raises:
        UsageError: a measure is not of ranked documents, or the run lacks a question.
    """
    for measure in measures:
        if measure.kind != "ranking" or measure.unit != "document":
            raise UsageError(
                f"{measure} cannot be told of a run", hint="A run ranks documents: nDCG@10, RR."
            )
    names = {trec_word(case.id): case for case in cases}
    qrels: dict[str, dict[str, int]] = {}
    for name, case in names.items():
        judged: dict[str, int] = {}
        for each in case.judgements:
            document = trec_word(each.document)
            judged[document] = max(each.relevance, judged.get(document, 0))
        if any(judged.values()):
            qrels[name] = judged
    values = measured(run, qrels, measures)
    entries = tuple(
        Entry(
            case.id,
            case.question.text,
            tags=case.tags,
            values={str(each): (round(values[each][name], 6), 1.0) for each in measures},
            evidence=_ranks(run[name], qrels[name]),
            right_answers=case.answers,
        )
        for name, case in names.items()
        if name in qrels
    )
    report = Report(settings, {}, measures=tuple(map(str, measures)), entries=entries)
    return Evaluation(
        report, {"document": {name: run[name] for name in qrels}}, {"document": qrels}
    )


def _ranks(scores: Mapping[str, float], judged: Mapping[str, int]) -> dict[str, int | None]:
    """Return the rank of each relevant document, ties as trec_eval has them."""
    order = sorted(scores, key=lambda item: (scores[item], item), reverse=True)
    places = {item: rank for rank, item in enumerate(order, start=1)}
    return {item: places.get(item) for item, relevance in judged.items() if relevance > 0}
