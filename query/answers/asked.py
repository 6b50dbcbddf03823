"""What kind of thing a question asks for, and whether a sentence has one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from memctl.query.longnumbers import holds, long_numbers
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
_CODE = re.compile(r"(?=.*[^\W\d_])(?=(?:.*\d){2})[\w-]+|\d{5,}")
_SIGNS = re.compile(r"[\W_]+")
_YEAR = re.compile(r"(?<!\d)(?:1\d{3}|20\d{2})(?!\d)")


def lacking(question: str, texts: Iterable[str]) -> bool:
    """Whether a question names codes or long numbers, such as ERR_4013, and no text holds one.

    Signs within them do not count: TK1160 is TK-1160.
    """
    numbers = long_numbers(question)
    rest = words(_without(numbers, question))
    codes = [_bare([word]) for word in rest if _CODE.fullmatch(word)]
    if not codes and not numbers:
        return False
    return not any(
        any(holds(text, number) for number in numbers)
        or any(code in _bare(words(text)) for code in codes)
        for text in texts
    )


def _without(parts: Iterable[str], text: str) -> str:
    for part in parts:
        text = text.replace(part, " ")
    return text


def _bare(parts: Iterable[str]) -> str:
    return _SIGNS.sub("", "".join(parts))


def kind_of(question: str) -> Kind:
    """Return what a question asks for, by the words that it asks with."""
    for kind, form in _COMPILED.items():
        if form.search(question):
            return kind
    return "other"


def dated(question: str, told: str, above: Sequence[str]) -> str:
    """Return what a sentence tells, with the date that stands ``above`` it where that is asked for.

    Diaries and minutes have their dates in headings.
    """
    if kind_of(question) != "time" or things("time", question, told):
        return told
    date = next((each for each in above if things("time", question, each)), "")
    return f"{date}: {told}" if date else told


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
