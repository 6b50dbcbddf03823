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

# Of facts f and the episodes e that tell them.
FACT = (
    "f.number, f.subject, f.attribute, f.value, f.key, f.state, f.valid_from, f.valid_to,"
    " f.learned_at, f.episode, f.start, f.end, f.confidence, f.surprise, f.block, f.confirmations,"
    " f.sessions, f.used, f.pinned, f.touched, f.ended_by, f.language, f.text,"
    " coalesce(substr(e.text, f.start + 1, f.end - f.start), '')"
)
EPISODE = "number, role, text, session, ordinal, speaker, said_at, id"


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
    return Fact(
        row[0],
        row[1],
        row[2],
        row[3],
        key=row[4],
        state=row[5],
        valid_from=row[6],
        valid_to=row[7],
        learned_at=row[8],
        episode=row[9],
        start=row[10],
        end=row[11],
        confidence=row[12],
        surprise=row[13],
        block=row[14],
        confirmations=row[15],
        sessions=len(json.loads(row[16])),
        used=row[17],
        pinned=bool(row[18]),
        touched=row[19],
        ended_by=row[20],
        language=row[21],
        text=row[22],
        quote=row[23],
    )


def episode_of(row: Sequence[Any]) -> Episode:
    """Return an episode from the columns that EPISODE names."""
    return Episode(
        row[0],
        row[1],
        row[2],
        session=row[3],
        ordinal=row[4],
        speaker=row[5],
        said_at=row[6],
        id=row[7],
    )
