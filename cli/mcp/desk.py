"""What a server is asked for: searches, answers, documents, as the JSON of the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from memctl.cli.answering import Ways
from memctl.cli.answers import answer_fields
from memctl.cli.render import hit_fields
from memctl.cli.show import document_fields
from memctl.cli.understood import understood

if TYPE_CHECKING:
    from memctl.ingest import Catalog, DocumentRecord
    from memctl.memory import Place
    from memctl.query import Asker, Searcher, Writer
    from memctl.query.legs import Mode

Fields = dict[str, Any]
T = TypeVar("T")

PAGE = 100  # documents that are listed at once
_CHUNKS = 20  # of a document, given at once


class Desk:
    """One store, asked in a thread of its own: what is open of it belongs to that thread.

    It is opened again when something was written to it, so that each question is answered from one
    whole state, and each next one from the latest.
    """

    def __init__(self, store: Path, index: str, ways: Ways, *, user: str = "") -> None:
        from memctl.query import FreshSearcher

        self._store, self._user = store, user
        self._ways = ways
        self._writer: Writer | None = ways.writer()
        self._fresh = FreshSearcher(store, index)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="memctl-mcp")

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Have the thread do something, and return the future of it."""
        return self._thread.submit(work)

    def close(self) -> None:
        """Close what is open, and end the thread."""
        self._thread.submit(self._fresh.close).result()
        self._thread.shutdown()

    def search(
        self, query: str, *, k: int = 10, mode: str = "hybrid", filters: Sequence[str] = ()
    ) -> Fields:
        """Return what ``memctl query --json`` prints, but for its timings."""
        from memctl.query import Filter, How
        from memctl.query.syntax import checked

        checked(query)
        searcher = self._searching()
        chosen = [Filter.parse(each) for each in filters]
        how = How(cast("Mode", mode), synonyms=searcher.synonyms())
        (hits,) = searcher.search([query], k, filters=chosen, how=how)
        heard = understood(searcher, query, how, filters=chosen, found=bool(hits))
        return {
            "schema": "memctl.query/1",
            "query": query,
            **heard.fields(),
            "hits": [hit_fields(hit) for hit in hits],
        }

    def ask(self, question: str, *, filters: Sequence[str] = ()) -> Fields:
        """Return what ``memctl ask --json`` prints, but for its timings."""
        from memctl.ingest import MemctlError
        from memctl.query import Filter
        from memctl.query.batch import Question
        from memctl.query.syntax import checked

        checked(question)
        searcher = self._searching()
        asker: Asker = self._ways.asker(searcher, self._writer)
        asked = Question("", question, tuple(Filter.parse(each) for each in filters))
        answer = asker.ask(asked)
        if answer.fault:
            raise MemctlError(f"the answer broke off: {answer.fault}")
        heard = understood(
            searcher,
            question,
            asker.asking.how,
            filters=asked.filters,
            found=not answer.abstained,
        )
        return {"schema": "memctl.answer/1", **answer_fields(answer), **heard.fields()}

    def document(self, document: str, *, first: int = 1, count: int = _CHUNKS) -> Fields:
        """Return what ``memctl show --json`` prints, of some of the ``chunks_total`` chunks.

        Raises:
            UsageError: there is no such document.
        """
        catalog = self._searching().store.catalog
        with catalog.snapshot():
            record = _record(catalog, document)
            chunks = list(catalog.chunks_of(record.path))
            notes = [note for note in catalog.notes(file=record.file) if note.path == record.path]
        fields = document_fields(record, notes, chunks[first - 1 : first - 1 + count])
        return {"schema": "memctl.document/1", "chunks_total": len(chunks), **fields}

    def recall(self, question: str, *, as_of: str = "") -> Fields:
        """Return what ``memctl memory recall --json`` prints, but for its timings.

        Raises:
            StoreError: there is no memory yet.
        """
        from memctl.cli.memory.importing import day_of
        from memctl.cli.memory.render import answer_fields as recalled_fields
        from memctl.memory import count_use, recalling

        place = self._place()
        with recalling(place) as recall:
            answer = recall.answer(question, as_of=day_of(as_of))
        count_use(place, [fact.number for fact in answer.facts])
        return {"schema": "memctl.answer/1", **recalled_fields(answer, place)}

    def remember(self, text: str) -> Fields:
        """Return what ``memctl memory add --json`` prints."""
        from memctl.cli.memory.render import written_fields
        from memctl.memory import note, remember

        place = self._place()
        written = remember(place, [note(text)], operation="add")
        return {
            "schema": "memctl.memory-add/1",
            "user": place.user,
            **written_fields(written),
        }

    def forget(self, facts: Sequence[int]) -> Fields:
        """Return what ``memctl memory forget --prove --json`` prints.

        Raises:
            UsageError: there is no such fact.
        """
        from dataclasses import asdict

        from memctl.cli.memory.changing import named_facts
        from memctl.memory import Book
        from memctl.memory.forgetting import forget

        place = self._place()
        with Book.open(place) as book:
            chosen = named_facts(book, facts)
        with Book.write(place) as book:
            done = forget(book, chosen, embedder=book.embedder(), mentions=False, prove=True)
        return {"schema": "memctl.memory-forget/1", "user": place.user, **asdict(done)}

    def _place(self) -> Place:
        from memctl.memory import place_of

        return place_of(self._store, self._user)

    def listed(self, after: str) -> list[tuple[str, str]]:
        """Return the paths and titles of the next documents after a path."""
        from itertools import islice

        documents = self._searching().store.catalog.documents(after=after)
        return [(each.path, each.title) for each in islice(documents, PAGE)]

    def text(self, document: str) -> str:
        """Return the whole text of a document.

        Raises:
            UsageError: there is no such document.
        """
        catalog = self._searching().store.catalog
        with catalog.snapshot():
            record = _record(catalog, document)
            return catalog.text_between(record.path, 0, record.characters)

    def _searching(self) -> Searcher:
        """Return a searcher of the store as it is now."""
        return self._fresh.now()


def _record(catalog: Catalog, document: str) -> DocumentRecord:
    from memctl.ingest import UsageError

    record = catalog.document(catalog.named(document))
    if record is None:
        raise UsageError(f"no document {document!r}", hint="search names documents.")
    return record
