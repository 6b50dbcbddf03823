"""A memory of a few turns, embedded by hashing, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from memctl.memory import Book, Fact, Place, Recall, Recollection, Turn, grammar_for
from memctl.memory.extractor import Patterns
from memctl.memory.telling import Written
from memctl.memory.writing import write

Said = str | tuple[str, str]  # a text, or a date and a text


def turns(said: Sequence[Said], *, session: str = "") -> list[Turn]:
    """Each text is a session of its own, unless one is named."""
    made: list[Turn] = []
    for at, each in enumerate(said, 1):
        day, text = ("", each) if isinstance(each, str) else each
        name = session or str(at)
        made.append(Turn("user", text, session=name, ordinal=at, said_at=day))
    return made


def told(place: Place, said: Sequence[Said] | Sequence[Turn], *, session: str = "") -> Written:
    """Write what a user says into their memory."""
    grammar = grammar_for(place)
    made = [each for each in said if isinstance(each, Turn)]
    plain = [each for each in said if not isinstance(each, Turn)]
    with Book.write(place, embedder="hashing") as book:
        return write(
            book,
            [*made, *turns(plain, session=session)],
            embedder=book.embedder(),
            grammar=grammar,
            extractor=Patterns(grammar),
        )


def answer(place: Place, question: str, *, as_of: str = "") -> Recollection:
    """Ask a memory."""
    with Book.open(place) as book:
        return Recall(book, book.embedder(), grammar_for(place)).answer(question, as_of=as_of)


def facts(place: Place) -> list[Fact]:
    """Return all that a memory holds."""
    with Book.open(place) as book:
        return book.facts()


def place_in(folder: Path, user: str = "me") -> Place:
    """Return where a memory is to be."""
    return Place(folder / "store", user)
