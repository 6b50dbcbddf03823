"""Embed what is new, then commit vectors first and the catalog after, in batches."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice, takewhile
from types import TracebackType

import numpy as np

from memctl.ingest.batches import Batches, Sent
from memctl.ingest.chunk import Chunk
from memctl.ingest.chunking import joined
from memctl.ingest.document import Note, Problem
from memctl.ingest.embedders import Embedder
from memctl.ingest.losses import losses, lost, noted
from memctl.ingest.parsed import Parsed
from memctl.ingest.records import TAKEN, DocumentRecord, FileRecord, NoteRecord, filed
from memctl.ingest.store import Store, writing_to
from memctl.ingest.summary import Progress
from memctl.ingest.vectors import Vectors
from memctl.ingest.walk import Skipped

_LOG = logging.getLogger(__name__)
_Step = tuple[int, Callable[[], object]]  # the rows that must be there, and the change

_BATCH = 32  # texts a call of the embedder
_SECONDS = 0.25  # between commits at least
_SHARE = 20  # and so many times as long as a commit takes
_STEPS = 4096  # changes a commit at most


def embedding_text(chunk: Chunk, title: str) -> str:
    """Return what is embedded for a chunk: its title and headings give its words their place.

    A heading that stands in the chunk itself is not said twice.
    """
    lines: list[str] = []
    for line in (title, *chunk.headings):
        if line and line not in lines and line not in chunk.text:
            lines.append(line)
    return "\n".join((*lines, chunk.text))


class Writer:
    """Takes documents in order, has them embedded, and commits what has all of its vectors.

    It is a context manager: at the end what was taken is committed, and after an error or an
    interruption what can be kept of it.
    """

    def __init__(
        self, store: Store, embedder: Embedder, *, recipe: str, progress: Progress
    ) -> None:
        self._store = store
        self._catalog = store.catalog
        self._batches = Batches(embedder)
        self.recipe = recipe
        self._progress = progress
        self._texts: dict[bytes, str] = {}  # of the next batch, by key
        self._sent: list[Sent[bytes]] = []
        self._keys: dict[bytes, int] = {}  # of the rows since the last commit, in order
        self._steps: list[_Step] = []
        self._notes: list[NoteRecord] = []  # on the file that is being taken
        self._owners: dict[str, str] = {}  # of documents since the last commit, their files
        self._rows = self._catalog.rows  # that are committed
        self._committed_at = time.monotonic()
        self._pause = _SECONDS
        self.embedded = 0
        self.reused = 0

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._batches:
            try:
                if kind is None:
                    self._commit_all()
            except BaseException:
                self._rescue()
                raise
            if kind is not None:
                self._rescue()

    def begin_file(self) -> None:
        """Say that the documents of another file follow."""
        self._notes = []
        self._then(self._catalog.begin_seen)

    def lost(self) -> Iterator[Skipped]:
        """Yield what of the file that is being taken was not read so far."""
        return losses(self._notes)

    def lose(self, file: str, problem: Problem) -> None:
        """Take note of a part of the file that was not read."""
        self._notes.append(lost(file, problem))

    def keep(self, file: str, path: str, notes: Iterable[Note]) -> None:
        """Say that a document of the file is as the catalog has it."""
        self._notes.extend(noted(file, path, notes))
        self._then(partial(self._catalog.note_seen, path))
        self._commit_if_due()

    def add(self, file: str, parsed: Parsed) -> None:
        """Take a document; when it is the one that the catalog has, nothing is embedded.

        One whose path is that of another file's document is lost.
        """
        known = self._catalog.document(parsed.path)
        owner = self._owners.get(parsed.path, known.file if known else file)
        if owner != file:
            self.lose(file, Problem(parsed.path, TAKEN[0], reason=TAKEN[1]))
            return
        if "#" in parsed.path:  # another path can be no other file's
            self._owners[parsed.path] = file
        same = known and (known.sha256, known.recipe) == (parsed.sha256, self.recipe)
        if not same:
            rules, language = self._store.settings.chunking, parsed.language
            chunks = joined(parsed.chunks, rules, embed=self._embed_now, language=language)
            placed = [(chunk, self._row(embedding_text(chunk, parsed.title))) for chunk in chunks]
            record = _record(file, parsed, self.recipe)
            for chunk, row in placed:
                _LOG.debug(
                    "%s %d–%d, row %d: %s", parsed.path, chunk.start, chunk.end, row, chunk.text
                )
            self._then(partial(self._catalog.put_document, record, placed))
        self.keep(file, parsed.path, parsed.notes)

    def move(self, old: str, record: FileRecord) -> None:
        """Give the documents of the file ``old``, which is gone, to one with the same bytes."""
        self._then(partial(self._catalog.move_file, old, record))
        self.end_file(record, whole=False)

    def end_file(self, record: FileRecord, *, whole: bool) -> None:
        """Note the file as done; where it was read whole, what it no longer holds is removed."""
        if whole:
            self._then(partial(self._catalog.remove_unseen, record.path))
            self._then(partial(self._catalog.put_notes, record.path, self._notes))
        self._then(partial(self._catalog.put_file, record))
        self._commit_if_due()

    def _then(self, change: Callable[[], object]) -> None:
        """Make a change of the catalog when all vectors that were asked for so far are there."""
        self._steps.append((self._rows + len(self._keys), change))

    def _row(self, text: str) -> int:
        """Return the row of the vector of ``text``, which may still have to be made."""
        key = hashlib.sha256(text.encode("utf-8")).digest()
        row = self._keys.get(key)
        if row is None:
            row = self._catalog.row_of(key)
        if row is not None:
            self.reused += 1
            return row
        row = self._rows + len(self._keys)
        self._keys[key] = row
        self._texts[key] = text
        if len(self._texts) == _BATCH:
            self._embed()
            self._commit_if_due()
        return row

    def _embed(self) -> None:
        if self._texts:
            vectors = self._batches.put(list(self._texts.values()))
            self._sent.append(Sent(list(self._texts), vectors))
            self._texts = {}

    def _embed_now(self, texts: Sequence[str]) -> Vectors:
        """Embed texts whose vectors are not kept."""
        return self._batches.put(texts).result()

    def _commit_if_due(self) -> None:
        if len(self._steps) >= _STEPS or len(self._keys) >= _STEPS:
            self._commit_all()
        elif time.monotonic() - self._committed_at >= self._pause:
            self._commit(list(takewhile(Sent.done, self._sent)))

    def _commit_all(self) -> None:
        """Embed what waits, then commit everything that was taken so far."""
        self._embed()
        self._commit(self._sent)

    def _rescue(self) -> None:
        """Keep what is made, after an error or an interruption.

        A document that still misses vectors is not noted, but the next ingest finds the others.
        """
        self._batches.stop()
        if self._catalog.rows == self._rows:  # or the interruption came between commit and note
            self._commit(list(takewhile(Sent.good, self._sent)))

    def _commit(self, made: Sequence[Sent[bytes]]) -> None:
        """Commit the first batches, waiting for their vectors, and the changes that need no others.

        Vectors are written before the catalog says that they are there. What is left is noted in
        one step at the end, so that an interruption finds all of it done or nothing.
        """
        begun = time.monotonic()
        vectors = [batch.vectors.result() for batch in made]
        keys = [key for batch in made for key in batch.marks]
        rows = self._rows + len(keys)
        steps = [change for needed, change in self._steps if needed <= rows]
        sha256 = b""
        if keys:
            with writing_to(self._store.layout.root):
                sha256 = self._store.vectors.append(np.concatenate(vectors), rows=self._rows)
        if keys or steps:
            with self._catalog.transaction():
                self._catalog.add_vectors(keys, first=self._rows, sha256=sha256)
                for change in steps:
                    change()
        embedded, now = self.embedded + len(keys), time.monotonic()
        sent, left = self._sent[len(made) :], self._steps[len(steps) :]
        waiting = dict(islice(self._keys.items(), len(keys), None))
        self._rows, self._sent, self._steps, self._keys = rows, sent, left, waiting
        self.embedded, self._committed_at = embedded, now
        if not left:
            self._owners.clear()
        self._pause = max(_SECONDS, _SHARE * (now - begun))
        self._progress.chunks(self.embedded + self.reused)


def _record(file: str, parsed: Parsed, recipe: str) -> DocumentRecord:
    return DocumentRecord(
        parsed.path,
        parsed.id,
        file=file,
        title=parsed.title,
        language=parsed.language,
        sha256=parsed.sha256,
        recipe=recipe,
        characters=parsed.characters,
        pages=parsed.pages,
        metadata=filed(parsed.metadata, file),
        signature=parsed.signature,
    )
