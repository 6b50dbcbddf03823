"""What can be seen of a question in a passage without a model: numbers, place, title, nearness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memctl.index.lexical import LexicalIndex, Word
from memctl.query.hit import Hit

Features = NDArray[np.float64]

NAMES = ("numbers", "place", "title", "nearness")
_NEAR = 25  # tokens of a passage that stand together


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a question, with how telling each is."""

    words: tuple[Word, ...]
    weights: tuple[float, ...]

    @classmethod
    def of(cls, question: str, lexical: LexicalIndex) -> Asked:
        """Return the words of a question, weighed by how few texts hold them."""
        words = lexical.asked(question)
        return cls(words, tuple(lexical.idf(lexical.documents_with(word)) for word in words))


def features(
    asked: Asked, hits: Sequence[Hit], lexical: LexicalIndex, kin: NDArray[np.bool_]
) -> Features:
    """Return (hits, 4), each column standardised over the ``kin`` (hits,).

    Those are the hits in the question's language. What is in another one lacks the question's words
    whatever it says, so that nothing is held against it.

    - numbers: of the question's words that hold a digit, the share that is in the passage
    - place: one over the number of the passage in its document
    - title: the weight of the question's words that stand in title and headings
    - nearness: the weight of those that stand within 25 tokens
    """
    rows = [_of(asked, hit, lexical) for hit in hits]
    columns = [standard(column, kin) for column in np.array(rows, dtype=np.float64).T]
    return np.column_stack([np.where(kin, each, np.maximum(each, 0)) for each in columns])


def standard(column: Features, among: NDArray[np.bool_] | None = None) -> Features:
    """Return (value - mean) / deviation, both ``among`` some, zeros where all are alike."""
    chosen = column if among is None else column[among]
    spread = chosen.std()
    return (column - chosen.mean()) / spread if spread > 1e-9 else np.zeros_like(column)


def _of(asked: Asked, hit: Hit, lexical: LexicalIndex) -> tuple[float, float, float, float]:
    terms = lexical.terms_of(hit.chunk.text, hit.chunk.language)
    above = lexical.terms_of(" ".join((hit.title, *hit.chunk.headings)), hit.chunk.language)
    total = sum(asked.weights) or 1.0
    titled = set(above)
    return (
        _numbers(asked, set(terms)),
        1 / hit.ordinal,
        sum(w for word, w in _weighed(asked) if titled.intersection(word.terms)) / total,
        _nearness(asked, terms) / total,
    )


def _weighed(asked: Asked) -> zip[tuple[Word, float]]:
    return zip(asked.words, asked.weights, strict=True)


def _numbers(asked: Asked, terms: set[str]) -> float:
    numbers = [word for word in asked.words if any(sign.isdigit() for sign in word.text)]
    if not numbers:
        return 0.0
    return sum(bool(terms.intersection(word.terms)) for word in numbers) / len(numbers)


def _nearness(asked: Asked, terms: Sequence[str]) -> float:
    """Return the largest weight of different words of the question in any stretch of tokens."""
    weights = {term: (n, w) for n, (word, w) in enumerate(_weighed(asked)) for term in word.terms}
    places = [(at, *weights[term]) for at, term in enumerate(terms) if term in weights]
    inside: Counter[int] = Counter()
    best = weight = 0.0
    first = 0
    for at, word, its in places:
        inside[word] += 1
        weight += its if inside[word] == 1 else 0
        while places[first][0] <= at - _NEAR:
            _, left, theirs = places[first]
            inside[left] -= 1
            weight -= theirs if inside[left] == 0 else 0
            first += 1
        best = max(best, weight)
    return best
