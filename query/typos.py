"""Words that no text holds: what was meant, by the nearest word that one does."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from memctl.ingest import folded
from memctl.query.dictionary import is_word

# One wrong key in a word of some length; two in a long one. In shorter words chance is too near.
_ONE, _TWO = 5, 9
_INITIALS = 5  # letters of an abbreviation at most

# The keys of both layouts, each sign above the other one.
_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбюё"
_SIGNS = re.compile(r"(?<=[a-z])[\[\]{};:',.<>`~]+(?=[a-z])|^[\[{;:',.<>`~](?=[a-z])")
_WORD, _DIGIT = re.compile(r"\w+"), re.compile(r"\d")
_ENDS = ".,;:!?…)\"'"
_TO_CYRILLIC = str.maketrans(f"{_LATIN}{{}}:<>~", f"{_CYRILLIC}хъжбюё")  # with shift, too
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)


class Vocabulary(Protocol):
    """The words of the texts."""

    def documents(self, word: str) -> int:
        """Return how many texts hold a word, in any of its forms."""
        ...

    def near(self, word: str, edits: int) -> list[tuple[str, int]]:
        """Return the words of the same first letter within so many edits, and their texts."""
        ...

    @property
    def languages(self) -> Collection[str]:
        """The languages of the texts."""
        ...


@dataclass(frozen=True, slots=True)
class Correction:
    """A word of a question that stands in no text, and the one that was searched for beside it."""

    word: str
    meant: str


def corrections(words: Iterator[str] | list[str], vocabulary: Vocabulary) -> list[Correction]:
    """Return what was meant by the ``words`` (folded) that no text holds, where that can be told.

    First the other keyboard layout is tried (``ghbdtn``, ``руддщ``), then one edit, or two in a
    long word; of the near words the one in most texts is taken, of equals the first. Names of
    things with digits or signs are left alone, and words of a dictionary: that no text holds them
    is no mistake of who asks.
    """
    found: list[Correction] = []
    for word in words:
        if vocabulary.documents(word) or is_word(word, vocabulary.languages):
            continue
        meant = _relaid(word, vocabulary) or _mended(word, vocabulary)
        if meant:
            found.append(Correction(word, meant))
    return found


def relaid(text: str, vocabulary: Vocabulary) -> list[Correction]:
    """Return words of ``text`` typed on the other layout with signs that are letters there.

    ``ghtlj[hfybntkm`` is one word, and not the two that its sign parts.
    """
    pieces = [piece for piece in folded(text).split() if _SIGNS.search(piece)]
    meant = [Correction(piece, _relaid(piece, vocabulary)) for piece in dict.fromkeys(pieces)]
    return [each for each in meant if each.meant]


def initials(text: str) -> set[str]:
    """Return the short words, folded, that are written in capitals among others: АФК, NATO."""
    if text.isupper():
        return set()
    return {
        folded(word) for word in _WORD.findall(text) if len(word) <= _INITIALS and word.isupper()
    }


def as_meant(text: str, found: Sequence[Correction]) -> str:
    """Return ``text`` with what was meant in place of its words; empty where nothing was found."""
    meant = {each.word: each.meant for each in found}

    def word(match: re.Match[str]) -> str:
        return meant.get(folded(match[0]), match[0])

    pieces = [meant.get(folded(piece)) or _WORD.sub(word, piece) for piece in text.split()]
    return " ".join(pieces) if found else ""


def all_relaid(found: Sequence[Correction]) -> bool:
    """Tell whether there are corrections, each by the other keyboard layout."""
    return bool(found) and all(_on_the_other(each.word) == each.meant for each in found)


def retyped(text: str, found: Sequence[Correction]) -> str:
    """Return ``text``, all of it typed on the other layout, as it was meant.

    Words that no text holds are read so as well; what has a digit, and the signs that end a
    sentence, stay.
    """
    meant = {each.word: each.meant for each in found}
    return " ".join(meant.get(folded(piece)) or _retyped(piece) for piece in text.split())


def _retyped(piece: str) -> str:
    core = piece.rstrip(_ENDS)
    if not core or _DIGIT.search(core):
        return piece
    return _on_the_other(folded(core)) + piece[len(core) :]


def _on_the_other(word: str) -> str:
    return word.translate(_TO_CYRILLIC if word.isascii() else _TO_LATIN)


def _relaid(word: str, vocabulary: Vocabulary) -> str:
    if len(word) < 3:
        return ""
    other = _on_the_other(word)
    return other if other != word and other.isalpha() and vocabulary.documents(other) else ""


def _mended(word: str, vocabulary: Vocabulary) -> str:
    if len(word) < _ONE or not word.isalpha():
        return ""
    near = vocabulary.near(word, 1)
    if not near and len(word) >= _TWO:
        near = vocabulary.near(word, 2)
    best = max(near, key=lambda each: each[1], default=("", 0))
    return best[0]
