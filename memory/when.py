"""When: dates and spans of time in what users say, in Russian and English.

A date is ISO 8601 text, as exact as it was told: 2024, 2024-03 or 2024-03-15. Texts of this form
compare as they should once they are filled up.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from memctl.ingest.months import MONTHS

_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
    r"|янв\w*|фев\w*|март\w*|апрел\w*|ма[йяе]|июн\w*|июл\w*|август\w*|сентябр\w*|октябр\w*"
    r"|ноябр\w*|декабр\w*)"
)
_ISO = re.compile(r"\b(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)(?:-(?P<day>\d\d))?(?!\d)")
_POINTS = re.compile(r"\b(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>(?:19|20)\d\d)\b")
_DAY_MONTH = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b"
    r"(?:,?\s+(?P<year>(?:19|20)\d\d))?",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"\b{_MONTH}[\s-]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:[,\s-]+(?P<year>(?:19|20)\d\d))?",
    re.IGNORECASE,
)
_MONTH_YEAR = re.compile(rf"\b{_MONTH},?\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE)
_IN_MONTH = re.compile(rf"\b(?:in|since|last|в|с|до)\s+{_MONTH}\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?P<year>(?:19[3-9]|20[0-4])\d)\b(?!\s*(?:руб|р\b|dollar|шт|км|м\b))")
_AGO = re.compile(
    r"\b(?:(?P<n>\d+|an?|one|two|three|four|five|six|ten|один|одну|два|две|три|четыре|пять|шесть"
    r"|десять|пару|a couple of|a few)\s+)?"
    r"(?P<unit>year|month|week|day|год|года|лет|месяц\w*|недел\w+|день|дня|дней|полгода)s?"
    r"\s+(?:ago|назад|тому)",
    re.IGNORECASE,
)
_FOR = re.compile(
    r"\b(?:for|уже|вот уже)\s+(?:over |about |almost |около |почти |лет )?(?P<n>\d+"
    r"|an?|one|two|three"
    r"|four|five|six|ten|два|две|три|четыре|пять|шесть|десять)\s+"
    r"(?P<unit>year|month|week|год|года|лет|месяц\w*|недел\w+)s?",
    re.IGNORECASE,
)
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10,
    "один": 1, "одну": 1, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6,
    "десять": 10, "пару": 2, "a couple of": 2, "a few": 3,
}  # fmt: skip
_RELATIVE = (
    (re.compile(r"\b(?:yesterday|вчера)\b", re.IGNORECASE), "day", -1),
    (re.compile(r"\b(?:today|сегодня|this morning|tonight)\b", re.IGNORECASE), "day", 0),
    (re.compile(r"\b(?:позавчера|the day before yesterday)\b", re.IGNORECASE), "day", -2),
    (re.compile(r"\b(?:last week|(?:на )?прошлой недел\w)\b", re.IGNORECASE), "week", -1),
    (re.compile(r"\b(?:last month|в прошлом месяце)\b", re.IGNORECASE), "month", -1),
    (re.compile(r"\b(?:last year|в прошлом году|прошлым летом)\b", re.IGNORECASE), "year", -1),
    (re.compile(r"\b(?:this year|в этом году)\b", re.IGNORECASE), "year", 0),
    (re.compile(r"\b(?:the year before last|в позапрошлом году)\b", re.IGNORECASE), "year", -2),
)
_UNTIL = re.compile(r"\b(?:until|till|до|по)\s*$", re.IGNORECASE)


def spans_of(text: str, said_at: str) -> tuple[str, str]:
    """Return since when and until when something is so, as a clause says; empty where it does not.

    ``said_at`` is the date of the turn, from which "last year" counts; without it only dates that
    stand for themselves are told.
    """
    found = date_in(text, said_at)
    if not found:
        return "", ""
    day, start = found
    return ("", day) if _UNTIL.search(text[:start]) else (day, "")


def date_in(text: str, said_at: str) -> tuple[str, int] | None:
    """Return the first date in a text, and where it stands."""
    absolute = _absolute(text, said_at)
    return absolute if absolute is not None else _relative(text, said_at)


def told_date(text: str) -> tuple[str, bool]:
    """Return a date that stands for itself, and whether it says all that is written.

    Of 32.13.2021 and of February 30, 2024, and of 5/8/2023, which is another day in another
    country, only the year is sure.
    """
    if re.fullmatch(r"\s*(?:19|20)\d\d\s*", text):
        return text.strip(), True
    found = date_in(text, "")
    if found is None:
        return "", not text.strip()
    numbers = _NUMERIC.match(text)
    parts = 0 if numbers is None else sum(part is not None for part in numbers.groups())
    named = _DAY_MONTH.search(text) or _MONTH_DAY.search(text)
    parts = 3 if named is not None and len(named["day"]) <= 2 else parts
    return found[0], found[0].count("-") >= parts - 1


_NUMERIC = re.compile(r"\s*(\d{1,4})[./-](\d{1,2})(?:[./-](\d{1,4}))?(?!\d)")


def _absolute(text: str, said_at: str) -> tuple[str, int] | None:
    for pattern in (_ISO, _POINTS, _DAY_MONTH, _MONTH_YEAR, _MONTH_DAY, _IN_MONTH, _YEAR):
        match = pattern.search(text)
        if match is None:
            continue
        parts = match.groupdict()
        year = parts.get("year") or said_at[:4]
        if not year:
            continue
        month = _month(parts.get("month") or "")
        day = int(parts["day"]) if parts.get("day") else 0
        made = _iso(int(year), month, day)
        if made:
            return made, match.start()
    return None


def date_text(text: str) -> str:
    """Return the words of a text that are its first date; empty for none."""
    for pattern in (_ISO, _POINTS, _DAY_MONTH, _MONTH_DAY, _MONTH_YEAR, _YEAR):
        match = pattern.search(text)
        if match is not None:
            year = _YEAR.search(text)
            more = f" {year.group()}" if year and year.group() not in match.group() else ""
            return match.group() + more
    return ""


def _month(text: str) -> int:
    return int(text) if text.isdigit() else MONTHS.get(text[:3].casefold(), 0)


def _iso(year: int, month: int, day: int) -> str:
    if not month:
        return f"{year:04}"
    if not 1 <= month <= 12:
        return ""
    if not day:
        return f"{year:04}-{month:02}"
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return ""
    return f"{year:04}-{month:02}-{day:02}"


def _relative(text: str, said_at: str) -> tuple[str, int] | None:
    today = as_date(said_at)
    if today is None:
        return None
    for pattern, unit, steps in _RELATIVE:
        match = pattern.search(text)
        if match is not None:
            return _moved(today, unit, steps), match.start()
    for pattern in (_AGO, _FOR):
        match = pattern.search(text)
        if match is not None:
            told = (match.group("n") or "1").casefold()
            number = int(told) if told.isdigit() else _NUMBERS.get(told, 1)
            unit = _unit(match.group("unit").casefold())
            if unit == "half":
                unit, number = "month", 6
            return _moved(today, unit, -min(number, 150)), match.start()
    return None


def _unit(word: str) -> str:
    if word == "полгода":
        return "half"
    if word.startswith(("year", "год", "лет")):
        return "year"
    if word.startswith(("month", "месяц")):
        return "month"
    return "week" if word.startswith(("week", "недел")) else "day"


def _moved(today: date, unit: str, steps: int) -> str:
    if unit == "day":
        return (today + timedelta(days=steps)).isoformat()
    if unit == "week":
        return (today + timedelta(weeks=steps)).isoformat()
    if unit == "month":
        months = today.year * 12 + today.month - 1 + steps
        return f"{months // 12:04}-{months % 12 + 1:02}"
    return f"{max(today.year + steps, 1):04}"


def as_date(text: str) -> date | None:
    """Return the first day that a date of any exactness means; None where it is none."""
    match = re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return None


def last_day(text: str) -> str:
    """Return the last day that a date means: 2024 is 2024-12-31."""
    match = re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text)
    if match is None:
        return text
    if match[3]:
        return text[:10]
    month = int(match[2] or 12)
    return f"{match[1]}-{month:02}-{calendar.monthrange(int(match[1]), month)[1]:02}"


def first_day(text: str) -> str:
    """Return the first day that a date means: 2024 is 2024-01-01."""
    found = as_date(text)
    return found.isoformat() if found else text


_NAMES = {
    "en": "January February March April May June July August September October November December",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}


def in_words(text: str, language: str) -> str:
    """Return a date as people write it: 8 May 2023, 8 мая 2023; what is no date as it is."""
    match = re.match(r"(\d{4})-(\d\d)-(\d\d)", text)
    if match is None:
        return text
    month = _NAMES["ru" if language == "ru" else "en"].split()[int(match[2]) - 1]
    return f"{int(match[3])} {month} {match[1]}"
