"""How much of exact search an index finds, measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import NDArray

from memctl.index.library import faiss
from memctl.index.sample import Rows, RowSource
from memctl.ingest import Vectors

Scores = NDArray[np.float64]
# Finds rows (n, k) for queries (n, dimension); -1 where there are fewer than k.
Search = Callable[[Vectors, int], Rows]
_TIE = 1e-5
_ROUNDS = 2_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the ends of its 95 % interval (percentile bootstrap over the queries)."""

    mean: float
    low: float
    _: KW_ONLY
    high: float


@dataclass(frozen=True, slots=True)
class Trial:
    """Queries with their ``k`` exact neighbours, best first, and the cosines of these.

    ``own`` is the row that a query itself has in the index, or -1: it is no neighbour.
    """

    queries: Vectors
    own: Rows
    _: KW_ONLY
    rows: Rows
    cosines: Vectors


def trial(queries: Vectors, own: Rows, *, source: RowSource, rows: Rows, k: int) -> Trial:
    """Find the exact neighbours of ``queries`` among ``rows`` by reading every vector."""
    library = faiss()
    wanted = max(min(k + 1, len(rows)), 1)
    heap = library.ResultHeap(len(queries), wanted, keep_max=True)
    for part, block in source.blocks(rows):
        scores, at = library.knn(
            queries, block, min(wanted, len(part)), metric=library.METRIC_INNER_PRODUCT
        )
        heap.add_result(scores, part[at])
    heap.finalize()
    found, cosines = _without(heap.I, heap.D, own)
    return Trial(queries, own, rows=found, cosines=cosines)


def recalls(done: Trial, search: Search, *, source: RowSource, k: int) -> Scores:
    """Return, for each query, the share of its k exact neighbours that ``search`` finds.

    What is as near as the k-th exact neighbour counts as it: equal texts are as good as each other.
    """
    k = min(k, done.rows.shape[1])
    found = search(done.queries, k + 1)
    found, _ = _without(found, np.zeros(found.shape, dtype=np.float32), done.own)
    hits = np.zeros(len(found), dtype=np.float64)
    for at, line in enumerate(found[:, :k]):
        known = line[line >= 0]
        cosines = source.take(known) @ done.queries[at]
        hits[at] = min(int((cosines >= done.cosines[at, k - 1] - _TIE).sum()), k)
    return hits / k


def interval(values: Scores, *, seed: int) -> Interval:
    """Return the mean of ``values`` with its 95 % interval."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, values.size, (_ROUNDS, values.size))
    low, high = np.percentile(values[picks].mean(axis=1), [2.5, 97.5])
    return Interval(
        round(float(values.mean()), 4), round(float(low), 4), high=round(float(high), 4)
    )


def _without(rows: Rows, cosines: Vectors, own: Rows) -> tuple[Rows, Vectors]:
    """Drop from each line the query's own row, or else the last one."""
    if rows.shape[1] < 2:
        return rows, cosines
    mine = (rows == own[:, None]) & (rows >= 0)  # -1 is no row: less was found than asked for
    mine[~mine.any(axis=1), -1] = True
    shape = (rows.shape[0], rows.shape[1] - 1)
    return rows[~mine].reshape(shape), cosines[~mine].reshape(shape)
