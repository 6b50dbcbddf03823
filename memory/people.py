"""Who is called what: the relations and pets whose own names a memory knows."""

from __future__ import annotations

from collections.abc import Iterable

from memctl.memory.attributes import Grammar
from memctl.memory.book import Book
from memctl.memory.candidate import Candidate
from memctl.memory.language.reading import folded


def known_people(book: Book, grammar: Grammar) -> dict[str, str]:
    """Return the relations of all who are called something, by the first word of their names."""
    relations = tuple(grammar.called)  # by whom the index of facts leads to few
    marks = ", ".join("?" * len(relations))
    rows = book.db.execute(
        "SELECT value, subject FROM facts WHERE attribute = 'name' AND state = 'current'"
        f" AND subject IN ({marks}) ORDER BY number",
        relations,
    ).fetchall()
    return _by_name(rows, grammar)


def people_in(candidates: Iterable[Candidate], grammar: Grammar) -> dict[str, str]:
    """Return those whom a turn gives a name."""
    told = [
        (each.value, each.subject)
        for each in candidates
        if each.attribute == "name" and not each.ends and each.held == "now"
    ]
    return _by_name(told, grammar)


def _by_name(told: Iterable[tuple[str, str]], grammar: Grammar) -> dict[str, str]:
    return {
        folded(name.split()[0]): subject
        for name, subject in told
        if name.split() and subject in grammar.called
    }
