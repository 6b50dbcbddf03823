"""The names in a statement, and whether a source has them, in whatever case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence, Set
from dataclasses import dataclass

from memctl.query.terms import stem, stems, words

_WORD = re.compile(r"[^\W\d_][\w\u0300-\u036f'’-]*")  # й may be и and a breve
_ACCENT = re.compile("([A-Za-z])[\u0300-\u036f]+")
_LEAST = 3  # letters that two forms of a name share at least
_ENDING = 3  # letters that a case may change at the end
_COMPOSED = re.compile(r"(?:Mc|Mac|De|Di|Le|La|Van|Fitz|O['’])[A-Z][a-z]")
# English writes these with a capital wherever they stand, and they name nothing.
_NO_NAMES = frozenset(
    "i i'm i've mr mrs ms dr sir despite although however additionally furthermore moreover"
    " meanwhile overall according here hence thus therefore nevertheless finally later although"
    " однако кроме также поэтому согласно несмотря хотя затем позже наконец".split()
)


@dataclass(frozen=True, slots=True)
class Name:
    """A word that names something, and where it stands.

    The ``first`` word of a sentence may only look like one.
    """

    text: str
    first: bool
    start: int
    end: int

    @property
    def short(self) -> bool:
        """Whether it is an abbreviation or a sign, such as UN, VSMCs or APOE4."""
        capitals = sum(char.isupper() for char in self.text)
        return any(char.isdigit() for char in self.text) or (
            capitals > 1 and "-" not in self.text and not _COMPOSED.match(self.text)
        )


def names_of(statement: str) -> list[Name]:
    """Return the words of a statement that begin with a capital, or hold one, each once.

    Their places are those of the statement as it is given, their texts are in NFC.
    """
    found: dict[str, Name] = {}
    at_start = True
    for match in _WORD.finditer(statement):
        written = re.sub(r"['’]s?$", "", match.group())
        word, start = unicodedata.normalize("NFC", written), match.start()
        if _is_name(word):
            found.setdefault(word, Name(word, at_start, start, start + len(written)))
        at_start = _ends(statement, match.end())
    return list(found.values())


def missing_names(names: Sequence[Name], text: str) -> list[Name]:
    """Return the names that ``text`` does not hold in any form.

    The first word of a sentence is only missed where the next word is a name as well.
    """
    held = set(words(unaccented(text)))
    stemmed = {stem(word) for word in held}
    squeezed = _squeezed(text)
    starts = {name.start for name in names}
    return [
        name
        for name in names
        if not (name.first and name.end + 1 not in starts)
        and not _held(name, held, stemmed, squeezed)
    ]


def _held(name: Name, held: Set[str], stemmed: Set[str], squeezed: str) -> bool:
    parts = [part for part in re.split(r"[-'’]", name.text) if part != part.lower()]
    folded = [word for part in parts for word in words(unaccented(part))]
    if all(
        word in held or stem(word) in stemmed or any(_same(word, other) for other in held)
        for word in folded
    ):
        return True
    return (name.short or "-" in name.text) and _squeezed(name.text) in squeezed


def _squeezed(text: str) -> str:
    """Return the letters and digits of a text alone."""
    return re.sub(r"[\W_]+", "", unaccented(text)).casefold()


def unaccented(text: str) -> str:
    """Return ``text`` with bare Latin letters: é as e; й and ё stay."""
    if text.isascii():
        return text
    parted = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", _ACCENT.sub(r"\1", parted))


def _same(name: str, other: str) -> bool:
    """Return whether two words are forms of one name: all but a short ending is the same."""
    shared = max(_LEAST, max(len(name), len(other)) - _ENDING)
    return (
        abs(len(name) - len(other)) <= _ENDING
        and len(name) > _LEAST
        and name[:shared] == other[:shared]
        and not (name.isascii() and name[:shared] != name and other[:shared] != other)
    )


def _is_name(word: str) -> bool:
    known = word.casefold() not in _NO_NAMES and bool(stems(word))
    return known and len(word) > 1 and any(char.isupper() for char in word)


def _ends(text: str, at: int) -> bool:
    """Return whether a sentence ends between here and the next word."""
    following = text[at : at + 4].lstrip("»”\"')]")
    return bool(re.match(r"[.!?…:]\s", following))
