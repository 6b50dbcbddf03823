"""What people type for an attribute, or for somebody, found under the name that facts have."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from memctl.ingest import UsageError
from memctl.memory.attributes import Grammar
from memctl.memory.book import Book
from memctl.memory.language.context import USER
from memctl.memory.language.reading import folded
from memctl.memory.people import known_people


def attribute_of(book: Book, grammar: Grammar, told: str) -> str:
    """Return the attribute that is named, by its name or as it is called in either language.

    Raises:
        UsageError: there is none of that name, neither in the files nor in the memory.
    """
    rows = book.db.execute("SELECT DISTINCT attribute FROM facts").fetchall()
    names: dict[str, str] = {row[0]: row[0] for row in rows}
    for each in grammar.attributes.values():
        names |= {wording.label: each.name for wording in each.wordings.values()}
        names[each.name] = each.name
    return _found(names, told, "attribute")


def subject_of(book: Book, grammar: Grammar, told: str) -> str:
    """Return whom facts are about that is named: by a relation's word or by their own name.

    Raises:
        UsageError: nobody is called so, neither in the files nor in the memory.
    """
    rows = book.db.execute("SELECT DISTINCT subject FROM facts").fetchall()
    names: dict[str, str] = {word: each.name for word, each in grammar.relations.items()}
    names |= {name.replace("_", " "): name for name in grammar.called}
    names |= {row[0]: row[0] for row in rows}
    names |= {"user": USER, "me": USER, **known_people(book, grammar)}
    return _found(names, told, "person or pet")


def _found(names: Mapping[str, str], told: str, what: str) -> str:
    wanted = folded(told.strip())
    by_word = {folded(word): name for word, name in names.items()}
    if wanted not in by_word:
        near = difflib.get_close_matches(wanted, by_word, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else "Run: memctl memory facts --all"
        raise UsageError(f"there is no {what} {told!r}", hint=hint)
    return by_word[wanted]
