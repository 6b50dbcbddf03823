"""A piece of a document that is embedded, found and cited as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading: it begins where the heading ends, and ends where another does.

    ``start`` is an offset in the document's text. Under no heading ``title`` is empty.
    """

    start: int
    title: str


Sections = tuple[Section, ...] | None  # in order; None where they are not known
Part = tuple[int, tuple[str, ...], Sections]  # where a chunk starts, its headings, its sections


@dataclass(frozen=True, slots=True)
class Chunk:
    """``text`` is the document's text from ``start`` to ``end``, in characters.

    ``tokens`` counts ``text`` as the chunker's encoding does. ``pages`` are the numbers of the
    pages that it touches. ``headings`` is the path of the headings above its first character,
    outermost first; of a page on which none is marked, the short lines that it begins with are the
    last. ``sections`` are those that begin in it. ``context`` is the span of the document to
    answer from when this chunk is found; it is the chunk's own where nothing larger was kept with
    it.

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
    sections: Sections = ()
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

    @property
    def part(self) -> Part:
        """What ``sections_between`` asks of it."""
        return self.start, self.headings, self.sections


def sections_between(parts: Iterable[Part], start: int, end: int) -> Sections:
    """Return the sections that begin in a span of a document; ``parts`` are those of its chunks."""
    found: list[Section] = []
    for first, headings, sections in parts:
        if sections is None:
            return None
        found += [Section(first, "".join(headings[-1:])), *sections]
    return tuple(changes(each for each in found if start <= each.start <= end))


def changes(sections: Iterable[Section], title: str | None = None) -> Iterator[Section]:
    """Yield those, in order, that stand under another heading than what is before them.

    ``title`` is that of what stands before them all; None where that is not known.
    """
    for section in sorted(sections, key=_start):
        if section.title != title:
            yield section
            title = section.title


def _start(section: Section) -> int:
    return section.start
