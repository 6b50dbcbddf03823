"""Numbers as a sheet shows them, after its number formats (ECMA-376 part 1, 18.8.30 and 31).

Two things differ: dates and times are written as ISO 8601 has it, and thousands are not parted,
for both depend on the machine that shows the sheet. A negative number has a minus.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from functools import cache
from typing import NamedTuple

# The formats that have a number only; the others are General or not used outside East Asia.
_GROUPS = {
    "0": (1,),
    "0.00": (2,),
    "#,##0": (3, 5, 6, 37, 38, 41, 42),
    "#,##0.00": (4, 7, 8, 39, 40, 43, 44),
    "0%": (9,),
    "0.00%": (10,),
    "0.00E+00": (11,),
    "##0.0E+0": (48,),
    "yyyy-mm-dd": (14, 15, 16, *range(27, 32), 36, *range(50, 59)),
    "mmm-yy": (17,),
    "yyyy-mm-dd h:mm": (22,),
    "h:mm": (18, 20),
    "h:mm:ss": (19, 21, 45, 47),
    "[h]:mm:ss": (46,),
}
BUILT_IN = {number: code for code, numbers in _GROUPS.items() for number in numbers}
_GENERAL = re.compile(r"\s*(?:general|standard|основной|@)?\s*", re.IGNORECASE)
# What is no part of the number: colours, conditions, languages; blanks as wide as a sign.
_SYMBOL = re.compile(r"\[\$([^\]-]*)[^\]]*\]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]]*\]")
_FILLING = re.compile(r"[_*].")
_QUOTED = re.compile(r'"([^"]*)"|\\(.)')
_SECTIONS = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_DIGITS = re.compile(r"[0#?][0#?,.]*(?:[Ee][+-]0+)?")
_LONGEST_FORMAT = 255  # as Excel has it
_LAST_DAY = 2_958_466  # the first of January 10000
_LATER = 1_462  # days from the one beginning to the other


class _Format(NamedTuple):
    """How to show a number: ``kind`` is general, date, elapsed, number or text."""

    kind: str
    before: str = ""
    after: str = ""
    whole: int = 1
    least: int = 0
    most: int = 0
    factor: float = 1.0
    exponent: bool = False
    pattern: str = ""


def shown(value: float, code: str, *, from_1904: bool = False) -> tuple[str, bool]:
    """Return ``value`` as the number format ``code`` shows it, and whether it is a date or time.

    ``from_1904`` says that days are counted from 1904.
    """
    if not math.isfinite(value):
        return str(value), False
    kind = _parsed(code, value < 0)
    if kind.kind == "date" and 0 <= value < _LAST_DAY - _LATER * from_1904:
        return _date(value, kind.pattern, from_1904=from_1904), True
    if kind.kind == "elapsed" and abs(value) < _LAST_DAY:
        minutes, seconds = divmod(round(abs(value) * 86_400), 60)
        sign = "-" if value < 0 else ""
        return f"{sign}{minutes // 60}:{minutes % 60:02}:{seconds:02}", True
    if kind.kind == "text":
        return kind.before, False
    if kind.kind == "number":
        return _number(value, kind), False
    return _general(value), False


def _general(value: float) -> str:
    """Return up to 15 digits, all that a sheet keeps: 0.1 + 0.2 is 0.3."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return format(value, ".15g")


def _number(value: float, how: _Format) -> str:
    amount = abs(value) * how.factor
    digits = f"{amount:.{how.most}{'E' if how.exponent else 'f'}}"
    if how.least < how.most and not how.exponent:
        cut = digits.rstrip("0")
        digits = digits[: max(len(cut), len(digits) - how.most + how.least)].rstrip(".")
    whole, dot, rest = digits.partition(".")
    sign = "-" if value < 0 and re.search("[1-9]", digits) else ""
    return f"{sign}{how.before}{whole.zfill(how.whole)}{dot}{rest}{how.after}"


def _date(value: float, pattern: str, *, from_1904: bool) -> str:
    """Return what the pattern shows of a moment: the day, the month, the year, the time."""
    if from_1904:
        start = dt.datetime(1904, 1, 1)
    else:  # Excel has a 29th of February 1900
        start = dt.datetime(1899, 12, 30 if value >= 60 else 31)
    moment = start + dt.timedelta(seconds=round(value * 86_400))
    timed = "h" in pattern or "s" in pattern
    clock = f"{moment:%H:%M:%S}" if "s" in pattern else f"{moment:%H:%M}"
    if "y" not in pattern and "d" not in pattern and timed:
        return clock
    if "d" not in pattern and "y" in pattern and not timed:
        day = f"{moment.year:04}-{moment.month:02}" if "m" in pattern else f"{moment.year:04}"
    else:
        day = moment.date().isoformat()
    return f"{day} {clock}" if timed else day


@cache
def _parsed(code: str, negative: bool) -> _Format:  # noqa: FBT001  cache takes no keywords well
    """Return the format of negative numbers or of the others in ``code``."""
    if _GENERAL.fullmatch(code) or len(code) > _LONGEST_FORMAT:
        return _Format("general")
    sections = _SECTIONS.split(code.replace("\0", ""))
    section = sections[1] if negative and len(sections) > 1 else sections[0]
    if re.search(r"\[[<>=]", code) or not section:
        return _Format("general")
    bare = _FILLING.sub("", _BRACKETS.sub("", _QUOTED.sub("", section))).lower()
    if _ELAPSED.search(section):
        return _Format("elapsed")
    if re.search("[dmyhs]", re.sub("general|e[+-]0", "", bare)):
        return _Format("date", pattern=bare)
    return _number_format(section)


def _number_format(section: str) -> _Format:
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match.group(1) or match.group(match.re.groups) or "")
        return f"\0{chr(0xE000 + len(kept) - 1)}"

    plain = _QUOTED.sub(keep, section)
    plain = _FILLING.sub("", _BRACKETS.sub("", _SYMBOL.sub(keep, plain)))
    digits = _DIGITS.search(plain)
    if "/" in plain or "general" in plain.lower() or plain.count("\0") > 9:
        return _Format("general")
    if digits is None:
        words = _literal(plain, kept)
        return _Format("text", before=words) if words else _Format("general")
    whole, _, rest = re.sub("[Ee].*", "", digits.group()).partition(".")
    thousands = len(digits.group()) - len(digits.group().rstrip(","))
    factor = 100.0 ** plain.count("%") / 1000.0**thousands
    return _Format(
        "number",
        before=_literal(plain[: digits.start()], kept),
        after=_literal(plain[digits.end() :], kept, gap=True),
        whole=max(whole.count("0"), 1),
        least=rest.count("0"),
        most=len(rest.replace(",", "")),
        factor=factor,
        exponent="e" in digits.group().lower(),
    )


def _literal(text: str, kept: list[str], *, gap: bool = False) -> str:
    """Return the words beside the digits, such as a currency; brackets and signs are left out."""
    words = re.sub("\0(.)", lambda match: kept[ord(match.group(1)) - 0xE000], text)
    words = re.sub(r"[()#?@]|^-|\s*-\s*$", "", words)
    return words.rstrip() if gap else words.lstrip()
