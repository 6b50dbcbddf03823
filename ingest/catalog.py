"""The catalog: the one truth of which documents, chunks and vector rows a store holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from memctl.ingest.chunk import Chunk
from memctl.ingest.database import FORMAT, SCHEMA, connect, damaged, told
from memctl.ingest.errors import StoreError
from memctl.ingest.records import (
    CHUNK,
    DOCUMENT,
    FILE,
    NOTE,
    Counts,
    DocumentRecord,
    FileRecord,
    NoteRecord,
    StoredChunk,
    chunk_from,
    document_from,
    file_from,
    note_from,
)

_PAGE = 500  # rows read at once, so that no cursor stays open


class Catalog:
    """One connection to ``catalog.sqlite``; reading needs no lock, writing holds the writer's."""

    def __init__(self, connection: sqlite3.Connection, file: Path) -> None:
        self._db = connection
        self._file = file

    @classmethod
    def create(cls, file: Path, *, embedder: str, fingerprint: str, dimension: int) -> Catalog:
        """Make the catalog of a new store and open it for writing."""
        db = connect(file, "rwc")
        db.execute("PRAGMA page_size = 8192")
        db.executescript(f"BEGIN; {SCHEMA}; COMMIT")
        catalog = cls(db, file)
        facts = {
            "format": str(FORMAT),
            "embedder": embedder,
            "fingerprint": fingerprint,
            "dimension": str(dimension),
            "rows": "0",
            "revision": "0",
        }
        with catalog.transaction():
            db.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())
        return catalog

    @classmethod
    def open(cls, file: Path, *, writable: bool = False) -> Catalog:
        """Open the catalog.

        A reader also opens for writing where it may: only so can SQLite roll back what a killed
        writer left half done. ``query_only`` keeps it from changing anything else.

        Raises:
            StoreError: it is not a catalog, damaged, or of another format.
        """
        with told(file):
            try:
                db = connect(file, "rw")
                db.execute("SELECT 1 FROM sqlite_schema").fetchone()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                    raise
                db = connect(file, "ro")
            if not writable:
                db.execute("PRAGMA query_only = ON")
        catalog = cls(db, file)
        version = catalog.meta("format")
        if version != str(FORMAT):
            raise StoreError(
                f"{file} has format {version}, this memctl reads format {FORMAT}",
                hint="Use the memctl that wrote it, or a newer one.",
            )
        return catalog

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All or nothing: commits at the end, rolls back on an error."""
        with told(self._file):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk ends it by itself
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Generator[None]:
        """All reads inside see one state, and no writer can commit before they end: be brief."""
        with told(self._file):
            self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    def _all(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        """Return all rows: an open cursor would keep the writer from committing."""
        with told(self._file):
            return self._db.execute(query, values).fetchall()

    def _one(self, query: str, values: Sequence[object] = ()) -> Any:  # noqa: ANN401  a row of any shape
        return next(iter(self._all(query, values)), None)

    # --- facts

    def meta(self, key: str) -> str:
        """Return the fact ``key``."""
        row = self._one("SELECT value FROM meta WHERE key = ?", (key,))
        if row is None:
            raise damaged(self._file, f"it does not say its {key}")
        return str(row[0])

    @property
    def rows(self) -> int:
        """The number of committed vector rows."""
        return int(self.meta("rows"))

    @property
    def revision(self) -> int:
        """Counts the documents added, changed and removed since the store was made."""
        return int(self.meta("revision"))

    def counts(self) -> Counts:
        """Return how much there is."""
        one = self._one(
            "SELECT (SELECT count(*) FROM files), (SELECT count(*) FROM documents),"
            " (SELECT count(*) FROM chunks), (SELECT coalesce(sum(tokens), 0) FROM chunks),"
            " (SELECT count(*) FROM files WHERE code IS NOT NULL)"
        )
        files, documents, chunks, tokens, failed = one
        return Counts(
            files, documents, chunks=chunks, tokens=tokens, vectors=self.rows, failed=failed
        )

    # --- reading

    def file(self, path: str) -> FileRecord | None:
        """Return what is known of the file ``path``."""
        row = self._one(f"{FILE} WHERE path = ?", (path,))
        return None if row is None else file_from(row)

    def holds(self, file: str) -> bool:
        """Tell whether there is a document of the file."""
        return self._one("SELECT 1 FROM documents WHERE file = ? LIMIT 1", (file,)) is not None

    def files(self, *, root: str) -> Iterator[FileRecord]:
        """Yield the files of one root in order of path."""
        query = f"{FILE} WHERE root = ? AND path > ? ORDER BY path LIMIT {_PAGE}"
        last = ""
        while rows := self._all(query, (root, last)):
            yield from map(file_from, rows)
            last = rows[-1][0]

    def roots(self) -> set[str]:
        """Return the folders that files are named from."""
        return {root for (root,) in self._all("SELECT DISTINCT root FROM files")}

    def folders(self) -> set[str]:
        """Return the folders that were ingested as such."""
        return {path for (path,) in self._all("SELECT path FROM folders")}

    def document(self, path: str) -> DocumentRecord | None:
        """Return what is known of the document ``path``."""
        row = self._one(f"{DOCUMENT} WHERE path = ?", (path,))
        return None if row is None else document_from(row)

    def documents(self) -> Iterator[DocumentRecord]:
        """Yield the documents in order of path."""
        query = f"{DOCUMENT} WHERE path > ? ORDER BY path LIMIT {_PAGE}"
        last = ""
        while rows := self._all(query, (last,)):
            yield from map(document_from, rows)
            last = rows[-1][0]

    def notes(self, *, file: str | None = None) -> list[NoteRecord]:
        """Return the notes on all files, or on one, in order of path and page."""
        where, values = ("", ()) if file is None else (" WHERE file = ?", (file,))
        query = f"{NOTE}{where} ORDER BY file, path, page, code"
        return [note_from(row) for row in self._all(query, values)]

    def chunks_of(self, path: str) -> Iterator[StoredChunk]:
        """Yield the chunks of a document in their order."""
        return map(chunk_from, self._all(f"{CHUNK} WHERE d.path = ? ORDER BY c.ordinal", (path,)))

    def chunks(self) -> Iterator[StoredChunk]:
        """Yield every chunk in order of document path; each document is seen whole."""
        for document in self.documents():
            yield from self.chunks_of(document.path)

    def chunks_at(self, row: int, where: str = "", values: Sequence[str] = ()) -> list[StoredChunk]:
        """Return the chunks whose vector is ``row``; ``where`` is SQL on c and d, with WHERE."""
        also = where.replace(" WHERE ", " AND ", 1)
        query = f"{CHUNK} WHERE c.row = ?{also} ORDER BY d.path, c.ordinal"
        return [chunk_from(found) for found in self._all(query, (row, *values))]

    def live_rows(self, where: str = "", values: Sequence[str] = ()) -> Iterator[int]:
        """Yield the vector rows in use, in order; ``where`` is SQL on c and d, with WHERE."""
        joined = " c JOIN documents d ON d.number = c.document" if where else " c"
        query = f"SELECT DISTINCT c.row FROM chunks{joined}{where} ORDER BY c.row"
        return (row for (row,) in self._all(query, tuple(values)))

    def row_of(self, key: bytes) -> int | None:
        """Return the row of the vector that was made from the text with this key."""
        found = self._one("SELECT row FROM vectors WHERE key = ?", (key,))
        return None if found is None else int(found[0])

    # --- writing, inside a transaction

    def add_vectors(self, keys: Iterable[bytes], *, first: int) -> None:
        """Say that the texts with these keys have their vectors from row ``first`` on."""
        pairs = [(key, row) for row, key in enumerate(keys, start=first)]
        self._db.executemany("INSERT INTO vectors VALUES (?, ?)", pairs)
        self._db.execute("UPDATE meta SET value = ? WHERE key = 'rows'", (str(first + len(pairs)),))

    def put_document(self, record: DocumentRecord, chunks: Iterable[tuple[Chunk, int]]) -> None:
        """Store a document with its chunks and their rows, in place of what had its path."""
        self._db.execute("DELETE FROM documents WHERE path = ?", (record.path,))
        cursor = self._db.execute(
            "INSERT INTO documents (path, file, id, title, language, sha256, recipe, characters,"
            " pages, metadata, signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.path,
                record.file,
                record.id,
                record.title,
                record.language,
                record.sha256,
                record.recipe,
                record.characters,
                json.dumps(record.pages),
                json.dumps(dict(record.metadata), ensure_ascii=False, sort_keys=True),
                record.signature,
            ),
        )
        self._db.executemany(
            "INSERT INTO chunks (document, ordinal, start, end, text, tokens, pages, headings,"
            " language, row, context_start, context_end)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    cursor.lastrowid,
                    ordinal,
                    chunk.start,
                    chunk.end,
                    chunk.text,
                    chunk.tokens,
                    json.dumps(chunk.pages),
                    json.dumps(chunk.headings, ensure_ascii=False),
                    chunk.language,
                    row,
                    *chunk.context,
                )
                for ordinal, (chunk, row) in enumerate(chunks, start=1)
            ),
        )
        self._bump(1)

    def put_file(self, record: FileRecord) -> None:
        """Note a file as done, read or not."""
        self._db.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.path,
                record.root,
                record.size,
                record.mtime_ns,
                record.ctime_ns,
                record.sha256,
                record.recipe,
                record.code or None,
                record.reason or None,
            ),
        )

    def put_notes(self, file: str, notes: Iterable[NoteRecord]) -> None:
        """Store the notes on a file, in place of those that it had."""
        self._db.execute("DELETE FROM notes WHERE file = ?", (file,))
        self._db.executemany(
            "INSERT INTO notes VALUES (?, ?, ?, ?, ?, ?)",
            (
                (note.file, note.path, note.page, note.code, note.reason, note.lost)
                for note in notes
            ),
        )

    def set_root(self, path: str, root: str) -> None:
        """Say from which folder a file is named."""
        self._db.execute("UPDATE files SET root = ? WHERE path = ?", (root, path))

    def remove_file(self, path: str) -> None:
        """Remove a file and its documents."""
        removed = self._db.execute("DELETE FROM documents WHERE file = ?", (path,)).rowcount
        self._db.execute("DELETE FROM notes WHERE file = ?", (path,))
        self._db.execute("DELETE FROM files WHERE path = ?", (path,))
        self._bump(removed)

    def add_folder(self, path: str) -> None:
        """Note a folder as ingested."""
        self._db.execute("INSERT OR IGNORE INTO folders VALUES (?)", (path,))

    def begin_seen(self) -> None:
        """Begin to note which documents a file still holds."""
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS seen (path TEXT PRIMARY KEY)")
        self._db.execute("DELETE FROM seen")

    def note_seen(self, path: str) -> None:
        """Note the document ``path`` as seen."""
        self._db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (path,))

    def remove_unseen(self, file: str) -> None:
        """Remove the documents of ``file`` that were not noted."""
        removed = self._db.execute(
            "DELETE FROM documents WHERE file = ? AND path NOT IN (SELECT path FROM seen)", (file,)
        ).rowcount
        self._bump(removed)

    def _bump(self, changes: int) -> None:
        self._db.execute(
            "UPDATE meta SET value = CAST(value AS INTEGER) + ? WHERE key = 'revision'", (changes,)
        )
