"""The book of a memory: its database, opened to read or to write."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from memctl.ingest import Embedder, Layout, StoreError, Vectors, writing, writing_to
from memctl.ingest.database import connect, connected, damaged, told
from memctl.ingest.embedders import DEFAULT, get
from memctl.ingest.owner import keep_private
from memctl.memory.place import Place
from memctl.memory.records import Episode, Fact
from memctl.memory.rows import EPISODE, FACT, episode_of, fact_of
from memctl.memory.schema import FORMAT, SCHEMA, TABLES, columns


class Book:
    """One connection to a memory. Reading needs no lock; writing holds the writer's."""

    def __init__(self, db: sqlite3.Connection, place: Place) -> None:
        self.db = db
        self.place = place

    @classmethod
    @contextmanager
    def open(cls, place: Place) -> Generator[Book]:
        """Open a user's memory for reading.

        Raises:
            StoreError: there is none, or it is damaged.
        """
        if not place.book.is_file():
            raise _none(place)
        with told(place.book):
            db = connected(place.book)
            try:
                if _is_empty(db):
                    raise _none(place)
                _check(db, place.book)
                db.execute("PRAGMA query_only = ON")
                yield cls(db, place)
            finally:
                db.close()

    @classmethod
    @contextmanager
    def write(cls, place: Place, *, embedder: str = "") -> Generator[Book]:
        """Open a user's memory for writing, making it first where there is none.

        Raises:
            StoreError: another process writes to it, or it is damaged.
        """
        with writing_to(place.folder):
            place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with writing(place.lock), told(place.book):
            db = connect(place.book, "rwc")
            try:
                db.execute("PRAGMA secure_delete = ON")
                if _is_empty(db):
                    _create(db, place, embedder or DEFAULT)
                    keep_private(place.folder)
                _check(db, place.book)
                yield cls(db, place)
            finally:
                db.close()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.db.execute("COMMIT")
        except BaseException:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise

    def embedder(self) -> Embedder:
        """Return the embedder that this memory was made with.

        Raises:
            EmbedderError: it cannot be had.
        """
        return get(self.meta("embedder"), fingerprint=self.meta("fingerprint"))

    def meta(self, key: str) -> str:
        """Return one of the facts about the memory itself."""
        found = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(found[0]) if found else ""

    def put_meta(self, key: str, value: str) -> None:
        """Set one of the facts about the memory itself."""
        self.db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    def facts(
        self, where: str = "1", values: Sequence[object] = (), *, order: str = "f.number"
    ) -> list[Fact]:
        """Return the facts that a condition of SQL holds for."""
        rows = self.db.execute(
            f"SELECT {FACT} FROM facts f LEFT JOIN episodes e ON e.number = f.episode"
            f" WHERE {where} ORDER BY {order}",
            tuple(values),
        )
        return [fact_of(row) for row in rows]

    def fact(self, number: int) -> Fact | None:
        """Return a fact by its number."""
        found = self.facts("f.number = ?", (number,))
        return found[0] if found else None

    def episodes(self, where: str = "1", values: Sequence[object] = ()) -> Iterator[Episode]:
        """Yield the episodes that a condition of SQL holds for, in the order they came."""
        rows = self.db.execute(
            f"SELECT {EPISODE} FROM episodes WHERE {where} ORDER BY number", tuple(values)
        )
        for row in rows:
            yield episode_of(row)

    def episode(self, number: int) -> Episode | None:
        """Return an episode by its number."""
        return next(self.episodes("number = ?", (number,)), None)

    def count(self, table: str, where: str = "1") -> int:
        """Return how many rows of a table a condition holds for."""
        return int(self.db.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0])

    def vectors(self, table: str) -> tuple[np.ndarray, Vectors]:
        """Return the numbers (n,) and unit vectors (n, dimension) of a table."""
        rows = self.db.execute(f"SELECT number, vector FROM {table} ORDER BY number").fetchall()
        if not rows:
            dimension = int(self.meta("dimension") or 0)
            return np.empty(0, dtype=np.int64), np.empty((0, dimension), dtype=np.float32)
        numbers = np.array([row[0] for row in rows], dtype=np.int64)
        held = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float16)
        return numbers, held.reshape(len(rows), -1).astype(np.float32)

    def unsound(self) -> list[str]:
        """Return the rows that are not what was written, as ``table number``."""
        found: list[str] = []
        for table in TABLES:
            name = "key" if table == "meta" else "number"
            rows = self.db.execute(
                f"SELECT {name} FROM {table} WHERE sum IS NOT row_sum({columns(table)})"
            )
            found += [f"{table} {row[0]}" for row in rows]
        return found


def users(store: Path) -> list[str]:
    """Return whose memories a store has, in order."""
    found: list[str] = []
    for file in sorted(Layout(store).memories.glob("*/memory.sqlite")):
        with told(file):
            db = connected(file)
            try:
                if _is_empty(db):
                    continue
                _check(db, file)
                row = db.execute("SELECT value FROM meta WHERE key = 'user'").fetchone()
                found.append(str(row[0]))
            finally:
                db.close()
    return sorted(found)


def _is_empty(db: sqlite3.Connection) -> bool:
    """Return whether a first writer was killed before it had written anything."""
    return not db.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()


def _none(place: Place) -> StoreError:
    return StoreError(
        f"there is no memory of {place.user!r} in {place.store}",
        hint="Fill one: memctl memory add TEXT, or memctl memory import FILE",
    )


def _create(db: sqlite3.Connection, place: Place, name: str) -> None:
    made = get(name)
    facts = {
        "format": str(FORMAT),
        "user": place.user,
        "embedder": name,
        "fingerprint": made.fingerprint,
        "dimension": str(made.dimension),
        "sessions": "0",
    }
    db.execute("BEGIN IMMEDIATE")
    try:
        for statement in _statements(SCHEMA):
            db.execute(statement)
        for key, value in facts.items():
            db.execute("INSERT INTO meta (key, value) VALUES (?, ?)", (key, value))
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _statements(script: str) -> Iterable[str]:
    """Yield the statements of a script, those with a body whole."""
    part = ""
    for piece in script.split(";"):
        part += piece + ";"
        if sqlite3.complete_statement(part):
            if part.strip(" \n;"):
                yield part
            part = ""


def _check(db: sqlite3.Connection, file: Path) -> None:
    try:
        found = db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    except sqlite3.OperationalError as error:
        raise damaged(file, str(error), hint=_AGAIN) from error
    if found is None:
        raise damaged(file, "it does not say its format", hint=_AGAIN)
    if str(found[0]) != str(FORMAT):
        raise StoreError(
            f"{file} has the format {found[0]}, this memctl knows {FORMAT}",
            hint="Use the memctl that wrote it, or a newer one.",
        )


_AGAIN = "Restore it from a copy, or import the dialogues again into another user."
