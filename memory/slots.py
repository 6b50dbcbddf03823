"""The facts of a memory by slot, while they are written: what is current, what a value replaces."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from memctl.ingest import Vectors
from memctl.memory.book import Book

_MOST_HELD = 500  # facts of a slot that are read: the newest, and what is exactly the same
_MOST_WORDS = 6  # of a value, up to which all that says less is looked up


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


class Slot:
    """The facts about one thing of somebody, by the words of their values."""

    def __init__(self) -> None:
        self.held: list[Held] = []
        self._by_words: dict[frozenset[str], list[Held]] = {}
        self._by_word: dict[str, list[Held]] = {}
        self._counts: Counter[str] = Counter()
        self._vectors: Vectors = np.empty((0, 0), dtype=np.float32)

    def add(self, held: Held) -> None:
        """Take a fact in."""
        words = frozenset(held.key.split())
        self._by_words.setdefault(words, []).append(held)
        for word in words:
            self._by_word.setdefault(word, []).append(held)
        self._counts.update(words)
        if len(self.held) == len(self._vectors):
            room = np.zeros((max(2 * len(self.held), 16), len(held.vector)), dtype=np.float32)
            if self.held:
                room[: len(self._vectors)] = self._vectors
            self._vectors = room
        self._vectors[len(self.held)] = held.vector
        self.held.append(held)

    def like(self, key: str) -> Iterator[Held]:
        """Yield the facts whose value is the same: equal, or one says the other more exactly."""
        words = frozenset(key.split())
        if not words:
            return
        sizes = range(1, len(words)) if len(words) <= _MOST_WORDS else ()
        yield from self._by_words.get(words, ())
        for size in sizes:
            for fewer in combinations(sorted(words), size):
                yield from self._by_words.get(frozenset(fewer), ())
        rarest = min(words, key=lambda word: self._counts[word])
        for held in self._by_word.get(rarest, ()):
            more = frozenset(held.key.split())
            if words < more:
                yield held

    def knows(self, word: str) -> bool:
        """Return whether a value has a word."""
        return self._counts[word] > 0

    @property
    def vectors(self) -> Vectors:
        """The vectors (n, dimension) of the facts."""
        return self._vectors[: len(self.held)]


class Slots:
    """Facts by whom and what they are about; read as they are asked for."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._slots: dict[tuple[str, str], Slot] = {}
        self._cut: frozenset[tuple[str, str]] = frozenset()

    def of(self, subject: str, attribute: str) -> Slot:
        """Return a slot with its facts in the order they were learned."""
        name = (subject, attribute)
        if name not in self._slots:
            rows = self._book.db.execute(
                f"{_HELD} ORDER BY number DESC LIMIT {_MOST_HELD}", name
            ).fetchall()
            slot = Slot()
            for row in reversed(rows):
                slot.add(_held(row))
            self._cut = self._cut | {name} if len(rows) == _MOST_HELD else self._cut
            self._slots[name] = slot
        return self._slots[name]

    def current(self, subject: str, attribute: str) -> list[Held]:
        """Return what is so now."""
        return [each for each in self.of(subject, attribute).held if each.state == "current"]

    def like(self, subject: str, attribute: str, key: str) -> list[Held]:
        """Return what is so now and has a value."""
        found = [each for each in self.of(subject, attribute).like(key) if each.state == "current"]
        if not found and (subject, attribute) in self._cut:
            rows = self._book.db.execute(
                f"{_HELD} AND key = ? AND state = 'current'", (subject, attribute, key)
            )
            found = [_held(row) for row in rows.fetchall()]
        return found

    def anywhere(self, subject: str, key: str) -> list[tuple[tuple[str, str], Held]]:
        """Return what is current of somebody under any attribute and has a value."""
        rows = self._book.db.execute(
            "SELECT DISTINCT attribute FROM facts WHERE subject = ? AND state = 'current'",
            (subject,),
        ).fetchall()
        return [
            ((subject, attribute), each)
            for (attribute,) in rows
            for each in self.like(subject, attribute, key)
        ]


_HELD = (
    "SELECT number, key, state, valid_from, learned_at, confirmations, sessions, vector"
    " FROM facts WHERE subject = ? AND attribute = ?"
)


def _held(row: tuple[Any, ...]) -> Held:
    vector = np.frombuffer(row[7], dtype=np.float16).astype(np.float32)
    sessions = json.loads(row[6])
    return Held(row[0], row[1], row[2], row[3], row[4], row[5], sessions, vector)
