"""Embed what is new, then commit vectors first and the catalog after, in batches."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from memctl.ingest.chunk import Chunk
from memctl.ingest.document import Problem
from memctl.ingest.embedders import Embedder
from memctl.ingest.parsing import Parsed
from memctl.ingest.records import DocumentRecord, FileRecord, NoteRecord
from memctl.ingest.store import Store, writing_to
from memctl.ingest.summary import Progress
from memctl.ingest.vectors import Vectors

_EMBEDDED = 8  # texts a call of the embedder: a kill loses the work on these at most
_SECONDS = 1.0  # between commits
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
    """Takes documents in order and keeps at most one batch of them in memory."""

    def __init__(
        self, store: Store, embedder: Embedder, *, recipe: str, progress: Progress
    ) -> None:
        self._store = store
        self._catalog = store.catalog
        self._embedder = embedder
        self.recipe = recipe
        self._progress = progress
        self._texts: dict[bytes, str] = {}  # to be embedded, by key, in row order
        self._keys: dict[bytes, int] = {}  # of the rows since the last commit
        self._vectors: list[Vectors] = []
        self._steps: list[Callable[[], object]] = []
        self._notes: list[NoteRecord] = []  # on the file that is being taken
        self._rows = self._catalog.rows
        self._committed_at = time.monotonic()
        self.embedded = 0
        self.reused = 0

    def begin_file(self) -> None:
        """Say that the documents of another file follow."""
        self._notes = []
        self._steps.append(self._catalog.begin_seen)

    def lose(self, file: str, problem: Problem) -> None:
        """Take note of a part of the file that was not read."""
        self._notes.append(
            NoteRecord(file, problem.path, code=problem.code, reason=problem.reason, lost=True)
        )

    def add(self, file: str, parsed: Parsed) -> None:
        """Take a document; when it is the one that the catalog has, nothing is embedded."""
        self._notes.extend(
            NoteRecord(file, parsed.path, code=note.code, reason=note.reason, page=note.page)
            for note in parsed.notes
        )
        self._steps.append(partial(self._catalog.note_seen, parsed.path))
        known = self._catalog.document(parsed.path)
        if known and (known.sha256, known.recipe) == (parsed.sha256, self.recipe):
            self._commit_if_due()
            return
        placed: list[tuple[Chunk, int]] = []
        for chunk in parsed.chunks:
            placed.append((chunk, self._row(embedding_text(chunk, parsed.title))))
            if len(self._texts) >= _EMBEDDED:
                self._embed()
                self._commit_if_due()
        record = DocumentRecord(
            parsed.path,
            parsed.id,
            file=file,
            title=parsed.title,
            language=parsed.language,
            sha256=parsed.sha256,
            recipe=self.recipe,
            characters=parsed.characters,
            pages=parsed.pages,
            metadata=parsed.metadata,
            signature=parsed.signature,
        )
        self._steps.append(partial(self._catalog.put_document, record, placed))
        self._commit_if_due()

    def end_file(self, record: FileRecord, *, whole: bool) -> None:
        """Note the file as done; where it was read whole, what it no longer holds is removed."""
        if whole:
            self._steps.append(partial(self._catalog.remove_unseen, record.path))
            self._steps.append(partial(self._catalog.put_notes, record.path, self._notes))
        self._steps.append(partial(self._catalog.put_file, record))
        self._commit_if_due()

    def commit(self) -> None:
        """Embed what waits, write the vectors, then commit everything that was taken so far."""
        self._embed()
        self._write(list(self._keys), self._steps)
        self._rows += len(self._keys)
        self._keys.clear()
        self._vectors.clear()
        self._steps.clear()
        self._committed_at = time.monotonic()

    def rescue(self) -> None:
        """Keep the vectors that are made, after an error or an interruption.

        A document that still misses some is not noted, but the next ingest finds its vectors.
        """
        if self._catalog.rows != self._rows:
            return  # the interruption came when the commit was done, before it was noted here
        if self._texts:
            self._write([key for key in self._keys if key not in self._texts], [])
        else:
            self._write(list(self._keys), self._steps)

    def _write(self, keys: Sequence[bytes], steps: Sequence[Callable[[], object]]) -> None:
        """Commit the vectors with these keys, the first ones that wait, and the changes."""
        if keys:
            with writing_to(self._store.layout.root):
                self._store.vectors.append(np.concatenate(self._vectors), rows=self._rows)
        if keys or steps:
            with self._catalog.transaction():
                self._catalog.add_vectors(keys, first=self._rows)
                for step in steps:
                    step()

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
        return row

    def _embed(self) -> None:
        if self._texts:
            self._vectors.append(self._embedder.embed(list(self._texts.values()), role="document"))
            self.embedded += len(self._texts)
            self._texts.clear()
            self._progress.chunks(self.embedded + self.reused)

    def _commit_if_due(self) -> None:
        due = time.monotonic() - self._committed_at >= _SECONDS
        if due or len(self._steps) >= _STEPS or len(self._keys) >= _STEPS:
            self.commit()
