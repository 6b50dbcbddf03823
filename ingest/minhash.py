"""MinHash signatures (Broder 1997): how much two texts have in common, told from a few numbers."""

from __future__ import annotations

import re
import zlib

import numpy as np

_WORDS = 5  # a shingle
_HASHES = 64
_WORD = re.compile(r"\w+")
_PRIME = np.uint64((1 << 61) - 1)
_RANDOM = np.random.default_rng(20_240_501)
_FACTORS = _RANDOM.integers(1, 1 << 29, _HASHES, dtype=np.uint64)
_OFFSETS = _RANDOM.integers(0, 1 << 29, _HASHES, dtype=np.uint64)
_PIECE = 4_096  # shingles at once


def signature(text: str) -> bytes:
    """Return the signature of ``text``: 64 little-endian uint32; empty for less than a shingle.

    The share of equal numbers in two signatures estimates the Jaccard similarity of the sets of
    five-word shingles of the two texts, whatever case, white space and marks are between words.
    """
    words = _WORD.findall(text.casefold().replace("ё", "е"))
    shingles = {
        zlib.crc32(" ".join(words[at : at + _WORDS]).encode("utf-8", "surrogatepass"))
        for at in range(len(words) - _WORDS + 1)
    }
    if not shingles:
        return b""
    codes = np.fromiter(shingles, dtype=np.uint64, count=len(shingles))
    lowest = np.full(_HASHES, np.iinfo(np.uint64).max, dtype=np.uint64)
    for at in range(0, codes.size, _PIECE):
        hashed = (codes[at : at + _PIECE, None] * _FACTORS + _OFFSETS) % _PRIME
        np.minimum(lowest, hashed.min(axis=0), out=lowest)
    return (lowest & np.uint64(0xFFFFFFFF)).astype("<u4").tobytes()
