"""The two legs of a search: by meaning, over vectors, and by words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from memctl.index import DenseIndex, LatestVectors, Rows
from memctl.index.lexical import LexicalIndex, LexicalQuery
from memctl.ingest import Store, Vectors, detect
from memctl.query.bias import LanguageBias, Lifts
from memctl.query.candidates import Candidates, Found, Scores, unite
from memctl.query.fusion import Trust
from memctl.query.syntax import Query

Mode = Literal["hybrid", "dense", "lexical"]
_FEW = 10  # times the candidates: so many rows are compared faster than an index is asked
_AHEAD = 0.01  # of the best of all others: what a named file comes first by
MODES: tuple[Mode, ...] = get_args(Mode)


class Legs:
    """Asks both indexes, or the one that there is, and has each score what the other found."""

    def __init__(
        self, store: Store, *, dense: DenseIndex | None, lexical: LexicalIndex | None
    ) -> None:
        self._dense = dense
        self._lexical = lexical
        self.vectors = LatestVectors(store)

    def find(
        self,
        queries: Sequence[Query],
        vectors: Vectors | None,
        *,
        candidates: int,
        allowed: Rows | None,
        words: bool = True,
        across: bool = True,
    ) -> list[Candidates]:
        """Return for each query what either leg has among its best ``candidates``.

        ``vectors`` (n, dimension) are those of the queries, None where meaning is not asked for;
        ``words`` says whether words are; with ``across`` passages in another language than the
        query's are given back what they lose by that. ``allowed`` are the only rows to find,
        sorted.
        """
        by_meaning: Sequence[Found | None] = [None] * len(queries)
        lifts: Sequence[Lifts] = [Lifts()] * len(queries)
        if self._dense is not None and vectors is not None:
            if across:
                lifts = [self.lifts(*pair) for pair in zip(queries, vectors, strict=True)]
            by_meaning = self._nearest(self._dense, vectors, lifts, candidates, allowed)
        return [
            self._united(
                LexicalQuery(query.words, also=query.also) if words else None,
                found,
                None if vectors is None else vectors[place],
                lifts=lifts[place],
                candidates=candidates,
                allowed=allowed,
            )
            for place, (query, found) in enumerate(zip(queries, by_meaning, strict=True))
        ]

    def lifts(self, query: Query, vector: Vectors) -> Lifts:
        """Return what passages in each other language are given back for a query."""
        return self.bias.lifts(vector, _spoken(query))

    @cached_property
    def bias(self) -> LanguageBias:
        """What passages lose for being in another language than a question."""
        source, total = self.vectors.now()
        return LanguageBias(self._lexical, source.take, total=total)

    def _united(
        self,
        asked: LexicalQuery | None,
        by_meaning: Found | None,
        vector: Vectors | None,
        *,
        lifts: Lifts,
        candidates: int,
        allowed: Rows | None,
    ) -> Candidates:
        by_words: Found | None = None
        if self._lexical is not None and asked is not None:
            by_words = self._lexical.search(asked, candidates, allowed=allowed)

        def meaning(rows: Rows) -> Scores:
            return _unknown(rows) if vector is None else self.cosines(rows, vector)

        def words(rows: Rows) -> Scores:
            return _unknown(rows) if asked is None else self.bm25(asked, rows)

        def lift(rows: Rows) -> Scores:
            return self.bias.lift(rows, lifts)

        return unite(by_meaning, by_words, meaning=meaning, words=words, lift=lift)

    def _nearest(
        self,
        dense: DenseIndex,
        vectors: Vectors,
        lifts: Sequence[Lifts],
        candidates: int,
        allowed: Rows | None,
    ) -> list[Found]:
        """Return the nearest rows of each vector, those of each language with what they get.

        Scores are the cosines; the order is by what they are with that.
        """
        found = self._nearest_of(dense, vectors, candidates, allowed)
        for language in sorted({language for each in lifts for language in each.by}):
            rows = self.bias.rows(language)
            if allowed is not None:
                rows = np.intersect1d(rows, allowed, assume_unique=True)
            places = [place for place, each in enumerate(lifts) if language in each.by]
            theirs = self._nearest_of(dense, vectors[places], candidates, rows)
            for place, more in zip(places, theirs, strict=True):
                found[place] = _both(found[place], more)
        return [self._ordered(each, of, candidates) for each, of in zip(found, lifts, strict=True)]

    def _ordered(self, found: Found, lifts: Lifts, candidates: int) -> Found:
        """Return the best rows, by their cosines and what is given back."""
        if not lifts.by:
            return found
        rows, cosines = found
        order = np.lexsort((rows, -(cosines + self.bias.lift(rows, lifts))))[:candidates]
        return rows[order], cosines[order]

    def _nearest_of(
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

    def cosines(self, rows: Rows, vector: Vectors) -> Scores:
        """Return the cosine (n,) of each row to one vector; NaN where a row has no vector yet."""
        source, total = self.vectors.now()
        scores = _unknown(rows)
        held = rows < total  # an embedder that was tried and is kept beside may lack the newest
        scores[held] = source.take(rows[held]) @ vector
        return scores

    def bm25(self, query: LexicalQuery, rows: Rows) -> Scores:
        """Return the BM25 (n,) of each of the sorted rows, 0 where no word is in it."""
        scores = np.zeros(len(rows), dtype=np.float32)
        if self._lexical is None:
            return _unknown(rows)
        found, theirs = self._lexical.search(query, len(rows), allowed=rows)
        scores[np.searchsorted(rows, found)] = theirs
        return scores

    def holding(self, phrases: Sequence[str], rows: Rows) -> Scores:
        """Return the share (n,) of the phrases that each of the sorted rows holds as written."""
        held = np.zeros(len(rows), dtype=np.float32)
        for phrase in phrases if self._lexical is not None else ():
            held += self.bm25(LexicalQuery("", phrases=(phrase,)), rows) > 0
        return held / np.float32(len(phrases))

    def lifted(self, query: Query, rows: Rows, scores: Scores) -> Scores:
        """Return the joined scores (n,), those of a file that the query names put up together.

        Meaning knows nothing of names. The best passage of the file comes first, the others keep
        their distance to it, so that what else answers stands among them.
        """
        for file in self._lexical.named(query.text) if self._lexical is not None else ():
            its = np.isin(rows, file.rows)
            behind = float(scores.max() - scores[its].max()) if its.any() else 0.0
            if behind > 0:
                scores = np.where(its, scores + behind + _AHEAD, scores).astype(np.float32)
        return scores

    def trust(self, query: Query, found: Candidates) -> Trust:
        """Return what is known of a query and its candidates."""
        kin = np.ones(len(found), dtype=np.bool_)
        spoken = _spoken(query)
        if self._lexical is not None and spoken != "und":
            kin = self._lexical.spoken(found.rows, {spoken, "und"})
        return Trust(self.known(query), kin=kin)

    def known(self, query: Query) -> float:
        """Return the share of the query's words, rare ones more, that any text holds.

        One that is held only as what was meant by it, or in another wording, is held.
        """
        if self._lexical is None:
            return 0.0
        words = self._lexical.words(query.text)
        weights = [self._lexical.idf(word.documents) for word in words]
        other = set(self._lexical.reworded(LexicalQuery(query.text, also=query.also)))
        known = [bool(each.documents) or each.text in other for each in words]
        held = sum(weight for weight, here in zip(weights, known, strict=True) if here)
        return held / sum(weights) if words else 0.0


def _spoken(query: Query) -> str:
    return detect(query.meant or query.text)


def _both(one: Found, other: Found) -> Found:
    rows, first = np.unique(np.concatenate((one[0], other[0])), return_index=True)
    return rows, np.concatenate((one[1], other[1]))[first]


def _unknown(rows: Rows) -> Scores:
    return np.full(len(rows), np.nan, dtype=np.float32)
