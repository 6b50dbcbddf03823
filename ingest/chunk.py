"""A piece of a document that is embedded, found and cited as one."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass


@dataclass(frozen=True, slots=True)
class Chunk:
    """``text`` is the document's text from ``start`` to ``end``, in characters.

    ``tokens`` counts ``text`` as the chunker's encoding does. ``pages`` are the numbers of the
    pages that it touches. ``headings`` is the path of the headings above its first character,
    outermost first; of a page on which none is marked, the short lines that it begins with are the
    last. ``context`` is the span of the document to answer from when this chunk is
    found; it is the chunk's own where nothing larger was kept with it.

    Raises:
        ValueError: the span and the text differ in length, the chunk is empty, or its context
            does not hold it.
    """

    document: str
    start: int
    _: KW_ONLY
    end: int
    text: str
    tokens: int
    pages: tuple[int, ...] = ()
    headings: tuple[str, ...] = ()
    language: str = "und"
    context: tuple[int, int] = (-1, -1)

    def __post_init__(self) -> None:
        if self.context == (-1, -1):
            object.__setattr__(self, "context", (self.start, self.end))
        if not self.context[0] <= self.start <= self.end <= self.context[1]:
            raise ValueError(f"span {self.start}:{self.end} lies outside its {self.context}")
        if not 0 <= self.start < self.end:
            raise ValueError(f"a chunk spans {self.start} to {self.end}")
        if self.end - self.start != len(self.text):
            raise ValueError(f"span {self.start}:{self.end} holds {len(self.text)} characters")
