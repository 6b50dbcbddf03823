"""Numbers in words, in Russian and English, in every case, and as they add up: twenty-five."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_ENGLISH = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "dozen": 12, "twice": 2, "thrice": 3,
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13,
    "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18,
    "nineteenth": 19, "twentieth": 20, "thirtieth": 30, "fortieth": 40, "fiftieth": 50,
    "sixtieth": 60, "seventieth": 70, "eightieth": 80, "ninetieth": 90,
}  # fmt: skip
# By how a word begins and goes on: the endings of Russian numerals are many.
_ADJ = "(?:ый|ой|ая|ое|ого|ому|ым|ом|ую|ые|ых|ыми)"
_ADJ_OR = f"(?:ь|и|ью|{_ADJ})"
_RUSSIAN = [
    (r"од(?:ин|на|но|ни|ного|ной|ному|ним|них|ними|ну)", 1),
    (r"дв(?:а|е|ух|ум|умя)|двое|двоих", 2),
    (r"тр(?:и|ех|ем|емя)|трое|троих", 3),
    (r"четыр(?:е|ех|ем|ьмя)|четверо|четверых", 4),
    (rf"пят{_ADJ_OR}|пятеро|пятерых", 5),
    (rf"шест{_ADJ_OR}|шестеро|шестерых", 6),
    (rf"сем(?:ь|и|ью)|седьм{_ADJ}|семеро|семерых", 7),
    (rf"вос(?:емь|ьми|емью|ьмью)|восьм{_ADJ}", 8),
    (rf"девят{_ADJ_OR}", 9),
    (rf"десят{_ADJ_OR}", 10),
    *(
        (rf"{stem}надцат{_ADJ_OR}", value)
        for value, stem in enumerate(
            "один две три четыр пят шест сем восем девят".split(), start=11
        )
    ),
    (rf"двадцат{_ADJ_OR}", 20),
    (rf"тридцат{_ADJ_OR}", 30),
    (rf"сорока?|сороков{_ADJ}", 40),
    *(
        (rf"{stem}(?:ьдесят|идесяти|ьюдесятью|идесят{_ADJ})", value)
        for value, stem in ((50, "пят"), (60, "шест"), (70, "сем"))
    ),
    (rf"восемьдесят|восьмидесяти|восемьюдесятью|восьмидесят{_ADJ}", 80),
    (rf"девяност(?:о|а|{_ADJ})", 90),
    (rf"ст[оа]|сот{_ADJ}", 100),
    (rf"двести|двумстам|двумястами|двухс(?:от|тах|от{_ADJ})", 200),
    (rf"триста|тремстам|тремястами|трехс(?:от|тах|от{_ADJ})", 300),
    (rf"четыреста|четыремстам|четырьмястами|четырехс(?:от|тах|от{_ADJ})", 400),
    *(
        (rf"{stem}(?:ьсот|ис(?:от|там|тах)|ьюстами|исот{_ADJ})", value)
        for value, stem in ((500, "пят"), (600, "шест"), (700, "сем"), (900, "девят"))
    ),
    (rf"восемьсот|восьмис(?:от|там|тах)|восемьюстами|восьмисот{_ADJ}", 800),
    (r"перв(?:ый|ая|ое|ого|ой|ому|ым|ом|ую|ые|ых|ыми)", 1),
    (r"втор(?:ой|ая|ое|ого|ому|ым|ом|ую|ые|ых|ыми)", 2),
    (r"трет(?:ий|ья|ье|ьего|ьей|ьему|ьим|ьем|ью|ьи|ьих)", 3),
    (rf"четверт{_ADJ}", 4),
]
_RUSSIAN_WORD = [(re.compile(rf"(?:{pattern})$"), value) for pattern, value in _RUSSIAN]
_SCALES = [
    (re.compile(r"hundred(?:th)?$"), 100),
    (re.compile(r"(?:thousand(?:th)?|тысяч(?:а|и|у|е|ей|ью|ам|ами|ах)?|тысячн\w+)$"), 1_000),
    (re.compile(r"(?:million|миллион(?:а|у|ом|е|ы|ов|ам|ами|ах)?)$"), 1_000_000),
    (re.compile(r"(?:billion|миллиард(?:а|у|ом|е|ы|ов|ам|ами|ах)?)$"), 1_000_000_000),
]
# Scales that are a number of their own: "тысячи" and "thousands" say none.
_ALONE = frozenset("hundred тысяча тысячу тысячей тысячью миллион миллиард".split())
_ARTICLE = re.compile(r"\b(?:a|an)\s$", re.IGNORECASE)
_DIGIT = re.compile(r"\d\s?$")
_BETWEEN = re.compile(r"[ \u00a0\n-]")
_AND = re.compile(r"\sand\s")
_WORDS = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+")


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number in words, and where it stands."""

    value: int
    start: int
    end: int


@dataclass(slots=True)
class _Sum:
    """Words that add up so far; the next one must be below ``room``, or a scale below ``scale``.

    ``group`` is what waits for its scale, ``total`` what has one.
    """

    start: int
    end: int
    total: int = 0
    group: int = 0
    room: int = 1_000
    scale: int = 10**12

    @property
    def value(self) -> int:
        """What it is so far."""
        return self.total + self.group

    def takes(self, value: int) -> bool:
        """Add a word's value, if it can follow."""
        if not 0 < value < self.room:
            return False
        self.group += value
        self.room = 100 if value >= 100 else 10 if value >= 20 else 0
        return True

    def times(self, scale: int) -> bool:
        """Multiply by a scale, if it can follow."""
        if scale == 100 and 0 < self.group < 10:
            self.group, self.room = self.group * 100, 100
            return True
        if scale == 100 or not self.group or scale >= self.scale:
            return False
        self.total += self.group * scale
        self.group, self.room, self.scale = 0, 1_000, scale
        return True


def numerals_in(text: str) -> Iterator[Numeral]:
    """Yield the numbers of a text that are in words, as they stand; й and ё may be decomposed."""
    sum_: _Sum | None = None
    for match in _WORDS.finditer(text):
        word = _folded(match.group())
        if sum_ is not None and _joined(text, sum_, match.start()) and _added(sum_, word):
            sum_.end = match.end()
            continue
        found = _begun(text, word, match.start(), match.end())
        if found is None and sum_ is not None and word == "and":
            continue  # it may join what follows
        if sum_ is not None:
            yield Numeral(sum_.value, sum_.start, sum_.end)
        sum_ = found
    if sum_ is not None:
        yield Numeral(sum_.value, sum_.start, sum_.end)


def _joined(text: str, sum_: _Sum, start: int) -> bool:
    """Return whether what stands at ``start`` follows: beside it, or behind "hundred and"."""
    if _BETWEEN.fullmatch(text, sum_.end, start):
        return True
    return sum_.value >= 100 and bool(_AND.fullmatch(text, sum_.end, start))


def _added(sum_: _Sum, word: str) -> bool:
    scale = _scale(word)
    if scale:
        return sum_.times(scale)
    value = value_of(word)
    return value is not None and sum_.takes(value)


def _begun(text: str, word: str, start: int, end: int) -> _Sum | None:
    """Return a sum that begins with a word, or None where it is no number."""
    value = value_of(word)
    if value is not None:
        room = 100 if value >= 100 else 10 if value >= 20 else 0
        return _Sum(start, end, group=value, room=room)
    scale = _scale(word)
    before = text[max(0, start - 3) : start]
    alone = word in _ALONE or (scale and _ARTICLE.search(before))
    if not alone or not scale or _DIGIT.search(before):  # 5 hundred is told by its digits
        return None
    if scale == 100:
        return _Sum(start, end, group=100, room=100)
    return _Sum(start, end, total=scale, scale=scale)


@lru_cache(maxsize=16_384)
def value_of(word: str) -> int | None:
    """Return the value of a folded word that is a number below a thousand, else None."""
    value = _ENGLISH.get(word)
    if value is not None:
        return value
    return next((value for pattern, value in _RUSSIAN_WORD if pattern.match(word)), None)


@lru_cache(maxsize=16_384)
def _scale(word: str) -> int:
    return next((scale for pattern, scale in _SCALES if pattern.match(word)), 0)


def _folded(word: str) -> str:
    return unicodedata.normalize("NFC", word).casefold().replace("ё", "е")
