"""Questions to SQLite, answered with rows that are what was written."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from memctl.ingest.database import bare, damaged, told
from memctl.ingest.schema import TABLES, sound


class Asking:
    """One connection to ``catalog.sqlite``."""

    def __init__(self, connection: sqlite3.Connection, file: Path, *, copy: bool = False) -> None:
        self._db = connection
        self._file = file
        # Whether what is open is the file itself, and no copy of one of an older format.
        self.is_current = not copy
        # The facts that were read in a snapshot, in which none changes; None outside of one.
        self._read_before: dict[str, str] | None = None

    def _all(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        """Return all rows: an open cursor would keep the writer from committing."""
        with told(self._file):
            return self._db.execute(query, values).fetchall()

    def _sound(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        """Return all rows of a query, whose first column says that they are what was written.

        Raises:
            StoreError: one is not.
        """
        rows = self._all(query, values)
        if not all(row[0] for row in rows):
            raise damaged(self._file, "a row is not what was written")
        return [row[1:] for row in rows]

    def _one(self, query: str, values: Sequence[object] = ()) -> Any:  # noqa: ANN401  a row of any shape
        return next(iter(self._all(query, values)), None)

    def damages(self) -> Iterator[str]:
        """Yield what SQLite finds wrong with the file, and rows that refer to nothing."""
        for (said,) in self._all("PRAGMA integrity_check"):
            if said != "ok":
                yield said
        for table, row, parent, _ in self._all("PRAGMA foreign_key_check"):
            yield f"row {row} of {table} refers to no row of {parent}"

    def unsound(self) -> Iterator[tuple[str, int]]:
        """Yield the tables of which rows are not what was written, and how many."""
        for table in TABLES:
            query = f"SELECT count(*) FROM {table} WHERE NOT ({sound(table)})"
            if number := int(self._one(query)[0]):
                yield table, number

    def copy_to(self, file: Path) -> None:
        """Write the catalog as it is into a new file, without what it says of other files."""
        with told(self._file), closing(bare(file, mode="rwc")) as copy:
            self._db.backup(copy)
            copy.execute("DELETE FROM meta WHERE key = 'receipts' OR key LIKE 'index %'")

    @contextmanager
    def erasing(self) -> Generator[None]:
        """Have what is deleted inside be overwritten with zeros."""
        self._db.execute("PRAGMA secure_delete = ON")
        try:
            yield
        finally:
            self._db.execute("PRAGMA secure_delete = OFF")

    def vacuum(self) -> int:
        """Give free space back to the system, and return how many bytes that was."""
        with told(self._file):
            free, size = self._one("PRAGMA freelist_count")[0], self._one("PRAGMA page_size")[0]
            if free:
                self._db.execute("VACUUM")
        return int(free) * int(size)
