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

    Surely: two standard errors above, or all of it. Cheap by ``cost``, which no other work of the
    machine can change: the same index is always searched the same way.
    """

    def price(point: Point) -> float:
        return cost(point.effort, engine.spec, count=len(engine.rows))

    def measure(effort: Effort) -> Point:
        return measured(engine, effort, done, source=source)

    points = _explored(engine, measure, target=target, price=price)
    good = [point for point in points if reaches(point, target)]
    if good:
        return min(good, key=price).effort
    return max(points, key=lambda point: (point.recall, -price(point))).effort


def explore(engine: Engine, done: Trial, *, source: RowSource, target: float) -> list[Point]:
    """Measure recall and time of the efforts around ``target``, and return their front."""

    def measure(effort: Effort) -> Point:
        return timed(engine, effort, done, source=source)

    return front(_explored(engine, measure, target=target, price=lambda point: point.milliseconds))


def _explored(
    engine: Engine,
    measure: Callable[[Effort], Point],
    *,
    target: float,
    price: Callable[[Point], float],
) -> list[Point]:
    """Measure, for each number of lists, the least of the rest that suffices.

    It is found by halving, since recall only grows. More lists are left out once the least of them
    costs more than what suffices already.
    """
    points: list[Point] = []
    efforts = ladder(engine.spec, len(engine.rows))
    for _, found in groupby(efforts, key=lambda effort: effort.nprobe):
        group = list(found)
        least = measure(group[0])
        good = [point for point in points if reaches(point, target)]
        if good and price(least) >= min(map(price, good)):
            break
        points += [least, *_least(group[1:], measure, target=target)]
    return points


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
    if not group:
        return []
    points = [measure(group[-1])]
    low, high = 0, len(group) - 1
    if not reaches(points[0], target):
        return points
    while low < high:
        middle = (low + high) // 2
        points.append(measure(group[middle]))
        if reaches(points[-1], target):
            high = middle
        else:
            low = middle + 1
    return points


def reaches(point: Point, target: float) -> bool:
    """Tell whether a recall is surely ``target``."""
    return point.recall >= min(target + _ERRORS * point.error, 1.0)
