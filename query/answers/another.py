"""Follow-ups that name another person, thing or time and nothing else: "And Theo?"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from memctl.ingest import folded
from memctl.memory.language import russian
from memctl.query.answers.times import TIMES
from memctl.query.parts import names_in
from memctl.query.terms import stems

Kind = Literal["name", "being", "month", "weekday", "year"]

_LONGEST = 4_000  # characters that are looked at for names
_BEING: frozenset[Kind] = frozenset(("name", "being"))
# Who is called so is known to the person who asks; a text may say the name.
_KIN = frozenset(
    """
    mum mom mother mama dad father papa gran granny grandma grandmother grandpa grandad grandfather
    wife husband son daughter sister brother aunt uncle niece nephew cousin partner baby cat dog
    """.split()
)
_POSSESSOR = re.compile(r"\s*([A-Z]\w+)(?=['’]s\b)")
_WITH = re.compile(r"у\s+([а-яё]+)\W*$", re.IGNORECASE)  # «а у кирилла?»
_WORD = re.compile(r"\w[\w-]*")
_PIECE = re.compile(r"[^(]+")
_OWNED = re.compile(r"['’]s\b")


@dataclass(frozen=True, slots=True)
class Named:
    """A place in a text that names somebody, something or a time."""

    text: str
    kind: Kind
    _: KW_ONLY
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


def alone(rest: str) -> Named | None:
    """Return what a follow-up names, without the word that it begins with, if it is all it says."""
    found = named(f" {rest}")
    with_ = _WITH.match(rest)
    if not found and with_ and stems(with_[1]):
        found = [Named(with_[1], "name", start=with_.start(1) + 1)]
    if len(found) != 1:
        return None
    (only,) = found
    left = f" {rest}"[: only.start] + _OWNED.sub("", f" {rest}"[only.end :])
    return None if stems(left) else only


def swapped(asked: str, other: Named) -> str:
    """Return a question with ``other`` in place of what it names; empty where that is not plain."""
    same = _like(asked, other)
    if len(same) != 1:
        return ""
    (one,) = same
    return asked[: one.start] + other.text + asked[one.end :]


def without(asked: str, other: Named) -> str:
    """Return a question without all that it names and ``other`` could stand for."""
    for each in reversed(_like(asked, other)):
        asked = f"{asked[: each.start]} {asked[each.end :]}"
    return asked


def _like(asked: str, other: Named) -> list[Named]:
    """Return what a question names of the kind of ``other``, or else of a kind near to it."""
    theirs = named(asked)
    same = [each for each in theirs if each.kind == other.kind]
    if not same and other.kind in _BEING:
        return [each for each in theirs if each.kind in _BEING]
    return same


def without_times(names: Sequence[str]) -> list[str]:
    """Return names but for months, days of the week and years."""
    return [name for name in names if not any(each.fullmatch(name) for each in TIMES.values())]


def named(text: str) -> list[Named]:
    """Return all that the beginning of a text names, in order; what is named twice is so once."""
    text = text[:_LONGEST]
    found: list[Named] = []
    for each in (*_times(text), *_names(text), *_beings(text)):
        if not any(each.start < other.end and other.start < each.end for other in found):
            found.append(each)
    first = {folded(each.text): each for each in reversed(found)}
    return sorted(first.values(), key=lambda each: each.start)


def _times(text: str) -> Iterator[Named]:
    for kind, pattern in TIMES.items():
        yield from (Named(each[0], kind, start=each.start()) for each in pattern.finditer(text))


def _names(text: str) -> Iterator[Named]:
    first = _POSSESSOR.match(text)
    if first is not None and stems(first[1]):
        yield Named(first[1], "name", start=first.start(1))
    for piece in _PIECE.finditer(text):
        inside = " " if piece.start() else ""  # a name in brackets begins behind no blank
        said = f"{inside}{piece[0]}"
        for name in names_in(said):
            if stems(name):
                start = piece.start() - len(inside) + said.index(name)
                yield Named(name, "name", start=start)


def _beings(text: str) -> Iterator[Named]:
    for word in _WORD.finditer(text):
        if is_being(word[0]):
            name = word[0][0].isupper() and bool(word.start())
            yield Named(word[0], "name" if name else "being", start=word.start())


def is_being(word: str) -> bool:
    """Return whether a word is somebody, an animal, or a name of such or of a place."""
    known = folded(word)
    if known in _KIN:
        return True
    if known.isascii() or not stems(known):
        return False
    likely = russian.readings(known)[:1]
    return any(
        each.known and each.pos == "noun" and (each.name or each.place or each.animate)
        for each in likely
    )


def is_thing(word: str) -> bool:
    """Return whether a word is a noun, as far as its language tells: English tells nothing."""
    known = folded(word)
    return known.isascii() or any(each.pos == "noun" for each in russian.readings(known)[:1])
