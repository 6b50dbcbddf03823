"""What stands around a hit: its neighbours, its section, the whole of its table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, get_args

from memctl.ingest import Chunk, UsageError, sections_between
from memctl.query.hit import Hit

Around = Literal["none", "neighbours", "section", "table"]
AROUND: tuple[Around, ...] = get_args(Around)

_MOST = 12_000  # characters of a passage: a chapter is no answer
# Rows of a table as the readers write them: lines of Markdown's, or names with their values.
_ROWS = (re.compile(r"\s*\|.*\|\s*"), re.compile(r"[^:;\n]+: [^;\n]*(?:; [^:;\n]+: [^;\n]*)+\s*"))


def widened(hit: Hit, around: Around, chunks: Sequence[Chunk]) -> Hit:
    """Return the hit with a larger passage to read; ``chunks`` are those of its document, in order.

    ``neighbours`` adds the chunk before and the one after, ``section`` all that stands under the
    same headings, ``table`` all rows of a table that was cut.

    Raises:
        UsageError: ``around`` is none of these.
    """
    if around not in AROUND:
        raise UsageError(
            f"no passage around a hit is named {around!r}", hint=f"Names: {', '.join(AROUND)}."
        )
    if around == "none":
        return hit
    own = hit.ordinal - 1
    if around == "neighbours":
        first, last = max(own - 1, 0), min(own + 1, len(chunks) - 1)
    else:
        joined = _same_section if around == "section" else _same_table
        first = last = own
        while first and joined(chunks[first - 1], chunks[first]):
            first -= 1
        while last + 1 < len(chunks) and joined(chunks[last], chunks[last + 1]):
            last += 1
    first, last = _within(chunks, own, first=first, last=last)
    start = min(chunks[first].start, hit.passage_start)
    end = max(chunks[last].end, hit.passage_start + len(hit.passage))
    return _holding(hit, start, end, chunks=chunks)


def merged(hits: Sequence[Hit], chunks_of: Mapping[str, Sequence[Chunk]]) -> list[Hit]:
    """Return the hits with those of one document whose passages touch as one, at the best place.

    The passage of a merged hit holds them all; ranks are given anew, and scores are the best's.
    """
    groups: list[list[Hit]] = []
    for hit in sorted(hits, key=lambda each: (each.document, each.passage_start)):
        last = groups[-1][-1] if groups else None
        if last is not None and last.document == hit.document and hit.passage_start <= _end(groups):
            groups[-1].append(hit)
        else:
            groups.append([hit])
    joined = [_one(group, chunks_of) for group in groups]
    joined.sort(key=lambda each: each.rank)
    return [replace(hit, rank=rank) for rank, hit in enumerate(joined, start=1)]


def _one(group: Sequence[Hit], chunks_of: Mapping[str, Sequence[Chunk]]) -> Hit:
    best = min(group, key=lambda each: each.rank)
    start = min(each.passage_start for each in group)
    end = max(each.passage_start + len(each.passage) for each in group)
    if len(group) == 1:
        return best
    return _holding(best, start, end, chunks=chunks_of[best.document])


def _end(groups: Sequence[Sequence[Hit]]) -> int:
    return max(each.passage_start + len(each.passage) for each in groups[-1])


def _holding(hit: Hit, start: int, end: int, *, chunks: Sequence[Chunk]) -> Hit:
    if (start, end) == (hit.chunk.start, hit.chunk.end):
        return hit
    held = [chunk for chunk in chunks if chunk.end > start and chunk.start < end]
    return replace(
        hit,
        chunk=replace(hit.chunk, context=(start, end)),
        context=_text(held, start, end),
        sections=sections_between((chunk.part for chunk in held), start, end),
    )


def _within(chunks: Sequence[Chunk], own: int, *, first: int, last: int) -> tuple[int, int]:
    """Return the span cut to the chunks nearest to ``own`` that fit."""
    low = high = own
    while True:
        wider = [
            (a, b)
            for a, b in ((low, high + 1), (low - 1, high))
            if first <= a and b <= last and chunks[b].end - chunks[a].start <= _MOST
        ]
        if not wider:
            return low, high
        # The nearer side first: both are taken in turn.
        low, high = min(wider, key=lambda span: abs(span[0] + span[1] - 2 * own))


def _text(chunks: Sequence[Chunk], start: int, end: int) -> str:
    """Return a span of the document's text, which its chunks cover in order."""
    pieces: list[str] = []
    at = start
    for chunk in chunks:
        if chunk.end > at:
            pieces.append(chunk.text[at - chunk.start : end - chunk.start])
            at = chunk.end
    return "".join(pieces)


def _same_section(one: Chunk, other: Chunk) -> bool:
    return one.headings == other.headings


def _same_table(before: Chunk, after: Chunk) -> bool:
    """Tell whether a cut went through a table: a row ends before it, a row begins after it."""
    last = before.text.rstrip("\n").rpartition("\n")[2]
    first = after.text.lstrip("\n").partition("\n")[0]
    return any(row.fullmatch(last) and row.fullmatch(first) for row in _ROWS)
