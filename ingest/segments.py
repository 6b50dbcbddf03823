"""Where a document may be cut: at headings, pages, paragraphs, tables, code, sentences, letters."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from memctl.ingest.document import Document
from memctl.ingest.sentences import spans

_INK = re.compile(r"\S")
_BLANK_LINE = re.compile(r"\n\s*\n\s*")
# The start of a line that holds something; its indentation stays with it.
_LINE = re.compile(r"\n(?=[^\S\n]*\S)")
_JOINER = "\u200d"
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
_WORD = re.compile(r"(?<=\s)\S")

Fits = Callable[[int, int], bool]


@dataclass(frozen=True, slots=True)
class Segments:
    """Offsets at which a document may be cut, each list in order and without repetition.

    ``paragraphs`` holds the headings, the pages and both ends of each table and piece of code;
    ``sentences`` holds the paragraphs, and in tables and code the lines. An offset is that of a
    character that is not white, but in tables and code it may be that of its indentation, and
    before a mark or a joiner that stands alone that of white space.
    ``closed`` are stretches ``low < offset < high`` in which none of these lies: a heading up to
    what follows it, and a table or a piece of code that fits whole, with the heading above it.
    """

    headings: list[int]
    pages: list[int]
    paragraphs: list[int]
    sentences: list[int]
    closed: list[tuple[int, int]]

    def enclosing(self, offset: int) -> tuple[int, int] | None:
        """Return the closed stretch that ``offset`` lies in."""
        at = bisect_left(self.closed, (offset, 0)) - 1
        if at >= 0 and self.closed[at][0] < offset < self.closed[at][1]:
            return self.closed[at]
        return None


def find(document: Document, fits: Fits) -> Segments:
    """Find the offsets; ``fits(start, end)`` says whether a table or code needs no cut."""
    text = document.text
    heads = _snap(text, [(heading.start, heading.end) for heading in document.headings])
    blocks = _snap(text, [(block.start, block.end) for block in document.blocks])
    titles = _merge([(start, end + 1) for start, end in heads])
    whole = _whole_blocks(blocks, titles, fits)
    closed = _merge(sorted([*titles, *whole]))

    headings = _open((start for start, _ in titles), closed)
    pages = _open(
        (at for at, _ in _snap(text, [(p.start, p.start) for p in document.pages])), closed
    )
    edges = (at for block in blocks for at in block)
    paragraphs = _open((*headings, *pages, *edges, *_behind_blank_lines(text, blocks)), closed)
    sentences = _open((*paragraphs, *_sentences(text, blocks, set(whole))), closed)
    return Segments(
        headings=[at for at in headings if is_break(text, at)],
        pages=[at for at in pages if is_break(text, at)],
        paragraphs=[at for at in paragraphs if is_break(text, at)],
        sentences=[at for at in sentences if is_break(text, at)],
        closed=closed,
    )


def is_break(text: str, offset: int) -> bool:
    """Whether a cut at ``offset`` leaves each character with its marks, joiners and modifiers."""
    if not 0 < offset < len(text):
        return True
    before, after = text[offset - 1], text[offset]
    if before == _JOINER:
        return False
    if after.isalnum():
        return True
    if after in _FLAG_LETTERS:
        return not _halves_flag(text, offset)
    if (before, after) == ("\r", "\n") or after == _JOINER:
        return False
    return unicodedata.category(after)[0] != "M" and not _SKIN.match(after)


def first_ink(text: str, offset: int) -> int:
    """Return the offset of the first character from ``offset`` on that is not white."""
    found = _INK.search(text, offset)
    return found.start() if found else len(text)


def last_line(text: str, start: int, end: int) -> int:
    """Return where the last line of ``text[start:end]`` begins, ``start`` if it has but one."""
    at = text.rfind("\n", start, end) + 1
    while at > start and not _LINE.match(text, at - 1):
        at = text.rfind("\n", start, at - 1) + 1
    return max(at, start)


def last_word(text: str, start: int, end: int) -> int:
    """Return where the last word of ``text[start:end]`` begins, ``start`` if it has but one."""
    if end < len(text) and text[end - 1].isspace() and not text[end].isspace():
        return end
    parts = text[start:end].rsplit(None, 1)
    if len(parts) < 2:
        return start
    return start + text[start:end].rindex(parts[1])


def words(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where each word begins that has white space before it, from ``start`` to ``end``."""
    for found in _WORD.finditer(text, start, end):
        yield found.start()


def _halves_flag(text: str, offset: int) -> bool:
    """Whether an odd number of flag letters stands before; two make a flag."""
    before = text[max(0, offset - 4096) : offset]
    return (len(before) - len(before.rstrip(_FLAG_LETTERS))) % 2 == 1


def _snap(text: str, stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Move both ends of each stretch on to a character that is not white; they are in order.

    Where that is a mark or a joiner, which no chunk begins with, to the white space before it.
    """
    ink = -1
    moved: list[int] = []
    for at in (at for stretch in stretches for at in stretch):
        if at > ink:
            ink = first_ink(text, at)
            while ink > at and not is_break(text, ink):
                ink -= 1
        moved.append(ink)
    return list(zip(moved[::2], moved[1::2], strict=True))


def _merge(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join stretches, in order, that overlap."""
    merged: list[tuple[int, int]] = []
    for low, high in stretches:
        if merged and low < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def _whole_blocks(
    blocks: list[tuple[int, int]], titles: list[tuple[int, int]], fits: Fits
) -> list[tuple[int, int]]:
    whole: list[tuple[int, int]] = []
    for start, end in blocks:
        at = bisect_left(titles, (start, 0)) - 1
        lead = titles[at][0] if at >= 0 and start < titles[at][1] else start
        if start < end and fits(lead, end):
            whole.append((start, end))
    return whole


def _open(offsets: Iterable[int], closed: list[tuple[int, int]]) -> list[int]:
    """Sort ``offsets`` and leave out those in a closed stretch."""
    result: list[int] = []
    at = 0
    for offset in sorted(set(offsets)):
        while at < len(closed) and closed[at][1] <= offset:
            at += 1
        if at == len(closed) or offset <= closed[at][0]:
            result.append(offset)
    return result


def _behind_blank_lines(text: str, blocks: list[tuple[int, int]]) -> Iterator[int]:
    for line in _BLANK_LINE.finditer(text):
        end = line.end()
        at = bisect_left(blocks, (end, 0)) - 1
        inside = at >= 0 and end < blocks[at][1]
        yield text.rfind("\n", line.start(), end) + 1 if inside else end


def _sentences(
    text: str, blocks: list[tuple[int, int]], whole: set[tuple[int, int]]
) -> Iterator[int]:
    edges = [0, *(at for block in blocks for at in block), len(text)]
    for number, (start, end) in enumerate(pairwise(edges)):
        if number % 2 == 0:
            yield from (start + at for at, _ in spans(text[start:end]))
        elif (start, end) not in whole:
            yield from (line.start() + 1 for line in _LINE.finditer(text, start, end))
