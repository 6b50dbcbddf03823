"""What a memory holds, in numbers, and whether it is sound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from memctl.memory.book import Book
from memctl.memory.journal import Entry, entries


@dataclass(frozen=True, slots=True)
class Statistics:
    """The numbers of a memory.

    ``facts`` are so now, by ``blocks``; ``ended`` were once or are denied. ``damaged`` are the rows
    that are not what was written.
    """

    user: str
    episodes: int
    sessions: int
    facts: int
    ended: int
    _: KW_ONLY
    blocks: Mapping[str, int]
    lessons: int
    summaries: int
    embedder: str
    bytes: int
    last: Entry | None
    damaged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionFact:
    """A session: when it was, how many turns it has, and its summary, empty where it has none."""

    session: str
    date: str
    turns: int
    summary: str


def sessions(book: Book) -> list[SessionFact]:
    """Return the sessions of a memory in the order they came."""
    rows = book.db.execute(
        "SELECT e.session, min(e.said_at), count(*), coalesce(s.text, '') FROM episodes e"
        " LEFT JOIN summaries s ON s.session = e.session GROUP BY e.session ORDER BY min(e.number)"
    )
    return [SessionFact(*row) for row in rows]


def statistics(book: Book) -> Statistics:
    """Count what a memory holds, and look at each row of it."""
    journal = entries(book)
    current = book.count("facts", "state = 'current'")
    return Statistics(
        book.place.user,
        book.count("episodes"),
        book.db.execute("SELECT count(DISTINCT session) FROM episodes").fetchone()[0],
        current,
        book.count("facts") - current,
        blocks=dict(Counter(fact.block for fact in book.facts("f.state = 'current'"))),
        lessons=book.count("lessons"),
        summaries=book.count("summaries"),
        embedder=book.meta("embedder"),
        bytes=book.place.book.stat().st_size,
        last=journal[-1] if journal else None,
        damaged=tuple(book.unsound()),
    )
