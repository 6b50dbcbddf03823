"""Rows drawn from a store's vectors: to train on, to tune by, to certify with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import NDArray

from memctl.ingest import ReplacedError, Store, StoreError, Vectors

Rows = NDArray[np.int64]

BLOCK = 16_384  # rows in memory at a time
_UNIT = 0.01  # how far from 1 rounding to 16 bits can take the length of a vector, amply
_TUNING, _CERTIFYING = 500, 1_000
_PER_LIST = 64  # training points for each centroid
_LEAST = 65_536


@dataclass(frozen=True, slots=True)
class Draw:
    """Three sets of rows, sorted; with enough vectors no row is in two of them.

    What certifies an index has neither trained it nor chosen how it is searched.
    """

    training: Rows
    tuning: Rows
    _: KW_ONLY
    certifying: Rows


def draw(rows: Rows, *, nlist: int, seed: int) -> Draw:
    """Draw from ``rows``, the same for the same seed and rows.

    A third of the rows at most is kept from the training.
    """
    order = np.random.default_rng(seed).permutation(rows)
    third = max(rows.size // 3, 1)
    certifying = order[: min(_CERTIFYING, max(2 * third // 3, 1))]
    tuning = order[certifying.size : min(certifying.size + _TUNING, third)]
    rest = order[certifying.size + tuning.size :]
    if rest.size < max(nlist, 256):
        rest = order  # too few to keep any from the training
    training = rest[: max(_LEAST, _PER_LIST * nlist)]
    if not tuning.size:
        tuning = certifying
    return Draw(np.sort(training), np.sort(tuning), certifying=np.sort(certifying))


class RowSource:
    """The vectors of a store by row, mapped; whatever is read is checked and 32 bits wide."""

    def __init__(self, store: Store, total: int) -> None:
        self._file = store.layout.vectors
        self._mapped = store.vectors.map(total)
        self.dimension = store.vectors.dimension

    def take(self, rows: Rows) -> Vectors:
        """Return float32 (len(rows), dimension).

        Raises:
            StoreError: a row is no unit vector, so that the file must be damaged.
        """
        block: Vectors = self._mapped[rows].astype(np.float32)
        # A comparison with NaN is false, so it is caught too.
        if not (np.abs(np.linalg.norm(block, axis=1) - 1) < _UNIT).all():
            raise StoreError(
                f"{self._file} is damaged: a row is no unit vector",
                hint="Run: memctl repair",
            )
        return block

    def blocks(self, rows: Rows) -> Iterator[tuple[Rows, Vectors]]:
        """Yield ``rows`` and their vectors, a block at a time."""
        for start in range(0, len(rows), BLOCK):
            part = rows[start : start + BLOCK]
            yield part, self.take(part)


class LatestVectors:
    """The vectors of an open store: mapped again when there are more, kept when they are replaced.

    Row numbers stay, so that what was opened answers to its end from what it has mapped.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._total = store.rows
        self._source = RowSource(store, self._total)

    def now(self) -> tuple[RowSource, int]:
        """Return the vectors, and how many rows they are."""
        with suppress(ReplacedError):
            total = self._store.rows
            if total != self._total:
                self._source, self._total = RowSource(self._store, total), total
        return self._source, self._total
