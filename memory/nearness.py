"""The windows of a memory by meaning: all compared while they are few, the nearest of many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memctl.index.library import faiss
from memctl.ingest import Vectors

_FEW = 20_000  # vectors up to which all are compared at full width
_SAMPLE = 2_000  # of which mean and spread of many are taken


@dataclass(frozen=True, slots=True)
class Near:
    """Places (n,) that are near to a question, sorted; mean and spread of the cosines of all."""

    places: NDArray[np.int64]
    mean: float
    spread: float


class Nearest:
    """Unit vectors in 16-bit floats, compared as they are stored where they are many."""

    def __init__(self, stored: Sequence[bytes], dimension: int) -> None:
        self._half = np.frombuffer(b"".join(stored), dtype=np.float16).reshape(-1, dimension)
        self._all = self._half.astype(np.float32) if len(self._half) <= _FEW else None
        if self._all is None:
            library = faiss()
            kind = library.ScalarQuantizer.QT_fp16
            index = library.IndexScalarQuantizer(dimension, kind, library.METRIC_INNER_PRODUCT)
            library.copy_array_to_vector(self._half.view(np.uint8).ravel(), index.codes)
            index.ntotal, index.is_trained = len(self._half), True
            self._index = index
            sample = self._half[:: max(len(self._half) // _SAMPLE, 1)].astype(np.float32)
            self._mean, self._spreads = sample.mean(axis=0), np.cov(sample, rowvar=False)

    def search(self, vector: Vectors, most: int) -> Near:
        """Return the places that are nearest to a vector (dimension,): all, or ``most`` of many."""
        if self._all is not None:
            scores = self._all @ vector
            return Near(np.arange(len(scores)), *_moments(scores))
        _, places = self._index.search(vector[np.newaxis].astype(np.float32), most)
        spread = math.sqrt(max(float(vector @ self._spreads @ vector), 1e-18))
        return Near(np.sort(places[0]), float(self._mean @ vector), spread)

    def scores(self, places: NDArray[np.int64], vector: Vectors) -> NDArray[np.float64]:
        """Return the cosines (n,) of some places to a vector (dimension,)."""
        if self._all is not None:
            return (self._all[places] @ vector).astype(np.float64)
        return (self._half[places].astype(np.float32) @ vector).astype(np.float64)


def _moments(scores: Vectors) -> tuple[float, float]:
    return float(scores.mean()), max(float(scores.std()), 1e-9)
