"""The dates of a text, however they are written, in Russian and English."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from memctl.ingest.months import MONTHS

_ENGLISH = "january february march april may june july august september october november december"
_SHORT = "jan feb mar apr may jun jul aug sep oct nov dec"
_RUSSIAN = "январ феврал март апрел июн июл август сентябр октябр ноябр декабр"
_MONTH = (
    rf"(?P<month>{'|'.join(_ENGLISH.split())}|(?:{'|'.join(_SHORT.split())}|sept)\b\.?"
    rf"|(?:{'|'.join(_RUSSIAN.split())})[а-я]*|ма(?:[йяею]\b|и\u0306))"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|-го|-е)?"
_YEAR = r"(?P<year>1\d{3}|20\d{2})"
_FORMS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_YEAR}-(?P<number>\d{{2}})-(?P<day>\d{{2}})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})\.(?P<number>\d{{1,2}})\.{_YEAR}(?!\d)",
        rf"(?<!\d){_DAY}(?:\s+of)?\s+{_MONTH}(?:,?\s+(?:of\s+)?{_YEAR})?",
        rf"\b{_MONTH}\s+{_DAY}(?!\d)(?:\s*,?\s+{_YEAR})?",
        rf"\b{_MONTH},?\s+(?:of\s+)?{_YEAR}",
    )
]


@dataclass(frozen=True, slots=True)
class Date:
    """A date, as far as it is told."""

    year: int | None
    month: int
    day: int | None
    start: int
    end: int

    def agrees(self, other: Date) -> bool:
        """Return whether ``other`` says all that this date says."""
        return (
            self.month == other.month
            and self.day in {None, other.day}
            and (self.year is None or other.year is None or self.year == other.year)
        )


def dates_in(text: str) -> list[Date]:
    """Return the dates of a text that tell a month, in order; a year alone is a number."""
    taken: list[tuple[int, int]] = []
    found: list[Date] = []
    for form in _FORMS:
        for match in form.finditer(text):
            span = match.span()
            if any(span[0] < end and start < span[1] for start, end in taken):
                continue
            date = _date(match)
            if date is not None:
                taken.append(span)
                found.append(date)
    return sorted(found, key=lambda each: each.start)


def _date(match: re.Match[str]) -> Date | None:
    parts = match.groupdict()
    month = int(parts["number"]) if parts.get("number") else _month(parts["month"])
    day = int(parts["day"]) if parts.get("day") else None
    year = int(parts["year"]) if parts.get("year") else None
    if not 1 <= month <= 12 or not (day is None or 1 <= day <= 31):
        return None
    return Date(year, month, day, match.start(), match.end())


def _month(name: str) -> int:
    return MONTHS[unicodedata.normalize("NFC", name)[:3].casefold()]
