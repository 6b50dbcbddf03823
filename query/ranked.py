"""The candidates of a question in their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from memctl.query.candidates import Candidates, Scores
from memctl.query.hit import Stage


@dataclass(frozen=True, slots=True)
class Ranked:
    """A row with its score, and what each stage said of it."""

    row: int
    score: float
    stages: tuple[Stage, ...]


def ranked(found: Candidates, scores: Scores, *, joined: bool) -> list[Ranked]:
    """Return the candidates best first; ``joined`` says that the scores come from both legs."""
    order = np.lexsort((found.rows, -scores))
    return [
        Ranked(
            int(found.rows[at]),
            float(scores[at]),
            tuple(_stages(found, at, fused=(rank, float(scores[at])) if joined else None)),
        )
        for rank, at in enumerate(order.tolist(), start=1)
    ]


def _stages(found: Candidates, at: int, *, fused: tuple[int, float] | None) -> Iterator[Stage]:
    legs = (
        ("dense", found.dense, found.dense_ranks),
        ("lexical", found.lexical, found.lexical_ranks),
    )
    for name, scores, ranks in legs:
        if not np.isnan(scores[at]):
            yield Stage(name, int(ranks[at]) or None, score=float(scores[at]))
    if fused is not None:
        yield Stage("fused", fused[0], score=fused[1])
