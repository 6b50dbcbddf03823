"""From questions to hits."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np

from memctl.index import DEFAULT, DenseIndex, Rows
from memctl.ingest import Chunk, Embedder, Store, UsageError
from memctl.query.filters import Filter, to_sql
from memctl.query.hit import Hit, Stage

_LONGEST = 4000  # characters of a question


class Searcher:
    """An open store with an index and a warm embedder: ask it as often as you like."""

    def __init__(self, store: Store, index: DenseIndex) -> None:
        self.store = store
        self.index = index
        self.embedder: Embedder = store.embedder()

    @classmethod
    @contextmanager
    def open(cls, store: Path, index: str = DEFAULT) -> Generator[Searcher]:
        """Open the store at ``store`` and its index of that name.

        Raises:
            StoreError: there is no store, or it cannot be read.
            IndexNotFoundError: there is no such index.
            IndexDamagedError: the index is not what was built.
        """
        with Store.open(store) as opened:
            yield cls(opened, DenseIndex.open(opened, index))

    def search(
        self,
        questions: Sequence[str],
        k: int = 10,
        *,
        filters: Sequence[Filter] = (),
        also: Sequence[Filter] = (),
    ) -> list[list[Hit]]:
        """Return at most ``k`` hits for each question, best first.

        Of ``filters`` those of one field are alternatives, and different fields hold together; a
        hit passes these and those of ``also``.

        Raises:
            UsageError: a question is empty or too long, or ``k`` is not positive.
        """
        if k < 1:
            raise UsageError(f"{k} hits cannot be found", hint="Ask for at least one: -k 1")
        for question in questions:
            check_question(question)
        if not questions:
            return []
        vectors = self.embedder.embed(questions, role="query")
        with self.store.catalog.snapshot():
            where = to_sql(filters, also)
            allowed = self._allowed(*where)
            rows, scores = self.index.search(vectors, k, allowed=allowed)
            return [
                list(islice(self._hits(line, line_scores, where), k))
                for line, line_scores in zip(rows, scores, strict=True)
            ]

    def behind(self) -> int:
        """Return how many chunk texts of the corpus the index does not hold yet."""
        catalog = self.store.catalog
        with catalog.snapshot():
            if catalog.revision == self.index.manifest.revision:
                return 0
            return self.index.missing_from(_rows(catalog.live_rows()))

    def _allowed(self, where: str, values: Sequence[str]) -> Rows | None:
        """Return the rows that may be found, or None for all that the index holds."""
        catalog = self.store.catalog
        if not where and catalog.revision == self.index.manifest.revision:
            return None
        return _rows(catalog.live_rows(where, values))

    def _hits(
        self,
        rows: Rows,
        scores: np.ndarray[tuple[int], np.dtype[np.float32]],
        where: tuple[str, list[str]],
    ) -> Iterator[Hit]:
        """Yield the chunks of the rows; equal texts in several places are a hit each."""
        rank = 0
        for row, score in zip(rows.tolist(), scores.tolist(), strict=True):
            if row < 0:
                return
            for found in self.store.catalog.chunks_at(row, *where):
                rank += 1
                yield Hit(
                    rank,
                    score,
                    chunk=found.chunk,
                    ordinal=found.ordinal,
                    document_id=found.document_id,
                    title=found.title,
                    sha256=found.sha256,
                    row=row,
                    pages=found.pages,
                    context=self._context(found.chunk, where[0]),
                    stages=(Stage("dense", rank, score=score),),
                )

    def _context(self, chunk: Chunk, where: str) -> str:
        """Return the text of a chunk's context if that is larger than the chunk.

        A condition on chunks, such as a page, holds for what is answered from as well.
        """
        if chunk.context == (chunk.start, chunk.end) or "c." in where:
            return ""
        return self.store.catalog.text_between(chunk.document, *chunk.context)


def check_question(question: str) -> None:
    """Refuse what is no question.

    Raises:
        UsageError: it is empty, or too long to be one.
    """
    if not question.strip():
        raise UsageError("the question is empty", hint="Write it in quotes.")
    if len(question) > _LONGEST:
        raise UsageError(
            f"the question has {len(question):,} characters", hint=f"Ask with {_LONGEST:,} at most."
        )


def _rows(rows: Iterator[int]) -> Rows:
    return np.fromiter(rows, dtype=np.int64)
