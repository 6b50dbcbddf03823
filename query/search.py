"""From questions to hits."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np

from memctl.index import DEFAULT, DenseIndex, IndexNotFoundError, Rows, RowSource
from memctl.index.lexical import LexicalIndex, LexicalQuery
from memctl.ingest import Chunk, Embedder, Store, StoredChunk, UsageError, Vectors
from memctl.query.around import Around, merged, widened
from memctl.query.candidates import Candidates
from memctl.query.diversity import collapsed, diverse
from memctl.query.filters import Filter, check_fields, to_sql
from memctl.query.hit import Hit
from memctl.query.how import How
from memctl.query.legs import Legs, Mode
from memctl.query.ranked import Ranked, ranked
from memctl.query.rerank import BUILT_IN, Reranker, rerank, reranker
from memctl.query.syntax import Query, checked, parse

Where = tuple[str, list[str]]


class Searcher:
    """An open store with its indexes and a warm embedder: ask it as often as you like."""

    def __init__(
        self, store: Store, *, dense: DenseIndex | None, lexical: LexicalIndex | None
    ) -> None:
        self.store = store
        self.dense = dense
        self.lexical = lexical
        self.embedder: Embedder = store.embedder()
        self.legs = Legs(store, dense=dense, lexical=lexical)
        self._live: tuple[int, Rows] = (-1, np.empty(0, dtype=np.int64))

    @classmethod
    @contextmanager
    def open(
        cls, store: Path, index: str = DEFAULT, *, mode: Mode = "hybrid"
    ) -> Generator[Searcher]:
        """Open the store at ``store`` with what ``mode`` needs: the index of that name, of words.

        Raises:
            StoreError: there is no store, or it cannot be read.
            IndexNotFoundError: there is no such index.
            IndexDamagedError: an index is not what was built.
        """
        with Store.open(store) as opened:
            yield cls(
                opened,
                dense=None if mode == "lexical" else DenseIndex.open(opened, index),
                lexical=_words_of(opened, needed=mode != "dense"),
            )

    def search(
        self,
        questions: Sequence[str],
        k: int = 10,
        *,
        filters: Sequence[Filter] = (),
        also: Sequence[Filter] = (),
        how: How | None = None,
    ) -> list[list[Hit]]:
        """Return at most ``k`` hits for each question, best first.

        A question may hold phrases, exclusions and filters (``syntax``). Of ``filters`` those of
        one field are alternatives, and different fields hold together; a hit passes these, those
        of ``also``, and those of its question.

        Raises:
            UsageError: a question is empty or too long, or ``k`` is not positive, or there is no
                such field to filter by.
        """
        if k < 1:
            raise UsageError(f"{k} hits cannot be found", hint="Ask for at least one: -k 1")
        queries = [checked(question) for question in questions]
        if not queries:
            return []
        way = how or How(self.mode)
        vectors = self.meanings(queries) if way.mode != "lexical" else None
        hits: list[list[Hit]] = [[] for _ in queries]
        with self.store.catalog.snapshot():
            for places, where, allowed in self._groups(queries, filters, also):
                found = self.legs.find(
                    [queries[place] for place in places],
                    None if vectors is None else vectors[places],
                    candidates=max(way.candidates, k),
                    allowed=allowed,
                    words=way.mode != "dense",
                )
                for place, each in zip(places, found, strict=True):
                    order = self._ranked(queries[place], each, way)
                    hits[place] = self._chosen(queries[place], order, where, k=k, how=way)
        return hits

    @property
    def mode(self) -> Mode:
        """What can be asked at most of what is open."""
        if self.dense is None:
            return "lexical"
        return "dense" if self.lexical is None else "hybrid"

    def reranker(self, spec: str = "") -> Reranker:
        """Return the reranker that ``spec`` names, or else the built-in one.

        Raises:
            UsageError: there is none of that name.
            RerankError: what it needs is missing.
        """
        return reranker(spec or BUILT_IN, embedder=self.embedder, lexical=self.lexical)

    def behind(self) -> int:
        """Return how many chunk texts of the corpus the index of vectors does not hold yet."""
        catalog = self.store.catalog
        with catalog.snapshot():
            if self.dense is None or catalog.revision == self.dense.manifest.revision:
                return 0
            return self.dense.missing_from(self._live_rows())

    def widened(self, hits: Sequence[Hit], around: Around, *, merge: bool = False) -> list[Hit]:
        """Return the hits with what stands around them; ``merge`` makes one of those that touch.

        Raises:
            UsageError: ``around`` is no name of a passage.
        """
        catalog = self.store.catalog
        with catalog.snapshot():
            chunks = {
                path: [each.chunk for each in catalog.chunks_of(path)]
                for path in dict.fromkeys(hit.document for hit in hits)
            }
        wide = [widened(hit, around, chunks[hit.document]) for hit in hits]
        return merged(wide, chunks) if merge else wide

    def matched(self, question: str, hit: Hit) -> tuple[str, ...]:
        """Return the words of a hit, as they stand there, that the question's words meet."""
        if self.lexical is None:
            return ()
        return self.lexical.matched(parse(question).text, hit.chunk.text, hit.chunk.language)

    def ranking(self, query: Query, filters: Sequence[Filter], how: How) -> list[Ranked]:
        """Return all candidates for one question, best first, with what each stage said."""
        vectors = self.meanings([query]) if how.mode != "lexical" else None
        (found,) = self.legs.find(
            [query],
            vectors,
            candidates=how.candidates,
            allowed=self.allowed(query, to_sql(filters)),
            words=how.mode != "dense",
        )
        return self._ranked(query, found, how)

    def meanings(self, queries: Sequence[Query]) -> Vectors:
        """Return the vectors (n, dimension) of questions."""
        return self.embedder.embed([query.text for query in queries], role="query")

    def _groups(
        self, queries: Sequence[Query], filters: Sequence[Filter], also: Sequence[Filter]
    ) -> Iterator[tuple[list[int], Where, Rows | None]]:
        """Yield the places of queries that look in the same rows, with these rows."""
        groups: dict[tuple[object, ...], list[int]] = {}
        for place, query in enumerate(queries):
            same = (query.filters, query.phrases, query.excluded)
            groups.setdefault(same, []).append(place)
        for places in groups.values():
            query = queries[places[0]]
            check_fields([*filters, *also, *query.filters], self.store.catalog)
            where = to_sql(filters, also, query.filters)
            yield places, where, self.allowed(query, where)

    def allowed(self, query: Query, where: Where) -> Rows | None:
        """Return the rows that may be found, sorted, or None for all that the index holds.

        Raises:
            UsageError: the query has phrases or exclusions, and there is no index of words.
        """
        allowed = self._passing(where)
        if not query.hard:
            return allowed
        if self.lexical is None:
            raise UsageError(
                "phrases and excluded words need the index of words", hint="Run: memctl index build"
            )
        asked = LexicalQuery("", phrases=query.phrases, excluded=query.excluded)
        having = self.lexical.having(asked)
        return having if allowed is None else np.intersect1d(allowed, having, assume_unique=True)

    def _passing(self, where: Where) -> Rows | None:
        catalog = self.store.catalog
        if where[0]:
            return np.fromiter(catalog.live_rows(*where), dtype=np.int64)
        if self.dense is None or catalog.revision == self.dense.manifest.revision:
            return None
        return self._live_rows()

    def _live_rows(self) -> Rows:
        """Return the rows in use, read once for each revision of the catalog."""
        revision = self.store.catalog.revision
        if self._live[0] != revision:
            rows = np.fromiter(self.store.catalog.live_rows(), dtype=np.int64)
            self._live = revision, rows
        return self._live[1]

    def _ranked(self, query: Query, found: Candidates, way: How) -> list[Ranked]:
        """Return the candidates best first, with what each stage said of them."""
        scores = way.fusion.fuse(found, self.legs.trust(query, found))
        return ranked(found, scores, joined=way.mode == "hybrid")

    def _chosen(
        self, query: Query, order: Sequence[Ranked], where: Where, *, k: int, how: How
    ) -> list[Hit]:
        """Return the first k hits: reranked, collapsed and mixed, where that is asked for."""
        wide = max(k, how.wide)
        hits = list(islice(self._hits(order, where, wide), wide))
        if how.reranker is not None:
            hits = rerank(how.reranker, query.text, hits, first=how.reranked)
        if how.collapse:
            hits = collapsed(hits)
        if how.diversity:
            rows = np.array([hit.row for hit in hits], dtype=np.int64)
            vectors = RowSource(self.store, self.store.rows).take(rows)
            hits = diverse(hits, vectors, k, weight=1 - how.diversity)
        return hits[:k]

    def _hits(self, order: Sequence[Ranked], where: Where, k: int) -> Iterator[Hit]:
        """Yield the chunks of the rows; equal texts in several places are a hit each."""
        rank = 0
        first = order[:k]  # a row in use has a chunk at least
        chunks = self.store.catalog.chunks_at([each.row for each in first], *where)
        for each in first:
            for found in chunks.get(each.row, ()):
                rank += 1
                yield self._hit(rank, each, found, where=where[0])

    def _hit(self, rank: int, its: Ranked, found: StoredChunk, *, where: str) -> Hit:
        return Hit(
            rank,
            its.score,
            chunk=found.chunk,
            ordinal=found.ordinal,
            document_id=found.document_id,
            title=found.title,
            sha256=found.sha256,
            row=found.row,
            pages=found.pages,
            context=self._context(found.chunk, where),
            stages=its.stages,
        )

    def _context(self, chunk: Chunk, where: str) -> str:
        """Return the text of a chunk's context if that is larger than the chunk.

        A condition on chunks, such as a page, holds for what is answered from as well.
        """
        if chunk.context == (chunk.start, chunk.end) or "c." in where:
            return ""
        return self.store.catalog.text_between(chunk.document, *chunk.context)


def _words_of(store: Store, *, needed: bool) -> LexicalIndex | None:
    try:
        return LexicalIndex.open(store)
    except IndexNotFoundError:
        if needed:
            raise
        return None
