"""The leg of a search that goes by meaning, whatever language a passage is in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from memctl.index import DenseIndex, LatestVectors, Rows
from memctl.index.lexical import LexicalIndex
from memctl.ingest import Store, Vectors
from memctl.query.bias import LanguageBias, Lifts
from memctl.query.candidates import Found, Scores

_FEW = 10  # times the candidates: so many rows are compared faster than an index is asked


class Meaning:
    """Finds the rows whose vectors are nearest, and tells of any row how near it is."""

    def __init__(
        self, store: Store, dense: DenseIndex | None, lexical: LexicalIndex | None
    ) -> None:
        self._dense = dense
        self._lexical = lexical
        self.vectors = LatestVectors(store)
        self._kept: dict[str, tuple[Rows, Rows]] = {}

    @cached_property
    def _bias(self) -> LanguageBias:
        source, total = self.vectors.now()
        return LanguageBias(self._lexical, source.take, total=total)

    def lifts(self, language: str, vector: Vectors) -> Lifts:
        """Return what passages in other languages than a question's are given back."""
        return self._bias.lifts(vector, language)

    def lift(self, rows: Rows, lifts: Lifts) -> Scores:
        """Return what is added to the cosine (n,) of each row."""
        return self._bias.lift(rows, lifts)

    def nearest(
        self,
        vectors: Vectors,
        lifts: Sequence[Lifts],
        candidates: int,
        *,
        allowed: Rows | None,
    ) -> Sequence[Found | None]:
        """Return the nearest rows of each vector, those of each language with what they get.

        Scores are the cosines; the order is by what they are with that. ``allowed`` are the only
        rows to find, sorted. Without an index nothing is told of any vector.
        """
        if self._dense is None:
            return [None] * len(vectors)
        found = self._nearest(self._dense, vectors, candidates, allowed)
        for language in sorted({language for each in lifts for language in each.by}):
            places = [place for place, each in enumerate(lifts) if language in each.by]
            rows = self._rows_in(language, allowed)
            theirs = self._nearest(self._dense, vectors[places], candidates, rows)
            for place, more in zip(places, theirs, strict=True):
                found[place] = _both(found[place], more)
        return [self._ordered(each, of, candidates) for each, of in zip(found, lifts, strict=True)]

    def cosines(self, rows: Rows, vector: Vectors) -> Scores:
        """Return the cosine (n,) of each row to one vector; NaN where a row has no vector yet."""
        source, total = self.vectors.now()
        scores = unknown(rows)
        held = rows < total  # an embedder that was tried and is kept beside may lack the newest
        scores[held] = source.take(rows[held]) @ vector
        return scores

    def _nearest(
        self, dense: DenseIndex, vectors: Vectors, candidates: int, allowed: Rows | None
    ) -> list[Found]:
        """Return the nearest rows of each vector; of a few that are allowed, by exact search."""
        if allowed is not None and allowed.size <= _FEW * candidates:
            source, total = self.vectors.now()
            allowed = allowed[allowed < total]
            table = source.take(allowed) @ vectors.T
            order = np.argsort(-table, axis=0, kind="stable")[:candidates]
            return [(allowed[line], table[line, at]) for at, line in enumerate(order.T)]
        rows, scores = dense.search(vectors, candidates, allowed=allowed)
        return [
            (line[line >= 0], theirs[line >= 0]) for line, theirs in zip(rows, scores, strict=True)
        ]

    def _rows_in(self, language: str, allowed: Rows | None) -> Rows:
        """Return the rows in a language that are allowed; the last are kept for each language."""
        rows = self._bias.rows(language)
        if allowed is None:
            return rows
        last, kept = self._kept.get(language, (None, rows))
        if last is not allowed:
            kept = np.intersect1d(rows, allowed, assume_unique=True)
            self._kept[language] = allowed, kept
        return kept

    def _ordered(self, found: Found, lifts: Lifts, candidates: int) -> Found:
        """Return the best rows, by their cosines and what is given back."""
        if not lifts.by:
            return found
        rows, cosines = found
        order = np.lexsort((rows, -(cosines + self.lift(rows, lifts))))[:candidates]
        return rows[order], cosines[order]


def unknown(rows: Rows) -> Scores:
    """Return that nothing is known of any row."""
    return np.full(len(rows), np.nan, dtype=np.float32)


def _both(one: Found, other: Found) -> Found:
    rows, first = np.unique(np.concatenate((one[0], other[0])), return_index=True)
    return rows, np.concatenate((one[1], other[1]))[first]
