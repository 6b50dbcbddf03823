"""From queries to candidates in their order, in the rows that filters leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from memctl.index import DenseIndex, Rows
from memctl.index.lexical import LexicalIndex, LexicalQuery
from memctl.ingest import Embedder, Store, UsageError, Vectors
from memctl.query.candidates import Candidates, Scorer, Scores, unlifted
from memctl.query.feedback import moved, words
from memctl.query.filters import Filter, check_fields, to_sql
from memctl.query.how import How
from memctl.query.legs import Legs
from memctl.query.parts import parts
from memctl.query.ranked import Order, Ranked, together
from memctl.query.rewrite import passage, variants
from memctl.query.syntax import Query

_MEANT = 3.0  # times what was written
_QUOTED = 1.0  # deviations for a passage that holds all that is quoted in a sentence

Where = tuple[str, list[str]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Queries with their parts, and the vectors of all of these in one row after the other."""

    variants: list[list[Query]]
    vectors: Vectors | None


class Ranker:
    """Ranks the rows of an open store for queries."""

    def __init__(
        self,
        store: Store,
        *,
        dense: DenseIndex | None,
        lexical: LexicalIndex | None,
        embedder: Embedder,
    ) -> None:
        self._store = store
        self._dense = dense
        self._lexical = lexical
        self._embedder = embedder
        self._legs = Legs(store, dense=dense, lexical=lexical)
        self.latest = self._legs.meaning.vectors
        self._live: tuple[int, Rows] = (-1, np.empty(0, dtype=np.int64))
        self._last: tuple[str, Vectors] = ("", np.empty((0, 0), dtype=np.float32))

    def prepare(self, queries: Sequence[Query], how: How) -> Prepared:
        """Embed what is to be ranked: it takes time, and wants nothing of the store."""
        written = [_variants(query, how) for query in queries]
        flat = [each for some in written for each in some]
        vectors = self.sought(flat) if how.mode != "lexical" and flat else None
        if vectors is not None and how.hyde and how.model is not None:
            told = [passage(query.text, how.model) for query in flat]
            passages = self._embedder.embed(told, role="document")
            pairs = zip(vectors, passages, strict=True)
            vectors = np.stack([moved(one, other[None], weight=1.0) for one, other in pairs])
        return Prepared(written, vectors)

    def rank(
        self, asked: Prepared, how: How, *, filters: Sequence[Sequence[Filter]], k: int
    ) -> list[Sequence[Ranked]]:
        """Return the candidates of each query, best first: ``how.candidates`` of each leg, or k.

        ``filters`` are lists of them, which hold together, and those of a query with them.

        Raises:
            UsageError: there is no field of a filter, or phrases and no index of words.
        """
        flat = [each for some in asked.variants for each in some]
        with self._store.catalog.snapshot():
            orders = iter(self._orders(flat, asked.vectors, how, filters=filters, k=k))
            return [together([next(orders) for _ in some]) for some in asked.variants]

    def meanings(self, queries: Sequence[Query]) -> Vectors:
        """Return the vectors (n, dimension) of queries; that of the last one is kept."""
        texts = [query.text for query in queries]
        if texts != [self._last[0]]:
            vectors = self._embedder.embed(texts, role="query")
            self._last = texts[-1], vectors[-1:]
            return vectors
        return self._last[1]

    def sought(self, queries: Sequence[Query]) -> Vectors:
        """Return the vectors (n, dimension) that are looked for.

        They are those of the queries, halfway to what stands beside, and most of the way to what
        was meant, since words that no text holds are misspelt ones for the most part.
        """
        vectors = self.meanings(queries)
        others = [
            (place, text, weight)
            for place, query in enumerate(queries)
            for text, weight in ((query.meant, _MEANT), (query.beside, 1.0))
            if text
        ]
        if not others:
            return vectors
        told = self._embedder.embed([text for _, text, _ in others], role="query")
        made = vectors.copy()
        for (place, _, weight), other in zip(others, told, strict=True):
            made[place] = moved(made[place], other[None], weight=weight)
        return made

    def lift(self, query: Query, vector: Vectors, how: How) -> Scorer:
        """Return what says of rows what is added to their cosines for their language."""
        if not how.across:
            return unlifted
        meaning = self._legs.meaning
        lifts = meaning.lifts(query.language, vector)
        return lambda rows: meaning.lift(rows, lifts)

    def allowed(self, query: Query, where: Where) -> Rows | None:
        """Return the rows that may be found, sorted, or None for all that the index holds.

        Raises:
            UsageError: the query has phrases or exclusions, and there is no index of words.
        """
        allowed = self._passing(where)
        if not query.hard:
            return allowed
        if self._lexical is None:
            raise UsageError(
                "phrases and excluded words need the index of words", hint="Run: memctl index build"
            )
        asked = LexicalQuery(
            "", phrases=query.phrases, excluded=query.excluded, unwanted=query.unwanted
        )
        having = self._lexical.having(asked)
        return having if allowed is None else np.intersect1d(allowed, having, assume_unique=True)

    def live_rows(self) -> Rows:
        """Return the rows in use, read once for each revision of the catalog."""
        revision = self._store.catalog.revision
        if self._live[0] != revision:
            rows = np.fromiter(self._store.catalog.live_rows(), dtype=np.int64)
            self._live = revision, rows
        return self._live[1]

    def _passing(self, where: Where) -> Rows | None:
        catalog = self._store.catalog
        if where[0]:
            return np.fromiter(catalog.live_rows(*where), dtype=np.int64)
        if self._dense is None or self._holds_no_others(self._dense):
            return None
        return self.live_rows()

    def _holds_no_others(self, dense: DenseIndex) -> bool:
        """Tell whether an index of vectors has the rows in use and no others.

        One that is up to date may still have a few removed ones, which would take places of hits.
        """
        revision, words = self._store.catalog.revision, self._lexical
        if dense.manifest.revision != revision:
            return False
        if words is not None and words.manifest.revision == revision:
            return dense.manifest.vectors == words.manifest.rows
        return dense.manifest.vectors == self.live_rows().size

    def _orders(
        self,
        queries: Sequence[Query],
        vectors: Vectors | None,
        how: How,
        *,
        filters: Sequence[Sequence[Filter]],
        k: int,
    ) -> list[Sequence[Ranked]]:
        orders: list[Sequence[Ranked]] = [[] for _ in queries]
        wide = max(how.candidates, k)
        for places, allowed in self._groups(queries, filters):
            some = [queries[place] for place in places]
            theirs = None if vectors is None else vectors[places]
            found = self._found(some, theirs, allowed, how, candidates=wide)
            if how.feedback:
                fed = [
                    self._fed(q, order[: how.feedback])
                    for q, order in zip(some, found, strict=True)
                ]
                theirs = self._moved(theirs, found, how)
                found = self._found(fed, theirs, allowed, how, candidates=wide)
            for place, order in zip(places, found, strict=True):
                orders[place] = order
        return orders

    def _groups(
        self, queries: Sequence[Query], filters: Sequence[Sequence[Filter]]
    ) -> Iterator[tuple[list[int], Rows | None]]:
        """Yield the places of queries that look in the same rows, with these rows."""
        groups: dict[tuple[object, ...], list[int]] = {}
        for place, query in enumerate(queries):
            same = (query.filters, query.phrases, query.excluded, query.unwanted)
            groups.setdefault(same, []).append(place)
        for places in groups.values():
            query = queries[places[0]]
            together_ = [*filters, query.filters]
            check_fields([each for some in together_ for each in some], self._store.catalog)
            yield places, self.allowed(query, to_sql(*together_))

    def _found(
        self,
        queries: Sequence[Query],
        vectors: Vectors | None,
        allowed: Rows | None,
        how: How,
        *,
        candidates: int,
    ) -> list[Sequence[Ranked]]:
        found = self._legs.find(
            queries,
            vectors,
            candidates=candidates,
            allowed=allowed,
            words=how.mode != "dense",
            across=how.across,
        )
        return [
            Order(each, self._scores(query, each, how), joined=how.mode == "hybrid")
            for query, each in zip(queries, found, strict=True)
        ]

    def _scores(self, query: Query, found: Candidates, how: How) -> Scores:
        """Return the score (n,) of each candidate.

        It is more where a candidate holds what is in quotes, or is of a file that is named.
        """
        scores = how.fusion.fuse(found, self._legs.trust(query, found))
        if query.preferred and len(found):
            held = self._legs.holding(query.preferred, found.rows)
            scores = scores + np.float32(_QUOTED) * scores.std() * held
        return self._legs.lifted(query, found.rows, scores) if how.mode == "hybrid" else scores

    def _fed(self, query: Query, first: Sequence[Ranked]) -> Query:
        """Return the query with the telling words of its first passages."""
        if self._lexical is None:
            return query
        chunks = self._store.catalog.chunks_at([each.row for each in first])
        texts = [chunks[row][0].chunk for row in chunks]
        more = words(texts, self._lexical, but=query.text)
        return replace(query, text=" ".join((query.text, *more)))

    def _moved(
        self, vectors: Vectors | None, orders: Sequence[Sequence[Ranked]], how: How
    ) -> Vectors | None:
        """Return the vectors of the questions, moved towards their first passages."""
        if vectors is None:
            return None
        source, total = self.latest.now()
        rows = [
            [each.row for each in order[: how.feedback] if each.row < total] for order in orders
        ]
        return np.stack(
            [
                moved(vector, source.take(np.array(some, dtype=np.int64)))
                for vector, some in zip(vectors, rows, strict=True)
            ]
        )


def _variants(query: Query, how: How) -> list[Query]:
    """Return the query, its parts where it is two in one, and what a model makes of it."""
    said = parts(query.text) if how.split else []
    others = said if len(said) > 1 else []
    if how.variants and how.model is not None:
        others = [*others, *variants(query.text, how.model, how.variants)]
    return [query, *(replace(query, text=text, also=(), beside="", meant="") for text in others)]
