"""The sentences of an answer, each with the passages that it cites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, replace

from memctl.ingest import sentence_spans
from memctl.query.answers.screen import numbers

MARKERS = re.compile(r"(?:\s*\[\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*\])+")
_NUMBER = re.compile(r"\[([^\]]*)\]")
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)]|>)\s+")
_LETTERS = re.compile(r"\w")
_HEADING = re.compile(r"\s*#{1,6}\s")
_LEADS_IN = re.compile(r":\s*$")


@dataclass(frozen=True, slots=True)
class Stated:
    """A sentence of an answer, without its markers; ``start`` and ``end`` span it with them.

    ``cited`` are the numbers that it cites, or that the sentence does which it leads to.
    """

    text: str
    cited: tuple[int, ...]
    _: KW_ONLY
    start: int
    end: int


def stated(answer: str) -> list[Stated]:
    """Return the sentences of an answer that say something, in order."""
    found: list[Stated] = []
    start = 0
    for line in answer.split("\n"):
        found.extend(_inherited(_of_line(line, start)))
        start += len(line) + 1
    return found


def plain(text: str) -> str:
    """Return a sentence without markers and marks of emphasis."""
    return re.sub(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", "", MARKERS.sub("", text)).strip()


def _of_line(line: str, start: int) -> list[Stated]:
    bullet = _BULLET.match(line)
    begun = bullet.end() if bullet else 0
    if _LEADS_IN.search(line) or _HEADING.match(line):
        return []
    found: list[Stated] = []
    for left, right in _spans(line, begun):
        text = plain(line[left:right])
        cited = tuple(dict.fromkeys(_cited(line[left:right])))
        if _LETTERS.search(text):
            found.append(Stated(text, cited, start=start + left, end=start + right))
    return found


def _spans(line: str, begun: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences of a line; markers after a full stop belong to what is before them."""
    pending: tuple[int, int] | None = None
    for left, right in sentence_spans(line[begun:]):
        left, right = left + begun, right + begun
        leading = MARKERS.match(line, left, right)
        if leading and pending:
            pending = pending[0], leading.end()
            left = leading.end()
        if not line[left:right].strip():
            continue
        if pending:
            yield pending
        pending = left, right
    if pending:
        yield pending


def _inherited(sentences: list[Stated]) -> list[Stated]:
    """Give a sentence without a marker those of the next one of its paragraph that has any."""
    found: list[Stated] = []
    below: tuple[int, ...] = ()
    for each in reversed(sentences):
        below = each.cited or below
        found.append(replace(each, cited=below))
    return found[::-1]


def _cited(text: str) -> Iterator[int]:
    for group in MARKERS.findall(text):
        for inside in _NUMBER.findall(group):
            yield from numbers(inside)
