"""The journal: every change of a memory, and how it is taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime
from typing import Any

from memctl.ingest import UsageError
from memctl.memory.book import Book
from memctl.memory.rows import insert, row_of, update

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was done; ``note`` says what, in numbers and numbers of facts."""

    number: int
    time: str
    operation: str
    _: KW_ONLY
    note: Values
    undone: bool


class Ledger:
    """Writes rows within one entry of the journal; a transaction of the book is open."""

    def __init__(self, book: Book, operation: str) -> None:
        self._db = book.db
        now = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
        row = {"time": now, "operation": operation, "note": "{}", "undone": 0}
        self.entry = insert(self._db, "entries", row)

    def insert(self, table: str, row: Mapping[str, Any]) -> int:
        """Insert a row and return its number."""
        number = insert(self._db, table, row)
        self._log(table, number, None)
        return number

    def update(self, table: str, number: int, changes: Mapping[str, Any]) -> None:
        """Change a row."""
        before = row_of(self._db, table, number)
        if before is None:
            return
        changed = {name: before[name] for name, value in changes.items() if before[name] != value}
        if changed:
            self._log(table, number, changed)
            update(self._db, table, number, changes)

    def delete(self, table: str, number: int) -> None:
        """Remove a row."""
        before = row_of(self._db, table, number)
        if before is not None:
            self._log(table, number, before)
            self._db.execute(f"DELETE FROM {table} WHERE number = ?", (number,))

    def note(self, note: Mapping[str, Any]) -> None:
        """Say what was done."""
        update(self._db, "entries", self.entry, {"note": json.dumps(note, ensure_ascii=False)})

    def _log(self, table: str, number: int, before: Mapping[str, Any] | None) -> None:
        told = None if before is None else json.dumps(before, default=_hex, ensure_ascii=False)
        row = {"entry": self.entry, "place": table, "row": number, "before": told}
        insert(self._db, "changes", row)


def entries(book: Book) -> list[Entry]:
    """Return all entries, the oldest first."""
    rows = book.db.execute(
        "SELECT number, time, operation, note, undone FROM entries ORDER BY number"
    )
    return [Entry(r[0], r[1], r[2], note=json.loads(r[3]), undone=bool(r[4])) for r in rows]


def undo(book: Book) -> Entry:
    """Take back the last thing that was done and not yet taken back.

    Raises:
        UsageError: there is nothing to take back.
    """
    with book.transaction():
        done = [each for each in entries(book) if not each.undone]
        if not done:
            raise UsageError(
                "there is nothing to undo", hint="What was before a forget cannot be taken back."
            )
        last = done[-1]
        rows = book.db.execute(
            "SELECT place, row, before FROM changes WHERE entry = ? ORDER BY number DESC",
            (last.number,),
        ).fetchall()
        for table, number, before in rows:
            _restore(book, table, number, before)
        update(book.db, "entries", last.number, {"undone": 1})
    return last


def _restore(book: Book, table: str, number: int, before: str | None) -> None:
    if before is None:
        book.db.execute(f"DELETE FROM {table} WHERE number = ?", (number,))
        return
    values = {name: _unhex(value) for name, value in json.loads(before).items()}
    if "number" in values:
        insert(book.db, table, values)
    else:
        update(book.db, table, number, values)


def _hex(value: object) -> object:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    raise TypeError(f"{value!r} is no value of a row")


def _unhex(value: object) -> object:
    if isinstance(value, dict):
        return bytes.fromhex(str(value["hex"]))  # pyright: ignore[reportUnknownArgumentType]
    return value
