"""SQLite: the connection, and its errors in memctl's words."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from memctl.ingest.errors import StoreError
from memctl.ingest.nameddays import dated
from memctl.ingest.schema import row_sum
from memctl.ingest.text import folded


def bare(file: Path, *, mode: str = "rw") -> sqlite3.Connection:
    """Return a connection of which nothing was read yet."""
    address = f"{file.resolve().as_uri()}?mode={mode}"
    return _set_up(sqlite3.connect(address, uri=True, timeout=30, isolation_level=None))


def connect(file: Path, mode: str) -> sqlite3.Connection:
    """Open ``file`` in a mode of SQLite's addresses: ``ro``, ``rw`` or ``rwc``."""
    db = bare(file, mode=mode)
    try:
        db.execute("SELECT 1 FROM sqlite_schema").fetchone()  # what a killed writer left is seen to
    except BaseException:
        db.close()
        raise
    return db


def connected(file: Path) -> sqlite3.Connection:
    """Open a catalog, also where nothing may be written to it.

    Where in that case a killed writer has left it half done, a copy in memory is mended.
    """
    try:
        return connect(file, "rw")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise
    try:
        return connect(file, "ro")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
            raise
    return _copied(file)


def _copied(file: Path) -> sqlite3.Connection:
    """Return a copy in memory of a catalog that SQLite must mend and may not write to."""
    with tempfile.TemporaryDirectory(prefix="memctl-catalog-") as folder:
        copy = Path(folder, file.name)
        shutil.copyfile(file, copy)
        journal = file.with_name(f"{file.name}-journal")
        if journal.exists():
            shutil.copyfile(journal, copy.with_name(journal.name))
        return in_memory(connect(copy, "rw"))


def in_memory(db: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy in memory of a database, which is closed."""
    copy = _set_up(sqlite3.connect(":memory:", isolation_level=None))
    with closing(db):
        db.backup(copy)
    return copy


def _set_up(db: sqlite3.Connection) -> sqlite3.Connection:
    """Give a connection what every catalog needs, and return it."""
    db.execute("PRAGMA foreign_keys = ON")
    # EXTRA syncs the folder too: a commit that was reported survives a power cut.
    db.execute("PRAGMA synchronous = EXTRA")
    db.execute("PRAGMA temp_store = MEMORY")
    # SQLite's own lower() knows ASCII alone.
    db.create_function("folded", 1, _folded, deterministic=True)
    db.create_function("dated", 4, dated, deterministic=True)
    db.create_function("row_sum", -1, row_sum, deterministic=True)
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


AGAIN = "Restore the store from a copy, or remove it and ingest again."


def damaged(file: Path, reason: str, *, hint: str = "Run: memctl repair") -> StoreError:
    """Return the error of a catalog that cannot be read, with what to do."""
    if not os.access(file, os.R_OK):
        return StoreError(f"{file} may not be read", hint="Check who owns it and its permissions.")
    return StoreError(f"{file} cannot be read: {reason}", hint=hint)
