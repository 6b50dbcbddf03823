"""Find the least effort that reaches a recall, and the front of recall against time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import groupby

import numpy as np

from memctl.index.effort import Effort, cost, ladder
from memctl.index.engine import Engine
from memctl.index.library import one_thread
from memctl.index.recall import Trial, recalls
from memctl.index.sample import RowSource

_REPEATS = 3
_ERRORS = 2.0  # standard errors that a recall has to be above its target


@dataclass(frozen=True, slots=True)
class Point:
    """An effort, with recall@10 and its standard error over the queries."""

    effort: Effort
    recall: float
    _: KW_ONLY
    error: float
    milliseconds: float = 0.0


def tune(engine: Engine, done: Trial, *, source: RowSource, target: float) -> Effort:
    """Return the cheapest effort whose recall@10 is surely ``target``, or else the best one.

    Surely: two standard errors above, or all of it. For each number of lists the least of the rest
    that suffices is found by halving, since recall only grows. Cheap by ``cost``, which no other
    work of the machine can change: the same index is always searched the same way.
    """
    points: list[Point] = []
    good: list[Point] = []

    def price(effort: Effort) -> float:
        return cost(effort, engine.spec, count=len(engine.rows))

    efforts = ladder(engine.spec, len(engine.rows))
    for _, found in groupby(efforts, key=lambda effort: effort.nprobe):
        group = list(found)
        if good and price(group[0]) >= min(price(point.effort) for point in good):
            break  # more lists only take longer
        points += _least(group, lambda e: measured(engine, e, done, source=source), target=target)
        good = [point for point in points if _reaches(point, target)]
    if good:
        return min(good, key=lambda point: price(point.effort)).effort
    return max(points, key=lambda point: (point.recall, -price(point.effort))).effort


def sweep(engine: Engine, done: Trial, *, source: RowSource) -> list[Point]:
    """Measure every effort, with its time, and return the front."""
    efforts = ladder(engine.spec, len(engine.rows))
    return front([timed(engine, effort, done, source=source) for effort in efforts])


def front(points: Sequence[Point]) -> list[Point]:
    """Return the points that no other beats in both recall and time, from fast to slow."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda p: (p.milliseconds, -p.recall)):
        if not kept or point.recall > kept[-1].recall:
            kept.append(point)
    return kept


def measured(engine: Engine, effort: Effort, done: Trial, *, source: RowSource) -> Point:
    """Measure the recall of an effort."""
    found = recalls(done, lambda q, n: engine.search(q, n, effort=effort)[0], source=source, k=10)
    error = float(found.std(ddof=1) / np.sqrt(found.size)) if found.size > 1 else 0.0
    return Point(effort, float(found.mean()), error=error)


def timed(engine: Engine, effort: Effort, done: Trial, *, source: RowSource) -> Point:
    """Measure the recall of an effort, and the milliseconds a query takes on one thread."""
    point = measured(engine, effort, done, source=source)
    taken: list[float] = []
    with one_thread():
        for _ in range(_REPEATS):
            begun = time.perf_counter()
            engine.search(done.queries, 10, effort=effort)
            taken.append(time.perf_counter() - begun)
    milliseconds = 1000 * min(taken) / len(done.queries)
    return Point(effort, point.recall, error=point.error, milliseconds=milliseconds)


def _least(
    group: Sequence[Effort], measure: Callable[[Effort], Point], *, target: float
) -> list[Point]:
    """Measure the most of the group, and if that suffices, the least that does."""
    points = [measure(group[-1])]
    low, high = 0, len(group) - 1
    if not _reaches(points[0], target):
        return points
    while low < high:
        middle = (low + high) // 2
        points.append(measure(group[middle]))
        if _reaches(points[-1], target):
            high = middle
        else:
            low = middle + 1
    return points


def _reaches(point: Point, target: float) -> bool:
    return point.recall >= min(target + _ERRORS * point.error, 1.0)
