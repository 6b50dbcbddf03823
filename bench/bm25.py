"""BM25, small and plain, as a yardstick."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping

import Stemmer

_WORD = re.compile(r"\w+")


class Bm25:
    """Okapi BM25 over stemmed, lower-cased words; no stop words.

    idf = ln(1 + (N - n + 0.5) / (n + 0.5)), as Lucene has it; a word's weight is
    idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean length)).
    """

    def __init__(self, texts: Mapping[str, str], *, language: str = "english") -> None:
        self._stem = Stemmer.Stemmer(language)
        self._counts = {name: Counter(self.words(text)) for name, text in texts.items()}
        self._lengths = {name: counts.total() for name, counts in self._counts.items()}
        self._mean_length = sum(self._lengths.values()) / max(len(self._lengths), 1)
        self._frequency = Counter(word for counts in self._counts.values() for word in counts)

    def words(self, text: str) -> list[str]:
        """Return the stems of a text in order."""
        return self._stem.stemWords(_WORD.findall(text.lower()))

    def score(self, query: str, name: str, *, k1: float, b: float) -> float:
        """Return the score of one text; higher is better."""
        counts = self._counts[name]
        norm = k1 * (1 - b + b * self._lengths[name] / self._mean_length)
        return sum(
            self._idf(word) * counts[word] * (k1 + 1) / (counts[word] + norm)
            for word in self.words(query)
            if word in counts
        )

    def rank(self, query: str, names: Iterable[str], *, k1: float, b: float) -> list[str]:
        """Return ``names``, the best first; equal scores keep their order."""
        return sorted(names, key=lambda name: -self.score(query, name, k1=k1, b=b))

    def _idf(self, word: str) -> float:
        found = self._frequency[word]
        return math.log(1 + (len(self._counts) - found + 0.5) / (found + 0.5))
