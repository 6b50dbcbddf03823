"""Texts that the index does not hold yet, scored by its own measure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

import numpy as np

from memctl.index.lexical.asked import Asked, Phrase, Word
from memctl.index.lexical.engine import Scores
from memctl.index.sample import Rows

_K1, _B = 1.2, 0.75  # tantivy's


@dataclass(frozen=True, slots=True)
class Statistics:
    """What BM25 needs to know of all texts: their number, mean length, and who holds a term.

    Who holds a term is asked once, however many texts are scored.
    """

    documents: int
    mean_length: float
    _: KW_ONLY
    documents_with: Callable[[str], int]
    _known: dict[str, float] = field(default_factory=dict, init=False, repr=False, compare=False)

    def idf(self, term: str) -> float:
        """Return ln(1 + (N - n + 0.5) / (n + 0.5))."""
        if term not in self._known:
            found = self.documents_with(term)
            self._known[term] = math.log(1 + (self.documents - found + 0.5) / (found + 0.5))
        return self._known[term]


class Delta:
    """A few texts in memory, by their terms; ``length`` is the number of all terms together."""

    def __init__(self, texts: Iterable[tuple[int, Sequence[str], Sequence[str]]]) -> None:
        self._counts: dict[int, Counter[str]] = {}
        self._surfaces: dict[int, tuple[str, ...]] = {}
        self._holders: Counter[str] = Counter()
        self._vocabulary: Counter[str] = Counter()
        for row, terms, surfaces in texts:
            self._counts[row] = Counter(terms)
            self._surfaces[row] = tuple(surfaces)
            self._holders.update(self._counts[row].keys())
            self._vocabulary.update(set(surfaces))
        self.length = sum(counts.total() for counts in self._counts.values())

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self._counts)

    def documents_with(self, term: str) -> int:
        """Return how many texts hold a term."""
        return self._holders[term]

    @property
    def vocabulary(self) -> Mapping[str, int]:
        """The folded words, and how many texts hold each."""
        return self._vocabulary

    def search(
        self, asked: Asked, statistics: Statistics, *, allowed: Rows | None
    ) -> tuple[Rows, Scores]:
        """Return all rows that match, in no order, and their scores."""
        rows = self._counts.keys() if allowed is None else self._counts.keys() & allowed.tolist()
        scored = ((row, self._score(row, asked, statistics)) for row in sorted(rows))
        found = [(row, score) for row, score in scored if score > 0]
        return (
            np.array([row for row, _ in found], dtype=np.int64),
            np.array([score for _, score in found], dtype=np.float32),
        )

    def _score(self, row: int, asked: Asked, statistics: Statistics) -> float:
        surfaces = self._surfaces[row]
        if any(_stands(phrase, surfaces) for phrase in asked.excluded):
            return 0.0
        if any(term in self._counts[row] for word in asked.unwanted for term in word.terms):
            return 0.0
        if not all(_stands(phrase, surfaces) for phrase in asked.phrases):
            return 0.0
        score = sum(self._word(row, word, statistics) for word in asked.words)
        return score + len(asked.phrases)  # each is worth something, so that it alone is a match

    def _word(self, row: int, word: Word, statistics: Statistics) -> float:
        counts = self._counts[row]
        norm = _K1 * (1 - _B + _B * counts.total() / statistics.mean_length)
        best = max(
            statistics.idf(term) * counts[term] * (_K1 + 1) / (counts[term] + norm)
            for term in word.terms
        )
        others = (
            sum(self._word(row, part, statistics) for part in wording) for wording in word.wordings
        )
        return max(best, *others, 0.0)


def _stands(phrase: Phrase, words: tuple[str, ...]) -> bool:
    return any(
        words[at : at + len(each)] == each
        for each in phrase
        for at in range(len(words) - len(each) + 1)
    )
