"""Catalogs of older formats, one numbered step after the other.

A reader takes the steps on a copy in memory, so that reading changes nothing; a writer takes them
in one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from memctl.ingest.database import in_memory
from memctl.ingest.errors import StoreError
from memctl.ingest.schema import FORMAT, STATEMENTS, TABLES, columns

_PAGE_SIZE = 8192


def check_format(file: Path, version: str) -> None:
    """Refuse a format that this memctl does not know.

    Raises:
        StoreError: it is newer, or older than any that was released.
    """
    if version == str(FORMAT) or (version.isdecimal() and int(version) in _STEPS):
        return
    older = version.isdecimal() and int(version) < FORMAT
    raise StoreError(
        f"{file} has format {version}, this memctl reads format {FORMAT}",
        hint="Ingest the folders into a new store: memctl ingest FOLDER --store NEW"
        if older
        else "Use the memctl that wrote it, or a newer one.",
    )


def migrated(db: sqlite3.Connection, *, writable: bool) -> sqlite3.Connection:
    """Return a connection to an older catalog brought up to date: to itself, or to a copy."""
    if not writable:
        db = in_memory(db)
    migrate(db)
    return db


def migrate(db: sqlite3.Connection) -> None:
    """Bring a catalog up to date, all or nothing."""
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("PRAGMA legacy_alter_table = ON")  # a renamed table takes no references along
    db.execute("BEGIN IMMEDIATE")
    try:
        while (version := _version(db)) != FORMAT:
            _STEPS[version](db)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    finally:
        db.execute("PRAGMA legacy_alter_table = OFF")
        db.execute("PRAGMA foreign_keys = ON")


def create(db: sqlite3.Connection) -> None:
    """Make the tables of an empty catalog."""
    db.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
    db.execute("BEGIN")
    for statement in STATEMENTS:
        db.execute(statement)
    db.execute("COMMIT")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()[0])


def _with_sums(db: sqlite3.Connection) -> None:
    """From 2 and 3 to 4: each row has a sum, and the vectors are told by extents.

    3 said that another generation than the first serves; older programs knew but one vector file.
    """
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'index'").fetchall():
        if not name.startswith("sqlite_"):
            db.execute(f"DROP INDEX {name}")
    old = [table for table in TABLES if table != "extents"]
    for table in old:
        db.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    for statement in STATEMENTS:
        db.execute(statement)
    for table in old:
        names = columns(table)
        db.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM old_{table}")
        db.execute(f"DROP TABLE old_{table}")
    db.execute("UPDATE meta SET value = '4' WHERE key = 'format'")


def _with_sections(db: sqlite3.Connection) -> None:
    """From 4 to 5: chunks that are written from now on have their sections."""
    db.execute("UPDATE meta SET value = '5' WHERE key = 'format'")


# By the format that a step begins with.
_STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {
    2: _with_sums,
    3: _with_sums,
    4: _with_sections,
}
