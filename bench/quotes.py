"""Documents put together again from the lines of ``memctl dump``, to look quotes up in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.common import BenchError, Row

_GAP = "\0"  # stands where no chunk covers the text; no quote matches it


@dataclass(frozen=True, slots=True)
class Source:
    """A document: its own id and its text."""

    document_id: str
    text: str


def rebuild(lines: Iterable[Row]) -> dict[str, Source]:
    """Place the chunks of each document at their offsets and return documents by path.

    Raises:
        BenchError: a chunk's text does not fit its span, or overlapping chunks disagree.
    """
    chunks: dict[str, list[Row]] = {}
    for line in lines:
        chunks.setdefault(line["document"], []).append(line)
    return {
        name: Source(str(rows[0]["document_id"]), _text(name, rows))
        for name, rows in chunks.items()
    }


def _text(name: str, rows: Iterable[Row]) -> str:
    parts: list[str] = []
    end, tail, tail_start = 0, "", 0  # the chunk that reaches furthest, to compare overlaps with
    for row in sorted(rows, key=lambda row: (row["start"], row["end"])):
        start, text = row["start"], row["text"]
        if row["end"] - start != len(text):
            raise BenchError(f"a chunk of {name} at {start} is not as long as its span")
        shared = min(end, row["end"]) - start
        if shared > 0 and tail[start - tail_start :][:shared] != text[:shared]:
            raise BenchError(f"chunks of {name} that overlap at {start} disagree")
        parts.append(_GAP * (start - end) + text[max(end - start, 0) :])
        if row["end"] > end:
            end, tail, tail_start = row["end"], text, start
    return "".join(parts)


def is_exact(citation: Row, sources: Mapping[str, Source]) -> bool:
    """Whether the quote is not empty and stands at its span, character for character."""
    source = sources.get(citation["document"])
    quote = citation["quote"]
    return bool(
        source is not None and quote and source.text[citation["start"] : citation["end"]] == quote
    )
