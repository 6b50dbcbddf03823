"""SQLite: the schema, the connection, and its errors in memctl's words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from memctl.ingest.errors import StoreError
from memctl.ingest.text import folded

FORMAT = 2
# The format while another generation than the first serves: an older memctl, which knows but one
# vector file, must not open it.
MIGRATED = 3

# Nothing here is a clock but the times that files bear, and no text stands twice: a document's
# text is that of its chunks, laid at their offsets.
SCHEMA = """
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
    pages TEXT NOT NULL,              -- number and first character of each
    metadata TEXT NOT NULL,           -- JSON: name, list of values
    signature BLOB NOT NULL           -- MinHash of its words, to find what is nearly the same
);
CREATE INDEX documents_file ON documents (file);
CREATE TABLE notes (
    file TEXT NOT NULL,               -- what was read
    path TEXT NOT NULL,               -- the document, or the part of the file that is none
    page INTEGER,                     -- of the document
    code TEXT NOT NULL, reason TEXT NOT NULL,
    lost INTEGER NOT NULL             -- 1: the part was not read; 0: read, with this to know
);
CREATE INDEX notes_file ON notes (file);
CREATE TABLE chunks (
    number INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,         -- from 1 within its document
    start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, tokens INTEGER NOT NULL,
    pages TEXT NOT NULL, headings TEXT NOT NULL, language TEXT NOT NULL,
    context_start INTEGER NOT NULL, context_end INTEGER NOT NULL,  -- what to answer from
    row INTEGER NOT NULL              -- in the vector file; equal texts share one
);
CREATE INDEX chunks_document ON chunks (document, ordinal);
CREATE INDEX chunks_row ON chunks (row);
CREATE TABLE vectors (key BLOB PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID
"""


def connect(file: Path, mode: str) -> sqlite3.Connection:
    """Open ``file`` in a mode of SQLite's addresses: ``ro``, ``rw`` or ``rwc``."""
    db = sqlite3.connect(
        f"{file.resolve().as_uri()}?mode={mode}", uri=True, timeout=30, isolation_level=None
    )
    db.execute("PRAGMA foreign_keys = ON")
    # EXTRA syncs the folder too: a commit that was reported survives a power cut.
    db.execute("PRAGMA synchronous = EXTRA")
    db.execute("PRAGMA temp_store = MEMORY")
    # SQLite's own lower() knows ASCII alone.
    db.create_function("folded", 1, _folded, deterministic=True)
    return db


def _folded(value: object) -> str:
    return folded(str(value))


@contextmanager
def told(file: Path) -> Generator[None]:
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
