"""How sure a measure is, and whether a difference of two systems is more than chance.

The test is the paired randomisation test (Smucker, Allan and Carterette, CIKM 2007): were the
systems the same, each question's two results could as well be exchanged. All measures are exchanged
together, and the largest standardised difference among them is compared (Westfall and Young's
step-down maxT, 1993), so that many measures, correlated as they are, raise no more false alarms
than one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np

from memctl.query.evaluation.tally import Floats, Tally

ROUNDS = 10_000
_SEED = 20_240_501
_BLOCK = 1_000
_SAME = 1e-12


@dataclass(frozen=True, slots=True)
class Difference:
    """How a measure of a new system differs from that of an old one.

    ``p_lower`` is the chance of so low a difference were both the same, ``p_higher`` of so high a
    one; both are corrected for the number of measures that were tested with it.
    """

    old: float
    new: float
    _: KW_ONLY
    p_lower: float
    p_higher: float

    @property
    def delta(self) -> float:
        """The new value less the old one."""
        return self.new - self.old


def interval(tally: Tally, *, rounds: int = 2_000, seed: int = _SEED) -> tuple[float, float]:
    """Return the ends of the 95 % interval of a measure: percentile bootstrap over questions."""
    spoken = tally.of > 0
    counts, of = tally.counts[spoken], tally.of[spoken]
    if not of.size:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    values = np.empty(rounds)
    for start in range(0, rounds, _BLOCK):
        picks = rng.integers(0, of.size, (min(_BLOCK, rounds - start), of.size))
        values[start : start + len(picks)] = counts[picks].sum(1) / of[picks].sum(1)
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def compare(
    old: Sequence[Tally], new: Sequence[Tally], *, rounds: int = ROUNDS, seed: int = _SEED
) -> list[Difference]:
    """Compare two systems by several measures over the same questions.

    Each pair of tallies has the same questions in the same order, all pairs the same number. With
    few questions all exchanges are tried, else ``rounds`` random ones.

    Raises:
        ValueError: the numbers of questions or measures differ.
    """
    if len(old) != len(new) or len({each.of.size for each in (*old, *new)}) > 1:
        raise ValueError("two systems are compared by the same measures over the same questions")
    if not old:
        return []
    seen = np.array([b.value - a.value for a, b in zip(old, new, strict=True)])
    found = np.concatenate(list(_exchanged(old, new, rounds=rounds, seed=seed)))
    spread = found.std(axis=0)
    spread[spread < _SAME] = 1.0
    lower = _corrected(-seen / spread, -found / spread, whole=_whole(old[0].of.size, rounds))
    higher = _corrected(seen / spread, found / spread, whole=_whole(old[0].of.size, rounds))
    return [
        Difference(a.value, b.value, p_lower=float(low), p_higher=float(high))
        for a, b, low, high in zip(old, new, lower, higher, strict=True)
    ]


def _whole(questions: int, rounds: int) -> bool:
    """Tell whether all exchanges can be tried."""
    return questions < 63 and 2**questions <= rounds


def _choices(questions: int, *, rounds: int, seed: int) -> Iterator[Floats]:
    """Yield blocks (b, n) of exchanges: 1 where a question's results change places."""
    if _whole(questions, rounds):
        numbers = np.arange(2**questions)[:, None]
        yield ((numbers >> np.arange(questions)) & 1).astype(np.float64)
        return
    rng = np.random.default_rng(seed)
    for start in range(0, rounds, _BLOCK):
        shape = (min(_BLOCK, rounds - start), questions)
        yield rng.integers(0, 2, shape).astype(np.float64)


def _exchanged(
    old: Sequence[Tally], new: Sequence[Tally], *, rounds: int, seed: int
) -> Iterator[Floats]:
    """Yield the differences (b, m) after exchanges of questions; 0 where one is not defined."""
    counts = np.stack([b.counts - a.counts for a, b in zip(old, new, strict=True)], axis=1)
    of = np.stack([b.of - a.of for a, b in zip(old, new, strict=True)], axis=1)
    old_sums = np.array([(each.counts.sum(), each.of.sum()) for each in old]).T
    new_sums = np.array([(each.counts.sum(), each.of.sum()) for each in new]).T
    for swaps in _choices(len(counts), rounds=rounds, seed=seed):
        moved, moved_of = swaps @ counts, swaps @ of
        first = _ratio(old_sums[0] + moved, old_sums[1] + moved_of)
        second = _ratio(new_sums[0] - moved, new_sums[1] - moved_of)
        yield np.nan_to_num(second - first)


def _ratio(counts: Floats, of: Floats) -> Floats:
    made: Floats = np.divide(counts, of, out=np.full(counts.shape, np.nan), where=of > 0.5)
    return made


def _corrected(seen: Floats, found: Floats, *, whole: bool) -> Floats:
    """Return the step-down maxT p-value (m,) of each statistic; ``found`` (b, m) is by chance."""
    order = np.argsort(-seen)
    p = np.empty(len(seen))
    # From the least to the greatest: the maximum over a measure and all that are no greater.
    highest = np.maximum.accumulate(found[:, order[::-1]], axis=1)[:, ::-1]
    last = 0.0
    for place, measure in enumerate(order):
        as_high = int((highest[:, place] >= seen[measure] - _SAME).sum())
        # A random sample counts what was seen as one more of it: so no p-value is zero.
        share = as_high / len(found) if whole else (as_high + 1) / (len(found) + 1)
        last = max(last, share)
        p[measure] = last
    return p
