"""The day that a date names, as ISO 8601, however notes and programs write it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from memctl.ingest.months import MONTHS

_NAMES = frozenset({"date", "created", "modified"})  # of metadata
_DAY, _YEAR = r"(?P<day>\d{1,2})", r"(?P<year>\d{4})"
_WORD = r"(?P<word>[^\W\d_]{3,})\.?"
_REST = r"(?:\s*г(?:ода|\.)?)?(?:[\s,T]+\d{1,2}:.*)?"  # of the year, and the time of day
_FORMS = tuple(
    re.compile(form + _REST, re.IGNORECASE)
    for form in (
        rf"{_DAY}\.(?P<month>\d{{1,2}})\.{_YEAR}",
        rf"{_YEAR}[/.](?P<month>\d{{1,2}})[/.]{_DAY}",
        rf"{_DAY}(?:st|nd|rd|th)?\s+{_WORD},?\s+{_YEAR}",
        rf"{_WORD}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}",
    )
)


def dated(name: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return the values of metadata of a name; those of a date as ISO 8601."""
    return tuple(map(iso, values)) if name in _NAMES else tuple(values)


def iso(text: str) -> str:
    """Return the day that ``text`` names, as in 2017-03-05; ``text`` itself where it names none.

    Read are 05.03.2017, 2017/03/05, «5 марта 2017 г.», "5 March 2017" and "March 5, 2017". Of
    05/03/2017 nobody can tell whether it is in March or in May: it stays as it is.
    """
    for form in _FORMS:
        match = form.fullmatch(text.strip())
        if match:
            found = match.groupdict()
            month = MONTHS.get((found.get("word") or "")[:3].lower()) or found.get("month") or 0
            try:
                return date(int(found["year"]), int(month), int(found["day"])).isoformat()
            except ValueError:
                return text
    return text
