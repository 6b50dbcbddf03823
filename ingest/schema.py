"""The tables of a catalog. Each row carries a sum over all its columns, made and kept by SQLite.

SQLite has no checksums of its own: a bit that flips on a disk is read as if it had been written.
"""

from __future__ import annotations

import hashlib
import sqlite3
from functools import cache

FORMAT = 5
# Those whose tables are the same: they are read as they are.
READ_ALIKE = frozenset({"4", str(FORMAT)})

# The columns of each table that its sums are over.
_COLUMNS = {
    "meta": "key value",
    "folders": "path",
    "files": "path root size mtime_ns ctime_ns sha256 recipe code reason",
    "documents": "number path file id title language sha256 recipe characters pages metadata"
    " signature",
    "notes": "file path page code reason lost",
    "chunks": "number document ordinal start end text tokens pages headings language context_start"
    " context_end row",
    "vectors": "key row",
    "extents": "generation first count sha256",
}
TABLES = tuple(_COLUMNS)


def columns(table: str, *, alias: str = "") -> str:
    """Return the columns of a table but for the sum, as SQL."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(prefix + name for name in _COLUMNS[table].split())


def sound(table: str, alias: str = "") -> str:
    """Return SQL that tells of a row of a table whether it is what was written."""
    sum_ = f"{alias}.sum" if alias else "sum"
    return f"{sum_} IS row_sum({columns(table, alias=alias)})"


def _sum(table: str) -> str:
    return f"sum INTEGER GENERATED ALWAYS AS (row_sum({columns(table)})) STORED"


# Nothing here is a clock but the times that files bear, and no text stands twice: a document's
# text is that of its chunks, laid at their offsets.
_SCHEMA = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL, {_sum("meta")}) WITHOUT ROWID;
CREATE TABLE folders (path TEXT PRIMARY KEY, {_sum("folders")}) WITHOUT ROWID;
CREATE TABLE files (
    path TEXT PRIMARY KEY,            -- under its root, /-separated
    root TEXT NOT NULL,               -- the folder that was ingested
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    recipe TEXT NOT NULL,             -- what read and cut it
    code TEXT, reason TEXT,           -- why it, or a part of it, was not read
    {_sum("files")}
) WITHOUT ROWID;
CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE, file TEXT NOT NULL, id TEXT NOT NULL,
    title TEXT NOT NULL, language TEXT NOT NULL,
    sha256 TEXT NOT NULL, recipe TEXT NOT NULL,
    characters INTEGER NOT NULL,
    pages TEXT NOT NULL,              -- number and first character of each
    metadata TEXT NOT NULL,           -- JSON, name to list of values
    signature BLOB NOT NULL,          -- MinHash of its words, to find what is nearly the same
    {_sum("documents")}
);
CREATE INDEX documents_file ON documents (file);
CREATE TABLE notes (
    file TEXT NOT NULL,               -- what was read
    path TEXT NOT NULL,               -- the document, or the part of the file that is none
    page INTEGER,                     -- of the document
    code TEXT NOT NULL, reason TEXT NOT NULL,
    lost INTEGER NOT NULL,            -- 1: the part was not read, 0: it was, with this to know
    {_sum("notes")}
);
CREATE INDEX notes_file ON notes (file);
CREATE TABLE chunks (
    number INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,         -- from 1 within its document
    start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, tokens INTEGER NOT NULL,
    pages TEXT NOT NULL, headings TEXT NOT NULL, language TEXT NOT NULL,
    context_start INTEGER NOT NULL, context_end INTEGER NOT NULL,  -- what to answer from
    row INTEGER NOT NULL,             -- in the vector file, shared by equal texts
    {_sum("chunks")}
);
CREATE INDEX chunks_document ON chunks (document, ordinal);
CREATE INDEX chunks_row ON chunks (row);
CREATE TABLE vectors (key BLOB PRIMARY KEY, row INTEGER NOT NULL, {_sum("vectors")}) WITHOUT ROWID;
CREATE TABLE extents (                -- rows that were written at once to a vector file
    generation INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
    sha256 BLOB NOT NULL,             -- of their bytes
    {_sum("extents")},
    PRIMARY KEY (generation, first)
) WITHOUT ROWID
"""
STATEMENTS = tuple(statement.strip() for statement in _SCHEMA.split(";"))


def row_sum(*values: object) -> int:
    """Return a sum of 64 bits over the values of a row; it finds accidents, not forgeries."""
    parts = (each.hex() if isinstance(each, bytes) else str(each) for each in values)
    told = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "big", signed=True)


@cache
def expected() -> frozenset[tuple[str, str | None]]:
    """Return the names and the SQL of all that a catalog of this format has."""
    db = sqlite3.connect(":memory:")
    db.create_function("row_sum", -1, row_sum, deterministic=True)
    for statement in STATEMENTS:
        db.execute(statement)
    found = frozenset(described(db))
    db.close()
    return found


def described(db: sqlite3.Connection) -> list[tuple[str, str | None]]:
    """Return the names and the SQL of all that a database has."""
    return db.execute("SELECT name, sql FROM sqlite_schema").fetchall()
