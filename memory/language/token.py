"""A word of a turn, with what its language says of it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a word: its dictionary form, and its grammar as far as it is asked for.

    ``pos`` is one of noun, adj, verb, inf, part, pron, num, adv, prep, conj, other. ``case``,
    ``person`` and ``tense`` are those of Russian; a word of English has none of them. ``known``
    says that a dictionary has the word, and nobody has guessed by its ending.
    """

    lemma: str
    _: KW_ONLY
    pos: str
    case: str = ""
    number: str = ""
    gender: str = ""
    person: str = ""
    tense: str = ""
    perfective: bool = False
    name: bool = False
    place: bool = False
    animate: bool = False
    known: bool = True


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a sign: where it stands in the turn, and all that it may be, likeliest first."""

    text: str
    _: KW_ONLY
    start: int
    end: int
    folded: str
    readings: tuple[Reading, ...] = ()

    @property
    def is_word(self) -> bool:
        """Whether it has letters or digits."""
        return bool(self.readings)

    @property
    def is_number(self) -> bool:
        """Whether it is written in digits."""
        return self.folded[:1].isdigit()

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[:1].isupper()

    def lemmas(self) -> frozenset[str]:
        """Return the dictionary forms that it may have."""
        return frozenset(each.lemma for each in self.readings)

    def has(self, lemma: str) -> bool:
        """Return whether it may be a form of a word, or is written so."""
        return self.folded == lemma or any(
            each.lemma == lemma and each.pos != "part" for each in self.readings
        )

    def is_pos(self, *pos: str) -> bool:
        """Return whether any reading is one of these parts of speech."""
        return any(each.pos in pos for each in self.readings)

    def first(self, *pos: str) -> Reading | None:
        """Return the likeliest reading of these parts of speech."""
        return next((each for each in self.readings if each.pos in pos), None)
