"""What kind of thing a question asks for, and whether a sentence has one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from memctl.query.answers.times import TIMES
from memctl.query.terms import words
from memctl.query.verify.dates import dates_in
from memctl.query.verify.names import names_of
from memctl.query.verify.numbers import numbers_in

Kind = Literal["person", "time", "count", "place", "other"]

_KINDS: dict[Kind, str] = {
    "person": (
        r"^\W*(?:who|whose|whom)\b|\b(?:which|what) (?:person|man|woman|player|president|king|queen"
        r"|author|actor|singer)\b|^\W*(?:кто|кого|кому|кем|чей|чья|чьё|чьи)\b"
    ),
    "time": (
        r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|century|decade)\b|\bкогда\b"
        r"|\bкак(?:ом|ой|ого|ие|их) (?:год|дат|день|дня|месяц|век|десятилети)|\bкакого числа\b"
    ),
    "count": (
        r"\bhow (?:many|much|long|far|tall|high|old|large|big|often|fast|deep|wide)\b|\bwhat (?:"
        r"percentage|percent|number|amount|temperature|distance|speed|population)\b|\bсколько\b"
        r"|\bкак(?:ой|ая|ова|ов|ую) (?:\w+ )?(?:процент|числ|количеств|дол|сумм|высот|длин|глубин"
        r"|площад|населени|температур)|\bнасколько\b"
    ),
    "place": (
        r"\bwhere\b|\b(?:what|which) (?:city|country|state|place|town|river|region|county)\b"
        r"|\b(?:где|куда|откуда)\b|\bкак(?:ом|ой|ую) (?:город|стран|штат|мест|регион|област)"
    ),
}
_COMPILED: dict[Kind, re.Pattern[str]] = {
    kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _KINDS.items()
}
_BESIDES = re.compile(r"\b(?:пн|вт|ср|чт|пт|сб|вс|года?|г)\b", re.IGNORECASE)  # a date
_YEAR = re.compile(r"(?<!\d)(?:1\d{3}|20\d{2})(?!\d)")


def kind_of(question: str) -> Kind:
    """Return what a question asks for, by the words that it asks with."""
    for kind, form in _COMPILED.items():
        if form.search(question):
            return kind
    return "other"


def dated(question: str, told: str, heading: str) -> str:
    """Return what a sentence tells, with the heading that is its date where that is asked for.

    So are the entries of diaries headed. Of a heading that says more, the date may be another's.
    """
    if kind_of(question) != "time" or things("time", question, told):
        return told
    is_date = bool(things("time", question, heading)) and not _rest(heading)
    return f"{heading}: {told}" if is_date else told


def _rest(heading: str) -> str:
    """Return what a heading says besides dates and days of the week."""
    for date in reversed(dates_in(heading)):
        heading = heading[: date.start] + heading[date.end :]
    for pattern in (TIMES["weekday"], TIMES["year"], _BESIDES):
        heading = pattern.sub("", heading)
    return "".join(sign for sign in heading if sign.isalnum())


def things(kind: Kind, question: str, text: str) -> list[tuple[int, int]]:
    """Return where a text has things of a kind that the question does not name itself."""
    named = set(words(question))
    dates = [(date.start, date.end) for date in dates_in(text)] if kind != "other" else []
    if kind == "time":
        found = dates + _outside(dates, [match.span() for match in _YEAR.finditer(text)])
    elif kind == "count":
        found = _outside(dates, [(number.start, number.end) for number in numbers_in(text)])
    elif kind in {"person", "place"}:
        names = [(name.start, name.end) for name in names_of(text) if not name.first]
        found = _outside(dates, names)
    else:
        return []
    return [span for span in sorted(found) if not named.issuperset(words(text[slice(*span)]))]


def _outside(
    dates: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return the spans that are no part of a date: a day is no number, and a month no name."""
    return [span for span in spans if not any(a <= span[0] < b for a, b in dates)]
