"""Take spans out of a document, or put others in: what follows moves, with all that says where."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from memctl.ingest.document import Document

Cut = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Replacement:
    """A span of a text, and what is to stand in its place."""

    start: int
    end: int
    text: str = ""

    @property
    def shift(self) -> int:
        """How far it moves what follows."""
        return len(self.text) - (self.end - self.start)


def without(document: Document, cuts: Sequence[Cut]) -> Document:
    """Return the document without the spans ``cuts``, which are in order and do not overlap.

    A heading of which something is cut is none any more, a table or code keeps its rest, and a
    page of which all is cut stays in the list of pages, empty.
    """
    spans = [Replacement(start, end) for start, end in cuts]
    moved = _moving(spans)
    whole = tuple(
        each
        for each in document.headings
        if moved(each.end) - moved(each.start) == each.end - each.start
    )
    return replaced(replace(document, headings=whole), spans)


def replaced(document: Document, spans: Sequence[Replacement]) -> Document:
    """Return the document with others in place of spans, which are in order and do not overlap.

    What ends inside of a span ends inside of what stands there instead.
    """
    moved = _moving(spans)
    blocks = (
        replace(each, start=moved(each.start), end=moved(each.end)) for each in document.blocks
    )
    return replace(
        document,
        text=put(document.text, spans),
        pages=tuple(
            replace(page, start=moved(page.start), end=moved(page.end)) for page in document.pages
        ),
        headings=tuple(
            replace(each, start=moved(each.start), end=moved(each.end))
            for each in document.headings
        ),
        blocks=tuple(block for block in blocks if block.start < block.end),
    )


def put(text: str, spans: Sequence[Replacement]) -> str:
    """Return a text with others in place of its spans."""
    ends = [0, *(each.end for each in spans)]
    starts = [*(each.start for each in spans), len(text)]
    kept = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    return kept[0] + "".join(each.text + rest for each, rest in zip(spans, kept[1:], strict=True))


def _moving(spans: Sequence[Replacement]) -> Callable[[int], int]:
    """Return where an offset is after the replacements."""
    starts = [each.start for each in spans]
    shifts = [0, *accumulate(each.shift for each in spans)]

    def moved(offset: int) -> int:
        before = bisect_left(starts, offset)
        if before and offset < (last := spans[before - 1]).end:
            into = min(offset - last.start, len(last.text))
            return last.start + shifts[before - 1] + into
        return offset + shifts[before]

    return moved
