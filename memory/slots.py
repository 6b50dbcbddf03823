"""The facts of a memory by slot, while they are written: what is current, what a value replaces."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from memctl.ingest import Vectors
from memctl.memory.book import Book
from memctl.memory.values import same


@dataclass(slots=True)
class Held:
    """A fact as far as new ones are compared with it."""

    number: int
    key: str
    state: str
    since: str  # when it began, where that was told
    learned: str
    confirmations: int
    sessions: list[str]
    vector: Vectors


class Slots:
    """Facts by whom and what they are about; read as they are asked for."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._held: dict[tuple[str, str], list[Held]] = {}

    def of(self, subject: str, attribute: str) -> list[Held]:
        """Return the facts of a slot, in the order they were learned."""
        slot = (subject, attribute)
        if slot not in self._held:
            rows = self._book.db.execute(
                "SELECT number, key, state, valid_from, learned_at, confirmations, sessions, vector"
                " FROM facts WHERE subject = ? AND attribute = ? ORDER BY number",
                slot,
            )
            self._held[slot] = [_held(row) for row in rows]
        return self._held[slot]

    def add(self, subject: str, attribute: str, held: Held) -> None:
        """Take a new fact in."""
        self.of(subject, attribute).append(held)

    def current(self, subject: str, attribute: str) -> list[Held]:
        """Return what is so now."""
        return [each for each in self.of(subject, attribute) if each.state == "current"]

    def like(self, subject: str, attribute: str, key: str, *, states: set[str]) -> list[Held]:
        """Return the facts of a slot that have a value, and one of the states."""
        return [
            each
            for each in self.of(subject, attribute)
            if each.state in states and same(each.key, key)
        ]

    def anywhere(self, subject: str, key: str) -> list[tuple[tuple[str, str], Held]]:
        """Return what is current of somebody under any attribute and has a value."""
        rows = self._book.db.execute(
            "SELECT DISTINCT attribute FROM facts WHERE subject = ? AND state = 'current'",
            (subject,),
        ).fetchall()
        return [
            ((subject, attribute), each)
            for (attribute,) in rows
            for each in self.like(subject, attribute, key, states={"current"})
        ]

    def near(self, subject: str, attribute: str) -> Vectors:
        """Return the vectors (n, dimension) of a slot's facts."""
        held = self.of(subject, attribute)
        if not held:
            return np.empty((0, 0), dtype=np.float32)
        return np.stack([each.vector for each in held])


def _held(row: tuple[Any, ...]) -> Held:
    vector = np.frombuffer(row[7], dtype=np.float16).astype(np.float32)
    return Held(row[0], row[1], row[2], row[3], row[4], row[5], json.loads(row[6]), vector)
