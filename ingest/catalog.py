"""The catalog: the one truth of which documents, chunks and vector rows a store holds."""

from __future__ import annotations

import json
import os
import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

from memctl.ingest.chunk import Chunk
from memctl.ingest.errors import StoreError

FORMAT = 1

# Nothing here is a clock but the times that files bear, and no text stands twice: a document's
# text is that of its chunks, laid at their offsets.
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE folders (path TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE files (
    path TEXT PRIMARY KEY,            -- under its root, /-separated
    root TEXT NOT NULL,               -- the folder that was ingested
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    recipe TEXT NOT NULL,             -- what read and cut it
    code TEXT, reason TEXT            -- why it, or a part of it, was not read
) WITHOUT ROWID;
CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE, file TEXT NOT NULL, id TEXT NOT NULL,
    title TEXT NOT NULL, language TEXT NOT NULL,
    sha256 TEXT NOT NULL, recipe TEXT NOT NULL,
    characters INTEGER NOT NULL,
    pages TEXT NOT NULL               -- number and first character of each
);
CREATE INDEX documents_file ON documents (file);
CREATE TABLE chunks (
    number INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,         -- from 1 within its document
    start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, tokens INTEGER NOT NULL,
    pages TEXT NOT NULL, headings TEXT NOT NULL, language TEXT NOT NULL,
    row INTEGER NOT NULL              -- in the vector file; equal texts share one
);
CREATE INDEX chunks_document ON chunks (document, ordinal);
CREATE INDEX chunks_row ON chunks (row);
CREATE TABLE vectors (key BLOB PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID
"""
_PAGE = 500  # rows read at once, so that no cursor stays open


# The number and the first character of each page of a document, in order.
PageStarts = tuple[tuple[int, int], ...]


def pages_between(pages: PageStarts, start: int, end: int) -> tuple[int, ...]:
    """Return the numbers of the pages that the characters from ``start`` to ``end`` touch."""
    starts = [first for _, first in pages]
    touched = pages[max(bisect_right(starts, start) - 1, 0) : bisect_left(starts, end)]
    return tuple(number for number, _ in touched)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What the catalog knows of one file; ``code`` is empty when all of it was read."""

    path: str
    root: str
    _: KW_ONLY
    size: int
    mtime_ns: int
    ctime_ns: int
    sha256: str
    recipe: str
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What the catalog knows of one document, but for its text.

    ``pages`` holds the number and the first character of each page, in order.
    """

    path: str
    id: str
    _: KW_ONLY
    file: str
    title: str
    language: str
    sha256: str
    recipe: str
    characters: int
    pages: PageStarts


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk as it lies in the catalog: with its vector row and what is known of its document.

    ``sha256`` and ``pages`` are the document's.
    """

    chunk: Chunk
    row: int
    _: KW_ONLY
    ordinal: int
    document_id: str
    title: str
    sha256: str
    pages: PageStarts


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a catalog holds; ``vectors`` counts rows, also those that no chunk uses now."""

    files: int
    documents: int
    _: KW_ONLY
    chunks: int
    tokens: int
    vectors: int
    failed: int


class Catalog:
    """One connection to ``catalog.sqlite``; reading needs no lock, writing holds the writer's."""

    def __init__(self, connection: sqlite3.Connection, file: Path) -> None:
        self._db = connection
        self._file = file

    @classmethod
    def create(cls, file: Path, *, embedder: str, fingerprint: str, dimension: int) -> Catalog:
        """Make the catalog of a new store and open it for writing."""
        db = _connect(file, "rwc")
        db.execute("PRAGMA page_size = 8192")
        db.executescript(f"BEGIN; {_SCHEMA}; COMMIT")
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
        with _told(file):
            try:
                db = _connect(file, "rw")
                db.execute("SELECT 1 FROM sqlite_schema").fetchone()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                    raise
                db = _connect(file, "ro")
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
        with _told(self._file):
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
        with _told(self._file):
            self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    def _all(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        """Return all rows: an open cursor would keep the writer from committing."""
        with _told(self._file):
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
        row = self._one(f"{_FILE} WHERE path = ?", (path,))
        return None if row is None else _file(row)

    def holds(self, file: str) -> bool:
        """Tell whether there is a document of the file."""
        return self._one("SELECT 1 FROM documents WHERE file = ? LIMIT 1", (file,)) is not None

    def files(self, *, root: str) -> Iterator[FileRecord]:
        """Yield the files of one root in order of path."""
        query = f"{_FILE} WHERE root = ? AND path > ? ORDER BY path LIMIT {_PAGE}"
        last = ""
        while rows := self._all(query, (root, last)):
            yield from map(_file, rows)
            last = rows[-1][0]

    def roots(self) -> set[str]:
        """Return the folders that files are named from."""
        return {root for (root,) in self._all("SELECT DISTINCT root FROM files")}

    def folders(self) -> set[str]:
        """Return the folders that were ingested as such."""
        return {path for (path,) in self._all("SELECT path FROM folders")}

    def document(self, path: str) -> DocumentRecord | None:
        """Return what is known of the document ``path``."""
        row = self._one(f"{_DOCUMENT} WHERE path = ?", (path,))
        return None if row is None else _document(row)

    def documents(self) -> Iterator[DocumentRecord]:
        """Yield the documents in order of path."""
        query = f"{_DOCUMENT} WHERE path > ? ORDER BY path LIMIT {_PAGE}"
        last = ""
        while rows := self._all(query, (last,)):
            yield from map(_document, rows)
            last = rows[-1][0]

    def chunks_of(self, path: str) -> Iterator[StoredChunk]:
        """Yield the chunks of a document in their order."""
        return map(_chunk, self._all(f"{_CHUNK} WHERE d.path = ? ORDER BY c.ordinal", (path,)))

    def chunks(self) -> Iterator[StoredChunk]:
        """Yield every chunk in order of document path; each document is seen whole."""
        for document in self.documents():
            yield from self.chunks_of(document.path)

    def chunks_at(self, row: int, where: str = "", values: Sequence[str] = ()) -> list[StoredChunk]:
        """Return the chunks whose vector is ``row``; ``where`` is SQL on c and d, with WHERE."""
        also = where.replace(" WHERE ", " AND ", 1)
        query = f"{_CHUNK} WHERE c.row = ?{also} ORDER BY d.path, c.ordinal"
        return [_chunk(found) for found in self._all(query, (row, *values))]

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
            " pages) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
            ),
        )
        self._db.executemany(
            "INSERT INTO chunks (document, ordinal, start, end, text, tokens, pages, headings,"
            " language, row) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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

    def set_root(self, path: str, root: str) -> None:
        """Say from which folder a file is named."""
        self._db.execute("UPDATE files SET root = ? WHERE path = ?", (root, path))

    def remove_file(self, path: str) -> None:
        """Remove a file and its documents."""
        removed = self._db.execute("DELETE FROM documents WHERE file = ?", (path,)).rowcount
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


_FILE = (
    "SELECT path, root, size, mtime_ns, ctime_ns, sha256, recipe, coalesce(code, ''),"
    " coalesce(reason, '') FROM files"
)
_DOCUMENT = (
    "SELECT path, id, file, title, language, sha256, recipe, characters, pages FROM documents"
)
_CHUNK = (
    "SELECT d.path, c.start, c.end, c.text, c.tokens, c.pages, c.headings, c.language, c.row,"
    " c.ordinal, d.id, d.title, d.sha256, d.pages"
    " FROM chunks c JOIN documents d ON d.number = c.document"
)


def _file(row: tuple[str, str, int, int, int, str, str, str, str]) -> FileRecord:
    path, root, size, mtime_ns, ctime_ns, sha256, recipe, code, reason = row
    return FileRecord(
        path,
        root,
        size=size,
        mtime_ns=mtime_ns,
        ctime_ns=ctime_ns,
        sha256=sha256,
        recipe=recipe,
        code=code,
        reason=reason,
    )


def _document(row: tuple[str, str, str, str, str, str, str, int, str]) -> DocumentRecord:
    path, id_, file, title, language, sha256, recipe, characters, pages = row
    return DocumentRecord(
        path,
        id_,
        file=file,
        title=title,
        language=language,
        sha256=sha256,
        recipe=recipe,
        characters=characters,
        pages=_pages(pages),
    )


def _chunk(
    found: tuple[str, int, int, str, int, str, str, str, int, int, str, str, str, str],
) -> StoredChunk:
    path, start, end, text, tokens, pages, headings, language, row = found[:9]
    ordinal, document_id, title, sha256, page_starts = found[9:]
    chunk = Chunk(
        path,
        start,
        end=end,
        text=text,
        tokens=tokens,
        pages=tuple(json.loads(pages)),
        headings=tuple(json.loads(headings)),
        language=language,
    )
    return StoredChunk(
        chunk,
        row,
        ordinal=ordinal,
        document_id=document_id,
        title=title,
        sha256=sha256,
        pages=_pages(page_starts),
    )


def _pages(text: str) -> PageStarts:
    return tuple((number, first) for number, first in json.loads(text))


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    db = sqlite3.connect(
        f"{file.resolve().as_uri()}?mode={mode}", uri=True, timeout=30, isolation_level=None
    )
    db.execute("PRAGMA foreign_keys = ON")
    # EXTRA syncs the folder too: a commit that was reported survives a power cut.
    db.execute("PRAGMA synchronous = EXTRA")
    db.execute("PRAGMA temp_store = MEMORY")
    return db


@contextmanager
def _told(file: Path) -> Generator[None]:
    """Tell in memctl's words what SQLite could not do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        kind = error.sqlite_errorcode & 0xFF if hasattr(error, "sqlite_errorcode") else 0
        if kind in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise StoreError(
                f"{file} is in use by another process", hint="Run this again when it is done."
            ) from error
        if kind in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}:
            raise unwritable(file.parent, str(error)) from error
        raise damaged(file, str(error)) from error


def unwritable(root: Path, reason: str) -> StoreError:
    """Return the error of a store that nothing can be written to, with what to do."""
    return StoreError(
        f"cannot write to {root}: {reason}",
        hint="What was committed before is whole. Make room or give permission, then run it again.",
    )


def damaged(file: Path, reason: str) -> StoreError:
    """Return the error of a catalog that cannot be read, with what to do."""
    if not os.access(file, os.R_OK):
        return StoreError(f"{file} may not be read", hint="Check who owns it and its permissions.")
    return StoreError(
        f"{file} cannot be read: {reason}",
        hint="Restore the store from a copy, or remove it and ingest again.",
    )
