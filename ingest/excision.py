"""Take spans out of a document: what follows them moves up, with all that says where it stands."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from memctl.ingest.document import Document

Cut = tuple[int, int]


def without(document: Document, cuts: Sequence[Cut]) -> Document:
    """Return the document without the spans ``cuts``, which are in order and do not overlap.

    A heading of which something is cut is none any more, a table or code keeps its rest, and a
    page of which all is cut stays in the list of pages, empty.
    """
    starts = [start for start, _ in cuts]
    gone = [0, *accumulate(end - start for start, end in cuts)]

    def moved(offset: int) -> int:
        before = bisect_left(starts, offset)
        inside = max(cuts[before - 1][1] - offset, 0) if before else 0
        return offset - gone[before] + inside

    def is_whole(start: int, end: int) -> bool:
        return moved(end) - moved(start) == end - start

    ends = [0, *(end for _, end in cuts)]
    kept = zip(ends, [*starts, len(document.text)], strict=True)
    blocks = (
        replace(each, start=moved(each.start), end=moved(each.end)) for each in document.blocks
    )
    return replace(
        document,
        text="".join(document.text[start:end] for start, end in kept),
        pages=tuple(
            replace(page, start=moved(page.start), end=moved(page.end)) for page in document.pages
        ),
        headings=tuple(
            replace(each, start=moved(each.start), end=moved(each.end))
            for each in document.headings
            if is_whole(each.start, each.end)
        ),
        blocks=tuple(block for block in blocks if block.start < block.end),
    )
