"""On which pages, under which headings and in which language a span of a document stands."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import islice, takewhile

from memctl.ingest import segments
from memctl.ingest.chunk import Chunk
from memctl.ingest.document import Document, Heading
from memctl.ingest.language import detect

_CYRILLIC = re.compile("[\u0400-\u04ff]+")
_LATIN = re.compile("[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]+")
_HEAD = 4  # lines at most that head a page
_LONGEST = 90  # characters of one
_RUNNING_ON = tuple(".,;")  # at the end of a line: it is of a text, and heads nothing


class Labels:
    """Makes the chunks of a document from their spans."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._page_ends = [page.end for page in document.pages]
        self._heading_starts = [heading.start for heading in document.headings]
        self._paths = _paths(document.headings)
        self._heads: dict[int, tuple[str, ...]] = {}

    def chunk(self, start: int, end: int, count: int, context: tuple[int, int]) -> Chunk:
        """Return the chunk from ``start`` to ``end``, which has ``count`` tokens."""
        text = self._document.text[start:end]
        ink = min(segments.first_ink(text, 0), len(text) - 1)
        path = bisect_right(self._heading_starts, start + ink) - 1
        return Chunk(
            self._document.path,
            start,
            end=end,
            text=text,
            tokens=count,
            pages=tuple(self._pages(start, end)),
            headings=self._under(start + ink, self._paths[path] if path >= 0 else ()),
            language=language_of(text, self._document.language),
            context=context,
        )

    def _under(self, at: int, path: tuple[str, ...]) -> tuple[str, ...]:
        """Return the headings above ``at``, with what heads its page where none is marked there.

        In most PDFs no heading is marked, and of a statement that fills its page only the first
        lines say what it is of, in which units and for which years.
        """
        page = bisect_right(self._page_ends, at)
        if page >= len(self._page_ends):
            return path
        if page not in self._heads:
            self._heads[page] = self._head(page)
        return (*path, *(line for line in self._heads[page] if line not in path))

    def _head(self, number: int) -> tuple[str, ...]:
        """Return the short lines that a page begins with; none where a heading stands on it."""
        page = self._document.pages[number]
        first, after = (bisect_left(self._heading_starts, at) for at in (page.start, page.end))
        if first < after:
            return ()
        lines = (line.strip() for line in self._document.text[page.start : page.end].split("\n"))
        short = takewhile(_heads, islice(filter(None, lines), _HEAD))
        return tuple(dict.fromkeys(short))

    def _pages(self, start: int, end: int) -> Iterator[int]:
        document = self._document
        for at in range(bisect_right(self._page_ends, start), len(document.pages)):
            page = document.pages[at]
            if page.start >= end:
                return
            if document.text[max(page.start, start) : min(page.end, end)].strip():
                yield page.number


def _heads(line: str) -> bool:
    return len(line) <= _LONGEST and not line.endswith(_RUNNING_ON)


def language_of(text: str, whole: str) -> str:
    """Return the language of a part of a document in the language ``whole``.

    It is ``detect``'s, or ``whole`` where that cannot tell. It is not asked where its answer could
    only be ``whole``: that is seen by the alphabet, which is most of the time.
    """
    if whole == "en" and (text.isascii() or not _mostly_cyrillic(text)):
        return whole
    if whole == "ru" and _mostly_cyrillic(text):
        return whole
    language = detect(text)
    return language if language in {"ru", "en"} else whole


def _mostly_cyrillic(text: str) -> bool:
    """Tell whether ``detect`` would weigh Russian and not English: a quarter of the letters."""
    cyrillic = sum(map(len, _CYRILLIC.findall(text)))
    return cyrillic > 0 and cyrillic * 3 >= sum(map(len, _LATIN.findall(text)))


def _paths(headings: tuple[Heading, ...]) -> list[tuple[str, ...]]:
    """Return the titles in force from each heading on, outermost first."""
    paths: list[tuple[str, ...]] = []
    above: list[Heading] = []
    for heading in headings:
        while above and above[-1].level >= heading.level:
            above.pop()
        above.append(heading)
        paths.append(tuple(entry.title for entry in above if entry.title))
    return paths
