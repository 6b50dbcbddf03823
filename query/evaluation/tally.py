"""A measure over questions: sums of what counts over sums of what could count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Share = tuple[float, float]  # what counts, what could count; (value, 1) for a plain value
NONE: Share = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Tally:
    """One measure of one system: ``counts`` (n,) over ``of`` (n,), a question a place.

    The measure is the sum of the one over that of the other: the mean where every ``of`` is 1, and
    for shares such as citation precision the share over all citations.
    """

    counts: Floats
    of: Floats

    @classmethod
    def of_shares(cls, shares: Sequence[Share]) -> Tally:
        """Return the tally of shares."""
        both = np.array(shares, dtype=np.float64).reshape(-1, 2)
        return cls(both[:, 0], both[:, 1])

    @property
    def value(self) -> float:
        """The measure; NaN where nothing could count."""
        total = float(self.of.sum())
        return float(self.counts.sum()) / total if total else float("nan")

    @property
    def questions(self) -> int:
        """How many questions it speaks of."""
        return int(np.count_nonzero(self.of))


def aligned(found: Mapping[str, Share], questions: Sequence[str]) -> Tally:
    """Return the tally of ``questions`` in their order; one without a share counts nothing."""
    return Tally.of_shares([found.get(each, NONE) for each in questions])
