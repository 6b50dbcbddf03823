"""A user's memory, opened for one thing after the other: the door that faces come in by."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from memctl.ingest import Store, StoreError, UsageError, clean
from memctl.memory.attributes import Grammar, grammar_of
from memctl.memory.book import Book, users
from memctl.memory.extractor import Extractor, Patterns
from memctl.memory.place import DEFAULT_USER, Place
from memctl.memory.recall import Recall
from memctl.memory.records import Turn
from memctl.memory.writing import Done, Written, write


def place_of(store: Path, user: str = "") -> Place:
    """Return whose memory is meant: the one that is named, or the only one that there is.

    Raises:
        UsageError: there are several, and none is named.
    """
    if user:
        return Place(store, user)
    known = users(store)
    if len(known) > 1 and DEFAULT_USER not in known:
        shown = ", ".join(known[:8]) + (" …" if len(known) > 8 else "")
        raise UsageError(
            f"{store} holds the memories of several users: {shown}", hint="Name one with --user."
        )
    return Place(store, known[0] if len(known) == 1 else DEFAULT_USER)


def remember(
    place: Place,
    turns: Sequence[Turn],
    *,
    operation: str = "import",
    extractor: Extractor | None = None,
    done: Done = lambda _: None,
) -> Written:
    """Keep turns in a user's memory, and what they tell.

    Raises:
        StoreError: another process writes to it, or the system lets nothing be written.
        EmbedderError: a vector could not be made.
    """
    grammar = grammar_of(place.own_grammar)
    with Book.write(place, embedder=_embedder_of(place.store)) as book:
        return write(
            book,
            turns,
            embedder=book.embedder(),
            grammar=grammar,
            extractor=extractor or Patterns(grammar),
            operation=operation,
            done=done,
        )


def note(text: str, *, day: str = "", session: str = "") -> Turn:
    """Return a turn of what a user wants to be remembered, said today.

    It has no place in a dialogue: its ordinal is 0, and its id is made of what it says.

    Raises:
        UsageError: there is no text.
    """
    if not text.strip():
        raise UsageError("there is nothing to remember", hint="Give a text.")
    told = day or date.today().isoformat()
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return Turn(
        "user",
        clean(text),
        session=session or f"notes {told}",
        ordinal=0,
        said_at=told,
        id=f"note-{digest}",
    )


@contextmanager
def recalling(place: Place) -> Generator[Recall]:
    """Open a user's memory to answer from it.

    Raises:
        StoreError: there is none, or it is damaged.
    """
    with Book.open(place) as book:
        yield Recall(book, book.embedder(), grammar_of(place.own_grammar))


def count_use(place: Place, facts: Sequence[int]) -> None:
    """Take down that facts were used in an answer.

    Where somebody else writes, or nothing can be written, it is let be: it is only a count.
    """
    if not facts:
        return
    try:
        with Book.write(place) as book, book.transaction():
            for number in facts:
                book.db.execute("UPDATE facts SET used = used + 1 WHERE number = ?", (number,))
    except (StoreError, OSError):
        return


def grammar_for(place: Place) -> Grammar:
    """Return what is looked for in a user's turns."""
    return grammar_of(place.own_grammar)


def _embedder_of(store: Path) -> str:
    """Return the embedder of the store that a memory is made in; empty where there is no store."""
    if not (store / "catalog.sqlite").exists():
        return ""
    with Store.open(store) as opened:
        return opened.settings.embedder.name
