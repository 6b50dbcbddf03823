"""From questions to hits."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path

import numpy as np

from memctl.index import (
    DEFAULT,
    DenseIndex,
    IndexDamagedError,
    IndexNotFoundError,
)
from memctl.index.lexical import LexicalIndex
from memctl.ingest import Embedder, ReplacedError, Store, UsageError, Vectors
from memctl.query.around import Around, merged, widened
from memctl.query.diversity import collapsed, diverse
from memctl.query.filters import Filter, to_sql
from memctl.query.hit import Hit, hit_of, in_context
from memctl.query.how import How
from memctl.query.legs import Mode
from memctl.query.ranked import Ranked
from memctl.query.ranking import Ranker, Where
from memctl.query.rerank import BUILT_IN, Reranker, rerank, reranker
from memctl.query.synonyms import Synonyms
from memctl.query.syntax import Query, checked, parse
from memctl.query.typos import Correction
from memctl.query.understanding import Understanding

_TRIES = 5  # to open a store that is being replaced
_LOG = logging.getLogger(__name__)


class Searcher:
    """An open store with its indexes and a warm embedder: ask it as often as you like."""

    def __init__(
        self,
        store: Store,
        *,
        dense: DenseIndex | None,
        lexical: LexicalIndex | None,
        embedder: Embedder | None = None,
    ) -> None:
        self.store = store
        self.dense = dense
        self.lexical = lexical
        warm = embedder is not None and embedder.fingerprint == store.fingerprint
        self.embedder: Embedder = embedder if embedder and warm else store.embedder()
        self.understanding = Understanding(lexical)
        self.ranker = Ranker(store, dense=dense, lexical=lexical, embedder=self.embedder)
        self._read: tuple[tuple[int, str], str] = ((-1, ""), "")

    @classmethod
    @contextmanager
    def open(
        cls,
        store: Path,
        index: str = DEFAULT,
        *,
        mode: Mode = "hybrid",
        embedder: Embedder | None = None,
    ) -> Generator[Searcher]:
        """Open the store at ``store`` with what ``mode`` needs: the index of that name, of words.

        ``embedder`` is a warm one, which is taken where it is the store's.

        Raises:
            StoreError: there is no store, or it cannot be read.
            IndexNotFoundError: there is no such index.
            IndexDamagedError: an index is not what was built.
        """
        with ExitStack() as stack:
            searcher: Searcher | None = None
            for _ in range(_TRIES):
                with suppress(ReplacedError):
                    searcher = cls._opened(stack, store, index, mode, embedder=embedder)
                    break
                stack.close()
            yield searcher or cls._opened(stack, store, index, mode, embedder=embedder)

    @classmethod
    def _opened(
        cls, stack: ExitStack, store: Path, index: str, mode: Mode, *, embedder: Embedder | None
    ) -> Searcher:
        """Open everything, of one state of the store.

        Raises:
            ReplacedError: it was replaced in the meantime.
        """
        opened = stack.enter_context(Store.open(store))
        try:
            made = cls(
                opened,
                dense=None if mode == "lexical" else DenseIndex.open(opened, index),
                lexical=_words_of(opened, needed=mode != "dense"),
                embedder=embedder,
            )
        except (IndexNotFoundError, IndexDamagedError):
            opened.check_kept()
            raise
        opened.check_kept()
        return made

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
        way = how or How(self.mode)
        queries = [self.understood(question, way) for question in questions]
        if not queries:
            return []
        asked = self.ranker.prepare(queries, way)
        with self.store.catalog.snapshot():
            orders = self.ranker.rank(asked, way, filters=(filters, also), k=k)
            return [
                self._chosen(query, order, to_sql(filters, also, query.filters), k=k, how=way)
                for query, order in zip(queries, orders, strict=True)
            ]

    @property
    def mode(self) -> Mode:
        """What can be asked at most of what is open."""
        if self.dense is None:
            return "lexical"
        return "dense" if self.lexical is None else "hybrid"

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the texts are in, as far as words are indexed."""
        return self.lexical.languages if self.lexical is not None else ()

    def reranker(self, spec: str = "") -> Reranker:
        """Return the reranker that ``spec`` names, or else the built-in one.

        Raises:
            UsageError: there is none of that name.
            RerankError: what it needs is missing.
        """
        return reranker(spec or BUILT_IN, embedder=self.embedder, lexical=self.lexical)

    def synonyms(self, file: Path | None = None) -> Synonyms:
        """Return the synonyms in a file, or else those of the store; none where it has none.

        Raises:
            UsageError: the file cannot be read, or a line is none.
        """
        own = self.store.layout.synonyms
        if file is None and not own.is_file():
            return Synonyms()
        return Synonyms.load(file or own)

    def understood(self, question: str, how: How) -> Query:
        """Return a question with all that is looked for besides its words.

        Raises:
            UsageError: it is empty, or too long to be one.
        """
        return self.understanding.understood(checked(question), how)

    def corrections(self, question: str) -> list[Correction]:
        """Return what was meant by words of a question that no text holds."""
        return self.understanding.corrections(parse(question))

    def meant(self, question: str) -> str:
        """Return what a question asks, with other words in place of those that no text holds."""
        query = parse(question)
        return self.understanding.meant(query) or query.text

    def meaning(self, question: str) -> Vectors:
        """Return the vector (d,) of a question; that of the last one searched for is at hand."""
        vector: Vectors = self.ranker.meanings([parse(question)])[0]
        return vector

    def vectors(self, hits: Sequence[Hit]) -> Vectors:
        """Return the vectors (n, d) of hits, as they are stored."""
        rows = np.array([hit.row for hit in hits], dtype=np.int64)
        return self.ranker.latest.now()[0].take(rows)

    def behind(self) -> int:
        """Return how many chunk texts of the corpus the index of vectors does not hold yet."""
        catalog = self.store.catalog
        with catalog.snapshot():
            if self.dense is None or catalog.revision == self.dense.manifest.revision:
                return 0
            return self.dense.missing_from(self.ranker.live_rows())

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
        return self.lexical.matched(self._as_read(question), hit.chunk.text, hit.chunk.language)

    def _as_read(self, question: str) -> str:
        """Return the text of a question as it was meant; the last one is kept, for all its hits."""
        key = (self.store.catalog.revision, question)
        if self._read[0] != key:
            query = parse(question)
            self._read = key, self.understanding.meant(query) or query.text
        return self._read[1]

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
            hits = diverse(hits, self.vectors(hits), k, weight=1 - how.diversity)
        for hit in hits[:k]:
            _LOG.debug("%r found %s %.3f: %s", query.text, hit.document, hit.score, hit.chunk.text)
        return hits[:k]

    def _hits(self, order: Sequence[Ranked], where: Where, k: int) -> Iterator[Hit]:
        """Yield the chunks of the rows; equal texts in several places are a hit each."""
        rank = 0
        first = order[:k]  # a row in use has a chunk at least
        chunks = self.store.catalog.chunks_at([each.row for each in first], *where)
        for each in first:
            for found in chunks.get(each.row, ()):
                rank += 1
                hit = hit_of(found, rank, each.score, stages=each.stages)
                # A condition on chunks, such as a page, holds for what is answered from as well.
                yield hit if "c." in where[0] else in_context(hit, self.store.catalog)


def _words_of(store: Store, *, needed: bool) -> LexicalIndex | None:
    try:
        return LexicalIndex.open(store)
    except IndexNotFoundError:
        if needed:
            raise
        return None
