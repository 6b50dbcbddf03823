"""What a user says in turns: short ones whole, of long ones the sentences; and of whom it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from memctl.memory.attributes import Grammar
from memctl.memory.finding import sentences_of
from memctl.memory.language.clauses import Clause, clauses
from memctl.memory.language.context import OPEN, OTHER, USER, Context
from memctl.memory.language.quoting import own_words
from memctl.memory.language.subjects import is_anothers
from memctl.memory.records import Episode

_WHOLE = 160  # characters of a turn that is taken as it is
_LONGEST = 400  # characters of a sentence
_SELF = frozenset("я мы меня мне i we 'm me".split())


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of a turn that says something: its span, its own words, and its clauses.

    In ``text`` blanks stand for what is only quoted.
    """

    episode: Episode
    start: int
    end: int
    text: str
    clauses: tuple[Clause, ...]


def said_in(episode: Episode, grammar: Grammar, called: Context) -> Iterator[Said]:
    """Yield what is said in a turn, and does not only ask, suppose, or quote."""
    own = own_words(episode.text)
    for start, end in spans_of_turn(episode.text):
        start += len(own[start:end]) - len(own[start:end].lstrip())
        text = own[start:end].strip()
        told, _ = clauses(text, grammar.relations, called)
        said = tuple(each for each in told if each.stance in {"said", "past", "wish"})
        if said and not text.endswith("?"):
            yield Said(episode, start, end, text, said)


def spans_of_turn(text: str) -> Iterator[tuple[int, int]]:
    """Yield a short turn as it is, and of a long one its sentences."""
    if len(text) <= _WHOLE and "?" not in text:
        yield 0, len(text)
        return
    for start, end in sentences_of(text):
        if text[start:end].strip() and end - start <= _LONGEST:
            yield start, end


def is_about(said: Sequence[Clause], subject: str, grammar: Grammar, called: Context) -> bool:
    """Return whether clauses are about somebody, or name who belongs to the user."""
    if subject == USER:
        return any(_is_of_user(each) for each in said)
    if any(subject in {each.subject, each.mentioned} and each.subject != OTHER for each in said):
        return True
    return any(_names(each, subject, grammar, called) for each in said)


def text_of(clause: Clause) -> str:
    """Return the words of a clause."""
    return " ".join(token.text for token in clause.tokens)


def _is_of_user(clause: Clause) -> bool:
    """Return whether a clause is about the user: it names nobody else, or "I" beside them."""
    if clause.subject not in {USER, OPEN}:
        return False
    return not clause.mentioned or any(token.folded in _SELF for token in clause.tokens)


def _names(clause: Clause, subject: str, grammar: Grammar, called: Context) -> bool:
    """Return whether a clause names a relation by its word or its name, and nobody else's."""
    words = [token for token in clause.tokens if token.is_word]
    for at, token in enumerate(words):
        named = {grammar.relations[e].name for e in token.lemmas() if e in grammar.relations}
        if subject in {*named, called.called(token)}:
            return not is_anothers(words, at, grammar.relations)
    return False
