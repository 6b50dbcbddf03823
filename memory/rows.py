"""Rows of a memory's tables: how they are read, inserted and changed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from memctl.ingest import Vectors
from memctl.memory.records import Episode, Fact
from memctl.memory.schema import columns

_FACT = (
    "number",
    "subject",
    "attribute",
    "value",
    "key",
    "state",
    "valid_from",
    "valid_to",
    "learned_at",
    "episode",
    "start",
    "end",
    "confidence",
    "surprise",
    "block",
    "confirmations",
    "sessions",
    "used",
    "pinned",
    "touched",
    "ended_by",
    "language",
    "text",
)
_EPISODE = ("number", "role", "text", "session", "ordinal", "speaker", "said_at", "id")
# Of facts f and the episodes e that tell them, the quote last.
FACT = (
    ", ".join(f"f.{name}" for name in _FACT)
    + ", coalesce(substr(e.text, f.start + 1, f.end - f.start), '')"
)
EPISODE = ", ".join(_EPISODE)


def stored(vectors: Vectors) -> list[bytes]:
    """Return each vector as it is stored: 16-bit floats."""
    return [row.tobytes() for row in np.ascontiguousarray(vectors, dtype=np.float16)]


def row_of(db: sqlite3.Connection, table: str, number: int) -> dict[str, Any] | None:
    """Return a row with all its columns but the sum."""
    names = columns(table).split(", ")
    row = db.execute(
        f"SELECT {', '.join(names)} FROM {table} WHERE number = ?", (number,)
    ).fetchone()
    return dict(zip(names, row, strict=True)) if row else None


def insert(db: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> int:
    """Insert a row and return its number."""
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    found = db.execute(
        f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values())
    ).lastrowid
    return int(found or 0)


def update(db: sqlite3.Connection, table: str, number: int, changes: Mapping[str, Any]) -> None:
    """Change columns of a row."""
    names = ", ".join(f"{name} = ?" for name in changes)
    db.execute(f"UPDATE {table} SET {names} WHERE number = ?", (*changes.values(), number))


def fact_of(row: Sequence[Any]) -> Fact:
    """Return a fact from the columns that FACT names."""
    made = dict(zip((*_FACT, "quote"), row, strict=True))
    made["sessions"], made["pinned"] = len(json.loads(made["sessions"])), bool(made["pinned"])
    return Fact(**made)


def episode_of(row: Sequence[Any]) -> Episode:
    """Return an episode from the columns that EPISODE names."""
    return Episode(**dict(zip(_EPISODE, row, strict=True)))
