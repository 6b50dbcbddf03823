"""Fewer hits that say the same: near-duplicates as one, and different ones first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from memctl.index.lexical import lowered, tokens
from memctl.ingest import Vectors
from memctl.query.hit import Hit

_SHINGLE = 3  # words
_ALIKE = 0.8  # share of shingles from which on two passages say the same


def collapsed(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits without those that nearly repeat a better one, which names them instead.

    Two passages are alike when they share four fifths of their triples of words, and all numbers:
    of two versions of a contract one may differ in nothing else.
    """
    kept: list[Hit] = []
    shingles: list[frozenset[tuple[str, ...]]] = []
    for hit in hits:
        own = _shingles(hit.chunk.text)
        for place, other in enumerate(shingles):
            if _jaccard(own, other) >= _ALIKE and _numbers(own) == _numbers(other):
                best = kept[place]
                kept[place] = replace(best, alike=(*best.alike, hit.place))
                break
        else:
            kept.append(hit)
            shingles.append(own)
    return [replace(hit, rank=rank) for rank, hit in enumerate(kept, start=1)]


def diverse(hits: Sequence[Hit], vectors: Vectors, k: int, *, weight: float) -> list[Hit]:
    """Return ``k`` of the hits by maximal marginal relevance (Carbonell and Goldstein 1998).

    ``vectors`` (hits, dimension) are those of the passages. The next hit is the one with the
    largest weight * relevance - (1 - weight) * its largest likeness to those before, both taken
    from 0 to 1 over the hits. With a weight of 1 the order stays. Scores and stages stay those of
    the search.
    """
    if not hits:
        return []
    relevance = _scaled(np.array([hit.score for hit in hits], dtype=np.float64))
    likeness = _scaled((vectors @ vectors.T).astype(np.float64))
    left = list(range(len(hits)))
    chosen: list[int] = []
    while left and len(chosen) < k:
        near = likeness[np.ix_(left, chosen)].max(axis=1) if chosen else np.zeros(len(left))
        gain = weight * relevance[left] - (1 - weight) * near
        chosen.append(left.pop(int(gain.argmax())))
    return [replace(hits[place], rank=rank) for rank, place in enumerate(chosen, start=1)]


def _scaled(
    values: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    spread = values.max() - values.min()
    return (values - values.min()) / spread if spread > 1e-12 else np.zeros_like(values)


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = [lowered(token) for token in tokens(text)]
    size = min(_SHINGLE, max(len(words), 1))
    return frozenset(tuple(words[at : at + size]) for at in range(len(words) - size + 1))


def _numbers(shingles: frozenset[tuple[str, ...]]) -> frozenset[str]:
    words = {word for shingle in shingles for word in shingle}
    return frozenset(word for word in words if any(sign.isdigit() for sign in word))


def _jaccard(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    return len(one & other) / len(one | other) if one and other else float(one == other)
