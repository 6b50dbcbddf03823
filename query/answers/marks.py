"""What in a question stands for one thing: codes, long numbers, versions, clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from memctl.query.hit import Hit
from memctl.query.longnumbers import holds, long_numbers
from memctl.query.terms import words

_CODE = re.compile(r"[^\W\d_]+[-_./]?\d{2,}[\w-]*")  # a letter before two digits
# With capitals and a sign between, one digit is enough: ТСД-9, 31-ПО.
_SHORT = re.compile(r"\b(?:[A-ZА-ЯЁ]{2,}-\d+|\d{1,4}-[A-ZА-ЯЁ]{2,})\b")
# Of two parts only with one digit in the second: 16.05 is a day, 14.30 a time, 12.99 a price.
_VERSION = re.compile(r"(?<![\d.,:])(?:\d{1,3}\.\d|\d{1,3}(?:\.\d{1,3}){2,3})(?![.,:]?\d)(?!\s*%)")
_CLAUSE = re.compile(
    r"(?:\b(?:clause|section|article|paragraph|пункт\w*|раздел\w*|стать[еия]\w*|п\.)|§)\s*№?\s*"
    r"(\d{1,3}(?:\.\d{1,3})+)",
    re.IGNORECASE,
)
_TELLING = 9  # digits of a number that stands for one thing
_SUM = re.compile(r"\d{1,3}(?:[ .]\d{3})+")
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Marks:
    """What a question names so that nothing else can be meant.

    Signs within a code do not count: TK1160 is TK-1160. A version is met by those of it: 2.10 by
    2.10.1. Beside a code or a long number, versions are no marks.
    """

    codes: frozenset[str]
    numbers: tuple[str, ...]
    versions: tuple[str, ...]

    @classmethod
    def of(cls, question: str) -> Marks:
        """Return the marks of a question."""
        short = (each.group().casefold() for each in _SHORT.finditer(question))
        long = (word for word in words(question) if _CODE.fullmatch(word))
        codes = frozenset(map(_bare, (*short, *long)))
        numbers = tuple(each for each in long_numbers(question) if _telling(each))
        versions = () if codes or numbers else tuple(_VERSION.findall(question))
        return cls(codes, numbers, versions)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.codes or self.numbers or self.versions)

    def held(self, text: str) -> bool:
        """Whether a text holds one of them."""
        return (
            any(holds(text, number) for number in self.numbers)
            or any(_has_version(text, version) for version in self.versions)
            or not self.codes.isdisjoint(_held(text))
        )


def about(question: str, hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits of documents of which one holds what a question names; all if it names none.

    A question about ERR_4013 is not answered with what is said of another code.
    """
    marks = Marks.of(question)
    if not marks:
        return list(hits)
    held = {
        hit.document for hit in hits if marks.held(f"{hit.document}\n{hit.title}\n{hit.passage}")
    }
    return [hit for hit in hits if hit.document in held]


def clause(question: str) -> re.Pattern[str] | None:
    """Return the form of the beginning of the clause that a question names, such as ``5.2.``."""
    match = _CLAUSE.search(question)
    return re.compile(rf"{re.escape(match.group(1))}(?![.]?\d)[.)]?\s") if match else None


def _has_version(text: str, version: str) -> bool:
    form = "[.,]".join(version.split("."))  # a decimal number may have a comma
    return re.search(rf"(?<![\d.,]){form}(?!\d)", text) is not None


def _telling(number: str) -> bool:
    """Whether a long number is one of a phone, a card, a chip, and no sum and no pair of years."""
    digits = sum(sign.isdigit() for sign in number)
    return digits >= _TELLING and not _SUM.fullmatch(number)


def _held(text: str) -> Iterator[str]:
    """Yield the words of a text, and each two that follow each other, as codes are compared."""
    found = list(map(_bare, words(text)))
    yield from found
    yield from (one + other for one, other in pairwise(found))


def _bare(word: str) -> str:
    return _SIGNS.sub("", word)
