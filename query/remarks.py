"""What to tell a person whose question was read in another way than it seems to be meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from memctl.ingest import Catalog, one_line
from memctl.query.filters import IN_RUSSIAN, SAID, Filter
from memctl.query.syntax import parse

# A word, a colon and a value without a space between: not std::vector, 10:30 or http://host.
_LIKE_A_FILTER = re.compile(r'(?<!\S)(-?)([^\W\d_]{4,}|тег):(?!:|//)("[^"]+"|[^\s"]+)')
_EMPTY = re.compile(r"(?<!\S)(-?)([^\W\d_]+):\s*$")
_DECIMAL = re.compile(r"(?<!\S)-(\d+[.,]\d+)(?!\S)(?!\s*[°%‰])")  # it may be a version as well
_QUOTED = re.compile(r'(?<!\S)[-+]?"[^"]*"')
_ONE, _TWO = 1, 2  # wrong letters that a field may have, and from so many letters on two
_LONG = 6


def remarks(
    question: str, filters: Sequence[Filter], catalog: Catalog, *, found: bool
) -> Iterator[str]:
    """Yield what to tell: words that seem to be filters, numbers behind a minus, strange languages.

    ``filters`` are those beside the question; ``found`` says whether anything was found. Each is
    one line that steers no terminal.
    """
    told = [*_misspelt(question), *_empty(question), *_numbers(question)]
    if not found:
        told += _unspoken([*filters, *parse(question).filters], catalog)
    yield from map(one_line, told)


def _misspelt(question: str) -> Iterator[str]:
    for match in _LIKE_A_FILTER.finditer(_QUOTED.sub(" ", question)):
        minus, field, value = match.groups()
        near = "" if field in SAID else _near(field.casefold())
        if near:
            yield f"No field {field!r}, it was taken as text; did you mean {minus}{near}:{value} ?"


def _empty(question: str) -> Iterator[str]:
    for match in _EMPTY.finditer(_QUOTED.sub(" ", question)):
        minus, field = match.groups()
        if field in SAID or field in IN_RUSSIAN:
            yield f"{minus}{field}: was taken as text; a filter is one word, {minus}{field}:VALUE."


def _numbers(question: str) -> Iterator[str]:
    """Yield what became of numbers behind a minus: they may be meant as negative ones, or not."""
    for each in parse(question).unwanted:
        if not each[0].isalpha():
            yield f'Left out is what holds {each}; to look for it, write "-{each}".'
    for number in _DECIMAL.findall(_QUOTED.sub(" ", question)):
        yield f'-{number} was taken as text; -"{number}" leaves it out.'


def _near(field: str) -> str:
    """Return the field that a word is meant for; empty where none is near."""
    from rapidfuzz.distance import OSA

    if field in IN_RUSSIAN:
        return IN_RUSSIAN[field]
    most = _TWO if len(field) >= _LONG else _ONE
    edits = {name: OSA.distance(field, name) for name in sorted(SAID)}
    name = min(edits, key=edits.__getitem__)
    return name if edits[name] <= most else ""


def _unspoken(filters: Sequence[Filter], catalog: Catalog) -> Iterator[str]:
    wanted = [each.value for each in filters if each.field == "lang" and not each.negated]
    spoken = catalog.languages() if wanted else []
    if spoken and not set(wanted).intersection(spoken):
        yield f"No document is in {' or '.join(wanted)}; there are: {', '.join(spoken)}."
