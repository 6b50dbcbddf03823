"""Long numbers, as of phones and cards, which stand in one run of digits or in groups."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from memctl.index.lexical import LexicalIndex, LexicalQuery

_LONG = re.compile(r"(?<![\w+])\+?\d(?:[ ().-]{0,3}\d){6,19}(?!\w)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}\.\d{1,2}\.\d{4}")
_BETWEEN = r"[\s().–-]{0,3}"  # two digits of a number
_READ = 20  # passages in which it is looked for
# Groups by the number of digits: phones, cards, passports, insurance numbers, accounts.
_GROUPS = {
    7: ((3, 2, 2), (3, 4)),
    9: ((3, 3, 3), (2, 3, 2, 2)),
    10: ((3, 3, 2, 2), (3, 3, 4), (4, 6), (2, 2, 6), (4, 2, 2, 2)),
    11: (
        *((1, 3, 3, 2, 2), (1, 3, 3, 4), (1, 3, 7), (1, 3, 3, 1, 3), (1, 4, 2, 2, 2)),
        *((5, 6), (4, 3, 4), (3, 4, 4), (5, 3, 3), (3, 3, 3, 2)),
    ),
    12: ((2, 4, 6), (3, 3, 3, 3), (4, 4, 4), (2, 3, 3, 4), (2, 2, 4, 4)),
    13: ((3, 4, 6), (1, 3, 3, 3, 3), (3, 1, 3, 5, 1)),
    15: ((4, 6, 5), (3, 3, 3, 3, 3)),
    16: ((4, 4, 4, 4),),
    20: ((4, 4, 4, 4, 4), (5, 3, 1, 4, 7)),
}


def otherwise_written(question: str, lexical: LexicalIndex) -> Iterator[tuple[str, str]]:
    """Yield each long number of a question with each way in which the texts write it.

    A number that they write as the question does, but for signs that words do not hold, is found by
    its words alone.
    """
    for match in _LONG.finditer(question):
        number = match.group()
        typed = lexical.terms_of(number, "und")
        forms = dict.fromkeys(_forms(_digits(number), lexical))
        if any(lexical.terms_of(form, "und") != typed for form in forms):
            yield from ((number, form) for form in forms)


def long_numbers(question: str) -> list[str]:
    """Return the long numbers of a question as they are typed; a date is none."""
    return [each for each in _LONG.findall(question) if not _DATE.match(each)]


def holds(text: str, number: str) -> bool:
    """Whether a text has a long number, in whatever groups."""
    return _written(_same(_digits(number))).search(text) is not None


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _forms(digits: str, lexical: LexicalIndex) -> Iterator[str]:
    numbers = _same(digits)
    yield from (each for each in numbers if lexical.documents(each))
    pieces = dict.fromkeys(piece for each in numbers for piece in _pieces(each))
    if not any(map(lexical.documents, pieces)):
        return
    rows, _ = lexical.search(LexicalQuery("; ".join(pieces)), _READ)
    written = _written(numbers)
    for text in lexical.texts_of(rows):
        yield from (" ".join(found.split()) for found in written.findall(text))


def _written(numbers: Sequence[str]) -> re.Pattern[str]:
    """Return the pattern of numbers in whatever groups, and not within longer ones."""
    return re.compile(rf"(?<!\d)(?:{'|'.join(map(_BETWEEN.join, numbers))})(?!\d)")


def _same(digits: str) -> list[str]:
    """Return a number, and the number that is dialled for it: 8 for +7, 0 for +44."""
    swaps = ((11, "8", "7"), (11, "7", "8"), (11, "0", "44"), (12, "44", "0"))
    others = (
        new + digits[len(old) :]
        for length, old, new in swaps
        if len(digits) == length and digits.startswith(old)
    )
    return [digits, *others]


def _pieces(digits: str) -> Iterator[str]:
    for groups in _GROUPS.get(len(digits), ()):
        at = 0
        for size in groups:
            if size > 1:
                yield digits[at : at + size]
            at += size
