"""The facts of a statement that its evidence must hold: numbers, dates, names, what is denied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

from memctl.query.terms import stem, words
from memctl.query.verify.alignment import differences
from memctl.query.verify.dates import Date, dates_in
from memctl.query.verify.names import Name, missing_names, names_of
from memctl.query.verify.numbers import Number, numbers_in
from memctl.query.verify.polarity import denied, opposed, turned
from memctl.query.verify.quotes import missing_quotes

_ENUMERATED = re.compile(r"^\s*\d{1,2}[.)]\s+")


@dataclass(frozen=True, slots=True)
class Faults:
    """What speaks against a statement, each a reason in words.

    ``hard`` ones say that a fact is another one there; ``soft`` ones that a short name, or a
    number in words, is not there, which may be due to other words.
    """

    hard: tuple[str, ...] = ()
    soft: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """The sentences that a statement is compared with.

    ``best`` is the one most like it, and ``close`` says that it is in nearly the same words;
    ``chosen`` are those that hold its words together, ``texts`` they and their neighbours.
    """

    best: str
    close: bool
    _: KW_ONLY
    chosen: tuple[str, ...]
    texts: tuple[str, ...]
    whole: tuple[str, ...]
    title: str = ""


def faults(statement: str, near: Near, *, same_language: bool) -> Faults:
    """Compare the facts of a statement with those of its evidence.

    Numbers, dates and names must stand near, quotes anywhere. Across languages names in another
    alphabet, denials and quotes cannot be compared.
    """
    bare = _ENUMERATED.sub("", statement)
    whole = " \n".join((*near.whole, near.title))
    near_by = " \n".join((*near.texts, near.title))
    beyond = _facts(bare, near_by if near.close else whole, same_language=same_language)
    beside = _facts(bare, near.best if near.close else near_by, same_language=same_language)
    hard = list(beyond.hard)
    soft = [each for each in (*beyond.soft, *beside.hard, *beside.soft) if each not in hard]
    if same_language:
        quotes = missing_quotes(statement, list(near.whole))
        hard += [f"the quote “{quote[:60]}” is not there" for quote in quotes]
        hard += differences(bare, near.best) if near.close else ()
        hard += _denials(bare, (near.best,) if near.close else near.chosen)
        hard += [f"{word} here, {other} there" for word, other in turned(bare, whole)]
    return Faults(tuple(dict.fromkeys(hard)), tuple(dict.fromkeys(soft)))


def _facts(statement: str, text: str, *, same_language: bool) -> Faults:
    """Return the dates, numbers and names of a statement that a text has not."""
    dates = dates_in(statement)
    spans = [(date.start, date.end) for date in dates]
    numbers = [each for each in numbers_in(statement) if not _inside(each, spans)]
    hard = [*_dates(statement, dates, dates_in(text))]
    hard += _numbers(statement, [each for each in numbers if each.exact], text)
    soft = list(_worded(statement, [each for each in numbers if not each.exact], text))
    missing = [
        name
        for name in _missing(statement, text, same_language=same_language)
        if not any(start <= name.start < end for start, end in spans)  # the month of a date
    ]
    for names in _together(missing):
        words_ = statement[names[0].start : names[-1].end]
        short = all(name.short for name in names)
        (soft if short else hard).append(f"the name {words_} is not there")
    return Faults(tuple(hard), tuple(soft))


def _together(names: Sequence[Name]) -> list[list[Name]]:
    """Return names in groups of those that follow each other."""
    groups: list[list[Name]] = []
    for name in names:
        if groups and name.start - groups[-1][-1].end == 1:
            groups[-1].append(name)
        else:
            groups.append([name])
    return groups


def _numbers(statement: str, numbers: Sequence[Number], text: str) -> Iterator[str]:
    """Yield the numbers that a text has not, or of another unit."""
    held = numbers_in(text)
    for each in numbers:
        written = statement[each.start : each.end]
        if not any(each.agrees(other) for other in held):
            alike = any(each.values & other.values for other in held)
            yield f"{written} has another unit there" if alike else f"{written} is not there"


def _worded(statement: str, numbers: Sequence[Number], text: str) -> Iterator[str]:
    """Yield the numbers in words that a text has not, neither in words nor in digits."""
    held, said = numbers_in(text), {stem(word) for word in words(text)}
    for each in numbers:
        written = statement[each.start : each.end]
        if each.values <= {0.0, 1.0} or all(stem(word) in said for word in words(written)):
            continue
        if not any(each.agrees(other) for other in held):
            yield f"{written} is not there"


def _dates(statement: str, dates: Sequence[Date], held: Sequence[Date]) -> Iterator[str]:
    for each in dates:
        if not any(each.agrees(other) for other in held):
            yield f"the date {statement[each.start : each.end]} is not there"


def _missing(statement: str, text: str, *, same_language: bool) -> list[Name]:
    names = names_of(statement)
    if not same_language:
        names = [each for each in names if each.text.isascii() and each.text.isupper()]
    return missing_names(names, text)


def _denials(statement: str, texts: Sequence[str]) -> Iterator[str]:
    """Yield words that one side denies and the other says."""
    said = {stem(word) for word in words(statement)}
    own = denied(statement)
    there = [(denied(text), {stem(word) for word in words(text)}) for text in texts]
    for word in sorted(own):
        speaking = [denials for denials, held in there if word in held]
        if speaking and not any(word in denials for denials in speaking):
            yield f"“{word}” is denied here and not there"
    for word in sorted(said - own):
        speaking = [denials for denials, held in there if word in held]
        if speaking and all(word in denials for denials in speaking):
            yield f"“{word}” is denied there and not here"
    if any(not any(word in held or word in denials for denials, held in there) for word in own):
        yield "something is denied here, and not there"
    for word, other in opposed(statement, texts):
        yield f"{word} here, {other} there"


def _inside(number: Number, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= number.start < end for start, end in spans)
