"""The numbers of a text with their units, however they are written, in Russian and English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from memctl.query.verify.numerals import numerals_in

_BLANK = "[ \u00a0\u202f\u2009]"
_DIGITS = re.compile(
    rf"(?<![\w.,])[-−]?(\d{{1,3}}(?:{_BLANK}\d{{3}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
    rf"(?:-?(?:st|nd|rd|th|й|я|е|го|му|м|х|ми|ю|ой|ым|ый|ая|ое|летн\w+|s)\b)?"
)
_YEARS = re.compile(r"\b((?:1\d|20)(?=\d\d[–-]))\d\d[–-](\d\d)\b(?![–-])")
_TAIL = re.compile(rf"^(?:{_BLANK}|-)?([%°$€£₽]|[^\W\d_]+\.?)(?:{_BLANK}([^\W\d_]+))?")

_MULTIPLE = [
    (re.compile(r"(?:hundred|сот(?:ен|ни|ня)|hundreds)$"), 1e2),
    (re.compile(r"(?:thousand|thousands|k|тыс\w*|тысяч\w*)$"), 1e3),
    (re.compile(r"(?:million|millions|m|mln|млн|миллион\w*)$"), 1e6),
    (re.compile(r"(?:billion|billions|bn|млрд|миллиард\w*)$"), 1e9),
    (re.compile(r"(?:trillion|trillions|трлн|триллион\w*)$"), 1e12),
]
_UNITS = {
    "%": r"%|percent\w*|per|процент\w*",
    "km": r"km|kilomet\w+|км|километр\w*",
    "m": r"m|met(?:er|re)s?|м|метр\w*",
    "cm": r"cm|centimet\w+|см|сантиметр\w*",
    "mm": r"mm|millimet\w+|мм|миллиметр\w*",
    "mile": r"miles?|мил(?:я|и|ь|ям)",
    "foot": r"f(?:ee|oo)t|ft|фут\w*",
    "kg": r"kg|kilograms?|kilos?|кг|килограмм\w*",
    "g": r"g|grams?|г|грамм\w*",
    "mg": r"mg|milligrams?|мг|миллиграмм\w*",
    "t": r"tons?|tonnes?|т|тонн\w*",
    "pound": r"pounds?|lbs?|фунт\w*",
    "l": r"lit(?:er|re)s?|л|литр\w*",
    "ml": r"ml|millilit\w+|мл|миллилитр\w*",
    "second": r"seconds?|sec|s|сек|секунд\w*",
    "minute": r"minutes?|min|мин|минут\w*",
    "hour": r"hours?|h|час(?:а|ов|ам|ами|ах)?|ч",
    "day": r"days?|дн(?:я|ей|и|ям)|день|сут\w+",
    "week": r"weeks?|недел\w*",
    "month": r"months?|месяц\w*",
    "year": r"years?|yr|лет|год|года|году|годам|годов",
    "century": r"centur(?:y|ies)|век\w*|столети\w*",
    "$": r"\$|dollars?|usd|доллар\w*",
    "€": r"€|euros?|eur|евро",
    "£": r"£|gbp",
    "₽": r"₽|rubles?|roubles?|руб\w*",
    "°": r"°|degrees?|градус\w*",
    "gb": r"gb|гб|gigabytes?|гигабайт\w*",
    "mb": r"mb|мб|megabytes?|мегабайт\w*",
}
_UNIT_WORD = [(re.compile(rf"(?:{pattern})$"), unit) for unit, pattern in _UNITS.items()]


@dataclass(frozen=True, slots=True)
class Number:
    """A number; ``values`` are the ways to read it, as a comma may part thousands or decimals.

    ``unit`` is empty where none is known. ``start`` is where it stands; ``exact`` says that it is
    written in digits.
    """

    values: frozenset[float]
    unit: str
    start: int
    end: int
    exact: bool

    def agrees(self, other: Number) -> bool:
        """Return whether both may be the same number of the same thing."""
        if self.unit and other.unit and self.unit != other.unit:
            return False
        return any(abs(a - b) <= 1e-9 * max(abs(a), 1) for a in self.values for b in other.values)


def numbers_in(text: str) -> list[Number]:
    """Return the numbers of a text in order, in digits and in words."""
    plain = unicodedata.normalize("NFKC", text) if not text.isascii() else text
    plain = plain if len(plain) == len(text) else text
    found = [*_in_digits(plain), *_in_words(plain)]
    return sorted(found, key=lambda each: each.start)


def _in_digits(text: str) -> Iterator[Number]:
    for match in _YEARS.finditer(text):  # 2007–08 is 2008 as well
        value = float(match.group(1) + match.group(2))
        yield Number(frozenset({value}), "", match.start(), match.end(), exact=False)
    for match in _DIGITS.finditer(text):
        before = text[max(0, match.start() - 2) : match.start()].strip()
        values = _readings(match.group(1))
        unit, factor = _following(text[match.end() : match.end() + 40])
        if not unit and before[-1:] in {"$", "€", "£", "₽"}:
            unit = before[-1]
        yield Number(
            frozenset(value * factor for value in values),
            unit,
            match.start(),
            match.end(),
            exact=True,
        )


def _readings(digits: str) -> set[float]:
    bare = re.sub(_BLANK, "", digits)
    marks = [char for char in bare if char in ",."]
    if not marks:
        return {float(bare)}
    groups = re.split("[.,]", bare)
    readings: set[float] = set()
    if len(marks) == 1:
        readings.add(float(bare.replace(",", ".")))
    if all(len(group) == 3 for group in groups[1:]) and len(set(marks)) == 1:
        readings.add(float("".join(groups)))
    if len(marks) > 1 and marks[-1] != marks[0]:
        readings.add(float("".join(groups[:-1]) + "." + groups[-1]))
    return readings or {float("".join(groups))}


def _following(text: str) -> tuple[str, float]:
    """Return the unit and the multiplier that follow a number."""
    tail = _TAIL.match(text)
    if tail is None:
        return "", 1.0
    words = [word.casefold().replace("ё", "е").rstrip(".") for word in tail.groups() if word]
    factor = _multiplier(words[0])
    if factor != 1.0:
        words = words[1:]
    return (unit_of(words[0]) if words else ""), factor


def unit_of(word: str) -> str:
    """Return the unit that a folded word names, empty where it names none."""
    return next((unit for pattern, unit in _UNIT_WORD if pattern.match(word)), "")


def _multiplier(word: str) -> float:
    if len(word) == 1:  # 5 m are metres
        return 1.0
    return next((factor for pattern, factor in _MULTIPLE if pattern.match(word)), 1.0)


def _in_words(text: str) -> Iterator[Number]:
    for each in numerals_in(text):
        unit, factor = _following(text[each.end : each.end + 40])
        yield Number(frozenset({each.value * factor}), unit, each.start, each.end, exact=False)
