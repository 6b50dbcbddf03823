"""The candidates of a question in their order."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple, overload

import numpy as np

from memctl.query.candidates import Candidates, Scores
from memctl.query.hit import Stage

_K = 60  # of reciprocal rank fusion


class Ranked(NamedTuple):
    """A row with its score. ``found`` are the candidates of its question, ``place`` its own there.

    ``rank`` is the one that the search gave it, and ``joined`` its score from both legs, or NaN.
    """

    row: int
    score: float
    found: Candidates
    place: int
    rank: int
    joined: float

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What each stage said of it; made when it is asked for, as most rows are not shown."""
        return tuple(_stages(self))


class Order(Sequence[Ranked]):
    """The candidates of a question, best first; each is made when it is asked for."""

    def __init__(self, found: Candidates, scores: Scores, *, joined: bool) -> None:
        """Order them by their scores (n,); ``joined`` says that these come from both legs."""
        self._found, self._scores, self._joined = found, scores, joined
        self._places = np.lexsort((found.rows, -scores))

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> Ranked: ...
    @overload
    def __getitem__(self, at: slice) -> list[Ranked]: ...
    def __getitem__(self, at: int | slice) -> Ranked | list[Ranked]:
        """Return the candidate at a place, or those of several."""
        if isinstance(at, slice):
            return [self[each] for each in range(len(self))[at]]
        place = int(self._places[at])
        score = float(self._scores[place])
        return Ranked(
            int(self._found.rows[place]),
            score,
            self._found,
            place=place,
            rank=range(len(self))[at] + 1,
            joined=score if self._joined else math.nan,
        )


def together(orders: Sequence[Sequence[Ranked]]) -> Sequence[Ranked]:
    """Return several orders of candidates as one, by reciprocal ranks; one order stays as it is.

    The stages of a row are those of the order that has it first.
    """
    if len(orders) == 1:
        return orders[0]
    scores: dict[int, float] = {}
    best: dict[int, tuple[int, Ranked]] = {}
    for order in orders:
        for rank, each in enumerate(order, start=1):
            scores[each.row] = scores.get(each.row, 0.0) + 1 / (_K + rank)
            if each.row not in best or rank < best[each.row][0]:
                best[each.row] = rank, each
    rows = sorted(scores, key=lambda row: (-scores[row], row))
    return [best[row][1]._replace(score=scores[row]) for row in rows]


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
