"""The candidates of a question in their order."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace

import numpy as np

from memctl.query.candidates import Candidates, Scores
from memctl.query.hit import Stage

_K = 60  # of reciprocal rank fusion


@dataclass(frozen=True, slots=True)
class Ranked:
    """A row with its score. ``found`` are the candidates of its question, ``place`` its own there.

    ``rank`` is the one that the search gave it, and ``joined`` its score from both legs, or NaN.
    """

    row: int
    score: float
    _: KW_ONLY
    found: Candidates
    place: int
    rank: int
    joined: float

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What each stage said of it; made when it is asked for, as most rows are not shown."""
        return tuple(_stages(self))


def ranked(found: Candidates, scores: Scores, *, joined: bool) -> list[Ranked]:
    """Return the candidates best first; ``joined`` says that the scores come from both legs."""
    order = np.lexsort((found.rows, -scores)).tolist()
    rows, values = found.rows.tolist(), scores.tolist()
    return [
        Ranked(
            rows[at],
            values[at],
            found=found,
            place=at,
            rank=rank,
            joined=values[at] if joined else math.nan,
        )
        for rank, at in enumerate(order, start=1)
    ]


def together(orders: Sequence[Sequence[Ranked]]) -> list[Ranked]:
    """Return several orders of candidates as one, by reciprocal ranks; one order stays as it is.

    The stages of a row are those of the order that has it first.
    """
    if len(orders) == 1:
        return list(orders[0])
    scores: dict[int, float] = {}
    best: dict[int, tuple[int, Ranked]] = {}
    for order in orders:
        for rank, each in enumerate(order, start=1):
            scores[each.row] = scores.get(each.row, 0.0) + 1 / (_K + rank)
            if each.row not in best or rank < best[each.row][0]:
                best[each.row] = rank, each
    rows = sorted(scores, key=lambda row: (-scores[row], row))
    return [replace(best[row][1], score=scores[row]) for row in rows]


def _stages(its: Ranked) -> Iterator[Stage]:
    found, at = its.found, its.place
    legs = (
        ("dense", found.dense, found.dense_ranks),
        ("lexical", found.lexical, found.lexical_ranks),
    )
    for name, scores, ranks in legs:
        if not np.isnan(scores[at]):
            yield Stage(name, int(ranks[at]) or None, score=float(scores[at]))
    if not math.isnan(its.joined):
        yield Stage("fused", its.rank, score=its.joined)
