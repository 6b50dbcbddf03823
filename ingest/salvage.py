"""A catalog made anew of what can still be read of a damaged one: whole documents or none of them.

Nothing is guessed. A row that is not what was written is left out, and with it what it belongs to.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memctl.ingest import formats
from memctl.ingest.database import AGAIN, bare, damaged
from memctl.ingest.durable import sync_folder
from memctl.ingest.layout import Layout
from memctl.ingest.schema import READ_ALIKE, TABLES, columns, described, expected, sound
from memctl.ingest.seal import seal
from memctl.ingest.sharing import share

# What the rows of a table are told apart and ordered by; else it is SQLite's own number.
_KEYS = {
    "meta": "key",
    "folders": "path",
    "files": "path",
    "vectors": "key",
    "extents": "generation, first",
}
_NEEDED = {"format", "embedder", "fingerprint", "dimension", "rows", "revision"}
_GAP = 1_000_000  # rows that are looked for one by one, between those that can be read


def version_of(file: Path) -> str | None:
    """Return the format of a catalog, None where not even that can be read."""
    with suppress(sqlite3.Error), closing(bare(file)) as db:
        found = db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
        return None if found is None else str(found[0])
    return None


def is_sound(file: Path) -> bool:
    """Tell whether all of a catalog can be read and is what was written."""
    with suppress(sqlite3.Error), closing(bare(file)) as db:
        if frozenset(described(db)) != expected():
            return False
        if _said(db, "PRAGMA integrity_check") != [("ok",)]:
            return False
        if _said(db, "PRAGMA foreign_key_check"):
            return False
        sums = (f"SELECT 1 FROM {table} WHERE NOT ({sound(table)}) LIMIT 1" for table in TABLES)
        return not any(_said(db, query) for query in sums)
    return False


@dataclass(frozen=True, slots=True)
class Lost:
    """The documents that are gone, and the tables of which rows are."""

    documents: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def salvage(layout: Layout) -> Lost:
    """Put in place of a damaged catalog one of its sound rows, and return what is lost.

    The damaged one stays beside it until what nothing holds is freed.

    Raises:
        StoreError: not even the facts of the store can be read.
    """
    partial = layout.catalog.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with closing(bare(partial, mode="rwc")) as new:
        formats.create(new)
        new.execute("PRAGMA foreign_keys = OFF")
        new.execute("BEGIN")
        tables = _copy(layout.catalog, new)
        facts = dict(new.execute("SELECT key, value FROM meta").fetchall())
        if not set(facts) >= _NEEDED or facts["format"] not in READ_ALIKE:
            raise damaged(layout.catalog, "the facts of the store are lost", hint=AGAIN)
        documents = _drop_partial(new, rows=int(facts["rows"]))
        if "documents" in tables:  # of which files is not known, so all are read again
            new.execute("UPDATE files SET size = -1, sha256 = ''")
        new.execute("COMMIT")
    layout.seal.unlink(missing_ok=True)
    seal(layout, catalog=partial)
    layout.journal.unlink(missing_ok=True)  # of the damaged one
    share(layout.catalog, layout.damaged)
    partial.replace(layout.catalog)
    sync_folder(layout.root)
    return Lost(tuple(documents), tuple(tables))


def _copy(file: Path, new: sqlite3.Connection) -> list[str]:
    lost: list[str] = []
    try:
        old = bare(file)
    except sqlite3.Error as error:
        raise damaged(file, str(error), hint=AGAIN) from error
    with closing(old):
        for table in TABLES:
            names, missed = columns(table), 0
            marks = ", ".join("?" * len(names.split(",")))
            insert = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})"
            for row in _readable(old, table):
                if row is None:
                    missed += 1
                else:
                    new.execute(insert, row)
            if missed:
                lost.append(table)
    return lost


def _readable(db: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...] | None]:
    """Yield the sound rows of a table, and None for what is not sound or cannot be read."""
    key = _KEYS.get(table, "rowid")
    query = f"SELECT {sound(table)}, {key.split(',')[0]}, {columns(table)} FROM {table}"
    first = yield from _until_damage(db, f"{query} ORDER BY {key}")
    if first is _END:
        return
    yield None
    order = ", ".join(f"{part} DESC" for part in key.split(","))
    last = yield from _until_damage(db, f"{query} ORDER BY {order}")
    if key == "rowid" and isinstance(first, int) and isinstance(last, int):
        for number in range(first + 1, min(last, first + _GAP)):
            with suppress(sqlite3.Error):
                for ok, _, *row in db.execute(f"{query} WHERE rowid = ?", (number,)):
                    yield tuple(row) if ok else None


_END = object()


def _until_damage(db: sqlite3.Connection, query: str) -> Any:  # noqa: ANN401  a generator that returns a key of any kind
    """Yield rows until one cannot be read, and return the key of the last, or ``_END``."""
    last: object = 0
    try:
        for ok, key, *row in db.execute(query):
            last = key
            yield tuple(row) if ok else None
    except (sqlite3.Error, UnicodeDecodeError, OverflowError):
        return last
    return _END


def _drop_partial(db: sqlite3.Connection, *, rows: int) -> list[str]:
    """Remove documents of which something is missing, and say which; their files are read again."""
    paths = dict[int, str](db.execute("SELECT number, path FROM documents").fetchall())
    doubtful = set(paths) - _whole(db, rows)
    unknown = "SELECT number FROM documents WHERE file NOT IN (SELECT path FROM files)"
    doubtful |= _numbers(db, unknown)
    lost = sorted(paths[number] for number in doubtful)
    for number in doubtful:
        own = "SELECT file FROM documents WHERE number = ?"
        db.execute(f"DELETE FROM files WHERE path = ({own})", (number,))
        db.execute("DELETE FROM documents WHERE number = ?", (number,))
    db.execute("DELETE FROM chunks WHERE document NOT IN (SELECT number FROM documents)")
    if lost:
        db.execute(
            "UPDATE meta SET value = CAST(value AS INTEGER) + ? WHERE key = 'revision'",
            (len(lost),),
        )
    return lost


def _whole(db: sqlite3.Connection, rows: int) -> set[int]:
    """Return the documents that have all their chunks, in order and of rows that are there."""
    query = (
        "SELECT d.number FROM documents d LEFT JOIN chunks c ON c.document = d.number"
        " GROUP BY d.number HAVING coalesce(max(c.end), 0) = d.characters"
        " AND count(c.number) = coalesce(max(c.ordinal), 0)"
        f" AND coalesce(max(c.row), 0) < {max(rows, 1)}"
    )
    found = _numbers(db, query)
    gaps = (
        "SELECT document FROM (SELECT document, start, lag(end, 1, 0) OVER"
        " (PARTITION BY document ORDER BY ordinal) AS reached FROM chunks) WHERE start > reached"
    )
    return found - _numbers(db, gaps)


def _numbers(db: sqlite3.Connection, query: str) -> set[int]:
    return {number for (number,) in db.execute(query)}


def _said(db: sqlite3.Connection, query: str) -> list[Any]:
    return db.execute(query).fetchall()
