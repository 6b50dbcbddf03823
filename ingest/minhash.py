"""MinHash signatures (Broder 1997): how much two texts have in common, told from a few numbers."""

from __future__ import annotations

import re
import zlib

import numpy as np
import numpy.typing as npt

HASHES = 64
"""The numbers in a signature."""

_SHINGLE = 5  # words
_WORD = re.compile(r"\w+")
_RANDOM = np.random.default_rng(20_240_501)
# Multiply-shift (Dietzfelbinger et al. 1997): odd factors, the upper half of the product.
_FACTORS = _RANDOM.integers(0, 1 << 63, HASHES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_PLACES = _RANDOM.integers(0, 1 << 63, _SHINGLE, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_PIECE = 2_048  # shingles at once, so that their hashes stay in the cache


def signature(text: str) -> bytes:
    """Return the signature of ``text``: 64 little-endian uint32; empty for less than a shingle.

    The share of equal numbers in two signatures estimates the Jaccard similarity of the sets of
    five-word shingles of the two texts, whatever case, white space and marks are between words.
    """
    words = _WORD.findall(text.casefold().replace("ё", "е"))
    if len(words) < _SHINGLE:
        return b""
    shingles = _shingles(words)
    lowest = np.full(HASHES, np.iinfo(np.uint64).max, dtype=np.uint64)
    for at in range(0, shingles.size, _PIECE):
        hashed = _FACTORS[:, None] * shingles[at : at + _PIECE]
        np.minimum(lowest, hashed.min(axis=1), out=lowest)
    return (lowest >> np.uint64(32)).astype("<u4").tobytes()


def _shingles(words: list[str]) -> npt.NDArray[np.uint64]:
    """Return a number for each five words on end; equal words make equal numbers."""
    numbers = {word: zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in set(words)}
    codes = np.fromiter(map(numbers.__getitem__, words), dtype=np.uint64, count=len(words))
    codes = _mixed(codes)
    count = codes.size - _SHINGLE + 1
    total = np.zeros(count, dtype=np.uint64)
    for at, factor in enumerate(_PLACES):
        total += codes[at : at + count] * factor
    return _mixed(total)


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return ``numbers`` with each bit depending on each (the last steps of splitmix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
