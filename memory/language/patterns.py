"""Patterns over the words of a clause: dictionary forms, grammar, and slots for what is told.

A pattern is a line such as ``работать|служить <np:ins>``. Its elements are parted by spaces:

- ``word`` or ``one|other``: a word in any of its forms; ``=form`` only as it is written.
- ``?word``: it may be missing. ``$``: the clause ends here.
- ``<np:ins>``: a phrase around a noun, in a case of Russian (nom gen dat acc ins loc); ``<np>``
  in any. ``<list:acc>``: one or several of them. ``<name>``, ``<place:loc>``: words that are names.
  ``<title>``: what stands in quotes. ``<num>``: a number. ``<rest>``: all up to the end. ``<do>``:
  an infinitive and the rest. ``<@sport>``: a word of that list.
- ``=> text`` at the end: the value itself, where the words only imply it; ``=> *`` with ``!``
  behind it ends whatever the value is.
- ``!`` at the very end: what is told has ended. ``<``: it was so before. ``?``: it is only to be
  guessed.

Between two elements a few words may stand that change nothing: adverbs, particles, spans of time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property

from memctl.ingest import SettingsError
from memctl.memory.language.phrase import Phrase
from memctl.memory.language.phrases import take
from memctl.memory.language.token import Token

WHATEVER = "*"  # the constant of a pattern that ends whatever is so
Lists = Mapping[str, Collection[str]]

_LIGHT = ("adv", "pron", "num")
_TIME = frozenset(
    "год лет месяц неделя день час утро вечер раз время year month week day time".split()
)
_PREPOSITIONS = frozenset("as at for in on to from of by with".split())
_ABOUT = frozenset("about around roughly около".split())
_NEAR, _FAR = 3, 7  # words that may be skipped before a word or a phrase, and before what is sure
_SLOTS = ("np", "list", "name", "place", "title", "num", "rest", "do", "@")


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern was found: token places, and what stands in its slot."""

    start: int
    end: int
    _: KW_ONLY
    phrases: tuple[Phrase, ...]
    constant: str = ""


@dataclass(frozen=True)
class _Element:
    words: tuple[str, ...] = ()
    _: KW_ONLY
    exact: bool = False
    optional: bool = False
    slot: str = ""
    argument: str = ""
    last: bool = False

    @property
    def sure(self) -> bool:
        """Whether what it takes is so certain that it may stand further off."""
        if self.exact:
            return all(word in _PREPOSITIONS for word in self.words)
        if self.slot == "np" and self.argument == "ins":
            return True  # the case alone tells what it is
        return self.slot in {"@", "place"} or (bool(self.words) and not self.optional)

    def takes(self, token: Token) -> bool:
        """Return whether a word is one of its words."""
        if self.exact:
            return token.folded in self.words
        return any(token.has(word) for word in self.words)


@dataclass(frozen=True)
class Pattern:
    """A pattern that was read; it also finds what stands before in place of behind."""

    text: str
    elements: tuple[_Element, ...]
    constant: str

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read a pattern.

        Raises:
            SettingsError: it is none.
        """
        body, _, constant = text.partition("=>")
        elements = tuple(_element(part, text) for part in body.split())
        slots = [each for each in elements if each.slot]
        if not any(each.words for each in elements) and not any(s.slot == "@" for s in slots):
            raise SettingsError(f"the pattern {text!r} has no word", hint="Give it one.")
        if len(slots) > 1 or (not slots) != bool(constant.strip()):
            raise SettingsError(
                f"the pattern {text!r} must have one slot, or => and a value", hint="Mend it."
            )
        return cls(text, elements, constant.strip())

    @cached_property
    def orders(self) -> tuple[tuple[_Element, ...], ...]:
        """The elements as they stand, and in Russian with the slot in front."""
        at = next((n for n, each in enumerate(self.elements) if each.slot), 0)
        if (
            self.text.isascii()
            or at == 0
            or at != len(self.elements) - 1
            or self.elements[at].slot in {"rest", "do"}
        ):
            return (self.elements,)
        first = at - 1 if at > 1 and _is_preposition(self.elements[at - 1]) else at
        return (self.elements, self.elements[first:] + self.elements[:first])

    @cached_property
    def anchors(self) -> frozenset[str]:
        """Words of which a clause must have one, or it is not looked at."""
        needed = [each for each in self.elements if each.words and not each.optional]
        if not needed:
            return frozenset()
        return frozenset(max(needed, key=lambda each: max(map(len, each.words))).words)

    def find(self, tokens: Sequence[Token], lists: Lists) -> Iterator[Match]:
        """Yield where it stands in a clause; ``lists`` has the words of its ``@`` slots."""
        for order in self.orders:
            phrase_first = order[0].slot in {"np", "list"}
            for start in range(len(tokens)):
                if phrase_first and start and tokens[start - 1].is_pos("prep"):
                    continue  # it belongs to the preposition
                found = _Walk(tokens, lists, order).at(start)
                if found is not None:
                    end, phrases = found
                    yield Match(start, end, phrases=phrases, constant=self.constant)


class _Walk:
    """One attempt to lay an order of elements over tokens."""

    def __init__(
        self, tokens: Sequence[Token], lists: Lists, elements: tuple[_Element, ...]
    ) -> None:
        self._tokens = tokens
        self._lists = lists
        self._elements = elements

    def at(self, start: int) -> tuple[int, tuple[Phrase, ...]] | None:
        """Return where a match that begins at a token ends, and its phrases."""
        return self._step(0, start)

    def _step(self, number: int, place: int) -> tuple[int, tuple[Phrase, ...]] | None:
        if number == len(self._elements):
            return place, ()
        element = self._elements[number]
        if element.last:
            done = place == len(self._tokens) or not self._tokens[place].is_word
            return (place, ()) if done else None
        for at in self._places(number, place):
            found = self._take(number, element, at)
            if found is not None:
                return found
        return self._step(number + 1, place) if element.optional else None

    def _take(
        self, number: int, element: _Element, at: int
    ) -> tuple[int, tuple[Phrase, ...]] | None:
        if element.words:
            return self._step(number + 1, at + 1) if element.takes(self._tokens[at]) else None
        if self._governed(number, at):
            return None
        phrases = take(
            element.slot, element.argument, self._tokens, at, self._lists.get(element.argument, ())
        )
        if not phrases:
            return None
        rest = self._step(number + 1, phrases[-1].after)
        return None if rest is None else (rest[0], (*phrases, *rest[1]))

    def _governed(self, number: int, at: int) -> bool:
        """Return whether a preposition stands before a phrase that the pattern does not have."""
        if not at or not number or not self._tokens[at - 1].is_word:
            return False
        before = self._tokens[at - 1]
        if before.readings[0].pos != "prep" or before.folded in _ABOUT:
            return False
        return not self._elements[number - 1].takes(self._tokens[at - 1])

    def _places(self, number: int, place: int) -> Iterator[int]:
        """Yield where the next element may stand: here, or behind words that change nothing."""
        if place >= len(self._tokens):
            return
        yield place
        element = self._elements[number]
        if number == 0:
            return
        far = element.sure
        skips: Callable[[Token], bool] = _far if far else _near
        if element.slot == "@":
            skips = _further
        # Inside a phrase of English that a preposition or an article has begun.
        inside = place > 0 and _opens(self._tokens[place - 1])
        for skipped in range(_FAR if far else _NEAR):
            at = place + skipped
            if at + 1 >= len(self._tokens) or not skips(self._tokens[at]):
                return
            if _opens(self._tokens[at]):
                inside = True
            elif _is_open_english(self._tokens[at]) and not inside:
                return
            yield at + 1


def _further(token: Token) -> bool:
    return _far(token) or token.text == ","


def _near(token: Token) -> bool:
    first = token.readings[0] if token.readings else None
    if first is None:
        return token.text in {"—", "–", "-", ":"}
    if token.folded == "у" or token.folded in _ABOUT:
        return True
    if token.folded in {"is", "'s"}:
        return False
    return first.pos in _LIGHT or bool(token.lemmas() & _TIME) or token.folded in {"a", "an", "the"}


def _far(token: Token) -> bool:
    return token.text in {"—", "–", "-", ":", "«", "»", '"'} or (
        token.is_word and not token.is_pos("verb", "inf") and token.readings[0].pos != "conj"
    )


def _opens(token: Token) -> bool:
    return token.is_pos("prep") or token.folded in {"a", "an", "the", "my", "our", "some", "any"}


def _is_open_english(token: Token) -> bool:
    """Return whether a word may be a verb for all that is known: English has no dictionary here."""
    return (
        token.is_word
        and token.folded[:1].isascii()
        and not token.is_number
        and token.readings[0].pos == "noun"
        and not token.lemmas() & _TIME
    )


def _is_preposition(element: _Element) -> bool:
    from memctl.memory.language.reading import read

    return bool(element.words) and all(
        token.is_pos("prep") for word in element.words for token in read(word)
    )


def _element(part: str, whole: str) -> _Element:
    if part == "$":
        return _Element(last=True)
    optional = part.startswith("?")
    part = part.removeprefix("?")
    if part.startswith("<") and part.endswith(">"):
        slot, _, argument = part[1:-1].partition(":")
        if slot.startswith("@"):
            slot, argument = "@", slot[1:]
        if slot not in _SLOTS:
            raise SettingsError(
                f"the pattern {whole!r} has an unknown slot {part}",
                hint=f"There are: {', '.join(_SLOTS)}.",
            )
        return _Element(slot=slot, argument=argument, optional=optional)
    exact = part.startswith("=")
    words = tuple(word.removeprefix("=") for word in part.casefold().replace("ё", "е").split("|"))
    return _Element(words, exact=exact, optional=optional)
