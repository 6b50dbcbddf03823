"""The two legs of a search: by meaning, over vectors, and by words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from memctl.index import DenseIndex, Rows
from memctl.index.lexical import LexicalIndex, LexicalQuery
from memctl.ingest import Store, Vectors
from memctl.query.bias import Lifts
from memctl.query.candidates import Candidates, Found, Scores, unite
from memctl.query.fusion import Trust
from memctl.query.meaning import Meaning, unknown
from memctl.query.syntax import Query

Mode = Literal["hybrid", "dense", "lexical"]
_AHEAD = 0.01  # of the best of all others: what a named file comes first by
MODES: tuple[Mode, ...] = get_args(Mode)


class Legs:
    """Asks both indexes, or the one that there is, and has each score what the other found."""

    def __init__(
        self, store: Store, *, dense: DenseIndex | None, lexical: LexicalIndex | None
    ) -> None:
        self._lexical = lexical
        self.meaning = Meaning(store, dense, lexical)

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
        if vectors is not None:
            if across:
                pairs = zip(queries, vectors, strict=True)
                lifts = [self.meaning.lifts(query.language, vector) for query, vector in pairs]
            by_meaning = self.meaning.nearest(vectors, lifts, candidates, allowed=allowed)
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
            return unknown(rows) if vector is None else self.meaning.cosines(rows, vector)

        def words(rows: Rows) -> Scores:
            return unknown(rows) if asked is None else self.bm25(asked, rows)

        def lift(rows: Rows) -> Scores:
            return self.meaning.lift(rows, lifts)

        return unite(by_meaning, by_words, meaning=meaning, words=words, lift=lift)

    def bm25(self, query: LexicalQuery, rows: Rows) -> Scores:
        """Return the BM25 (n,) of each of the sorted rows, 0 where no word is in it."""
        scores = np.zeros(len(rows), dtype=np.float32)
        if self._lexical is None:
            return unknown(rows)
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

        Meaning knows nothing of names. The best passage of each file comes before what is in none
        of them, the others keep their distance to it, so that what else answers stands among them.
        """
        files = self._lexical.named(query.text) if self._lexical is not None else ()
        held = [its for its in (np.isin(rows, file.rows) for file in files) if its.any()]
        others = scores[~np.any(held, axis=0)] if held else scores[:0]
        for its in held:
            behind = float(others.max() - scores[its].max()) if others.size else 0.0
            scores = np.where(its, scores + max(behind + _AHEAD, 0), scores).astype(np.float32)
        return scores

    def trust(self, query: Query, found: Candidates) -> Trust:
        """Return what is known of a query and its candidates."""
        kin = np.ones(len(found), dtype=np.bool_)
        spoken = query.language
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
