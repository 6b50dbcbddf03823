"""Turn vectors so that each part that product quantisation codes has as much to tell.

Vectors of language models share a long common mean, and a few directions hold most of what differs.
Cut as they come, some parts code next to nothing and others too much with the same four bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memctl.ingest import Vectors

Numbers = NDArray[np.float64]

_LEAST, _MOST = 0.15, 4.0  # bits that an axis can want of its part's code
_TINY = 1e-12
_POINTS = 16_384  # vectors that the axes are found from


def width(dimension: int, parts: int) -> int:
    """Return how many axes a part can hold at most: half as many again as an equal share."""
    return -(-3 * dimension // (2 * parts))


def balanced(vectors: Vectors, parts: int) -> Vectors:
    """Return the rows of a linear map, float32 (parts * width, dimension).

    Its axes are the direction of the mean of ``vectors`` (n, dimension), and the principal axes of
    what is left, ordered by what an error along them costs a score: the variance of what is coded
    times the energy of what is asked, for which the vectors themselves stand. Neighbours in this
    order share a part, so many that all parts want the same number of bits (reverse water-filling,
    Cover and Thomas 2006, 10.3.3); rows of zeros fill a part up. Scalar products stay as they are.
    """
    some = vectors[:: max(len(vectors) // _POINTS, 1)]
    axes, worth = _axes(some.astype(np.float64))
    room = width(vectors.shape[1], parts)
    made = np.zeros((parts * room, vectors.shape[1]), dtype=np.float32)
    at = 0
    for part, size in enumerate(_sizes(worth, parts, room)):
        made[part * room : part * room + size] = axes[at : at + size]
        at += size
    return made


def _axes(vectors: Numbers) -> tuple[Numbers, Numbers]:
    """Return orthonormal axes (dimension, dimension), the most telling first, and their worth."""
    mean = vectors.mean(axis=0)
    length = float(np.linalg.norm(mean))
    first = mean / length if length > _TINY else np.eye(vectors.shape[1])[0]
    along = vectors @ first
    rest = vectors - np.outer(along, first)
    values, columns = np.linalg.eigh(np.cov(rest, rowvar=False) if len(rest) > 1 else rest.T @ rest)
    # One of its axes is the mean's own, of which nothing is left: among many without variance it
    # may be any, so that what remains is made orthogonal.
    order = np.argsort(-values, kind="stable")[: vectors.shape[1] - 1]
    axes = np.linalg.qr(np.column_stack([first, columns[:, order]]))[0].T
    variance = np.concatenate([[along.var()], np.maximum(values[order], 0)])
    energy = np.concatenate([[np.mean(along**2)], np.maximum(values[order], 0)])
    worth = variance * energy
    ranked = np.argsort(-worth, kind="stable")
    return axes[ranked], worth[ranked]


def _sizes(worth: Numbers, parts: int, room: int) -> list[int]:
    """Return how many of the axes, in their order, each part holds."""
    bits = _bits(worth, parts)
    sizes: list[int] = []
    at = 0
    for left in range(parts, 0, -1):
        most = min(room, len(bits) - at - (left - 1))  # an axis at least for each part to come
        least = max(1, len(bits) - at - (left - 1) * room)  # and no axis without one
        goal = bits[at:].sum() / left
        sums = np.cumsum(bits[at : at + most])
        size = int(np.searchsorted(sums - bits[at : at + most] / 2, goal))
        sizes.append(min(max(size, least), most))
        at += sizes[-1]
    return sizes


def _bits(worth: Numbers, parts: int) -> Numbers:
    """Return the bits that each axis wants, 4 a part in all, by bisection of the water level."""
    wanted = 0.5 * np.log2(np.maximum(worth, _TINY**2))
    low, high = wanted.min() - 2 * _MOST, wanted.max() + 2 * _MOST
    for _ in range(100):
        level = (low + high) / 2
        bits = np.clip(wanted - level, _LEAST, _MOST)
        low, high = (level, high) if bits.sum() > 4 * parts else (low, level)
    found: Numbers = np.clip(wanted - high, _LEAST, _MOST)
    return found
