"""Measures of rankings, as trec_eval computes them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from memctl.ingest import MemctlError, UsageError
from memctl.query.evaluation.measure import Measure, ir_measures, providers
from memctl.query.evaluation.trec import Run

Qrels = Mapping[str, Mapping[str, int]]  # question -> item -> relevance


def measured(
    run: Run, qrels: Qrels, measures: Sequence[Measure]
) -> dict[Measure, dict[str, float]]:
    """Return the value of each measure for each question of ``qrels``.

    Items with equal scores stand in the order in which trec_eval puts them. A question that was
    asked and found nothing has an empty entry in ``run``, and 0 by every measure.

    Raises:
        UsageError: no question is judged, or one is not in the run at all.
        MemctlError: a value is no number.
    """
    missing = [question for question in qrels if question not in run]
    if not qrels:
        raise UsageError("no question has evidence", hint='Give "evidence" or --qrels.')
    if missing:
        raise UsageError(
            f"the run lacks {len(missing)} of {len(qrels)} questions, such as {missing[0]!r}",
            hint="Make it from these questions.",
        )
    library = ir_measures()
    asked = {measure: measure.ranking() for measure in measures}
    values = {measure: dict.fromkeys(qrels, 0.0) for measure in measures}
    found = {question: dict(run[question]) for question in qrels if run[question]}
    judged = {question: dict(qrels[question]) for question in found}
    pipeline = library.providers.FallbackProvider(providers())
    computed = pipeline.iter_calc(list(asked.values()), judged, found) if found else ()
    by_library: dict[object, list[Measure]] = {}
    for measure, known in asked.items():
        by_library.setdefault(known, []).append(measure)
    for each in computed:
        if not math.isfinite(each.value):
            raise MemctlError(f"{each.measure} of {each.query_id} is {each.value}")
        for measure in by_library[each.measure]:
            values[measure][each.query_id] = _cut(measure, float(each.value))
    return values


def _cut(measure: Measure, value: float) -> float:
    """Return 0 for a reciprocal rank beyond the cutoff of RR@k, which trec_eval does not know."""
    beyond = measure.name.startswith("RR") and measure.depth and value < 1 / measure.depth - 1e-9
    return 0.0 if beyond else value
