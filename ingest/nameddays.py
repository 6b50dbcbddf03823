"""The day in the name of a file, for documents whose text says no date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

_YEAR = r"(?P<year>(?:19|20)\d\d)"
# 2023-05-14, 2023_05_14, 2023.05.14, 20230514; 14.05.2023. Of 05-06-2023 nobody can tell the month.
_DAYS = tuple(
    re.compile(rf"(?<![^\W_])(?<!\d[.,\s]){form}(?![^\W_])(?![.,]\d)")
    for form in (
        rf"{_YEAR}(?P<sign>[-_. ]?)(?P<month>\d\d)(?P=sign)(?P<day>\d\d)",
        rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.{_YEAR}",
    )
)
_MONTH = re.compile(
    rf"(?<![^\W_])(?<!\d[.,]){_YEAR}[-_.](?P<month>0[1-9]|1[0-2])(?![^\W_])(?![-_.]\d)"
)
_BARE = re.compile(r"(?<![^\W_])(?<!\d[.,])(?:199|20\d)\d(?![^\W_])(?![.,]\d)")
# Numbers of pictures, standards and reports look like years.
_NUMBERED = re.compile(
    r"\b(?:IMG|DSCN?|DSCF|MVI|VID|PXL|SAM|RFC|ISO|CVE|ГОСТ|GOST)[ _-]*$", re.IGNORECASE
)
_MEMBER = re.compile(r"\.[^\W\d_]\w{0,4}$")  # what it ends with; the number of a row is no name


def dated(path: str, file: str, property_: str | None, changed: str | None) -> str | None:
    """Return the day or month in the name of a document or of its file, or else other dates of it.

    That is what its properties say of when it was made or changed, often those of a template, or
    else when the file was ``changed``. A year by itself is believed only where there are no
    properties and the file was changed in a later one: plans and products are named for years, too.
    """
    named = [_in_name(name) for name in _names(path, file)]
    day = next((day for day, _ in named if day), property_)
    if day:
        return day
    return next((year for _, year in named if year and changed and year < changed[:4]), changed)


def _names(path: str, file: str) -> Iterator[str]:
    member = path[len(file) :].rpartition("#")[2].rpartition("/")[2]
    if _MEMBER.search(member):
        yield member
    yield file.rpartition("/")[2]


@lru_cache(1 << 14)
def _in_name(name: str) -> tuple[str, str]:
    """Return the day or the month in a name, and its one year; empty for none."""
    days = (_day(match) for form in _DAYS for match in form.finditer(name))
    months = map(_month, _unnumbered(_MONTH, name))
    years = {match.group() for match in _unnumbered(_BARE, name)}
    day = next((each for each in (*days, *months) if each), "")
    return day, years.pop() if len(years) == 1 else ""


def _unnumbered(pattern: re.Pattern[str], name: str) -> Iterator[re.Match[str]]:
    for match in pattern.finditer(name):
        if not _NUMBERED.search(name, 0, match.start()):
            yield match


def _month(match: re.Match[str]) -> str:
    """Return the month; empty for a financial year, as 2010-11 is."""
    year, month = match["year"], match["month"]
    return "" if int(month) == (int(year) + 1) % 100 else f"{year}-{month}"


def _day(match: re.Match[str]) -> str:
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"])).isoformat()
    except ValueError:
        return ""
