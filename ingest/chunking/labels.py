"""On which pages, under which headings and in which language a span of a document stands."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice

from memctl.ingest import segments
from memctl.ingest.chunk import Chunk, Section, changes
from memctl.ingest.document import Document, Heading
from memctl.ingest.language import detect

_CYRILLIC = re.compile("[\u0400-\u04ff]+")
_LATIN = re.compile("[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]+")
_HEAD = 4  # lines at most that head a page
_LONGEST = 90  # characters of one
_PHRASE = 40  # characters of one that may begin with a small letter, such as "in millions"
_MEASURE = 0.8  # of the length of the line below, which a line of the same paragraph has at least
# The end of one sentence and the beginning of another: not "Inc. and", not "Item 7. Financial".
_SENTENCES = re.compile("(?:[a-zа-яё]{3,}|\\d{4})[.!?…»”]+ +[A-ZА-ЯЁ«“]|; ")
_WORD, _SMALL = re.compile(r"\w+"), 3
_RUNNING_ON = tuple(".,;")  # at the end of a line: it is of a text, and heads nothing


class Labels:
    """Makes the chunks of a document from their spans."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._page_starts = [page.start for page in document.pages]
        self._page_ends = [page.end for page in document.pages]
        self._heading_starts = [heading.start for heading in document.headings]
        self._paths = _paths(document.headings)
        self._heads: dict[int, tuple[str, ...]] = {}

    def chunk(self, start: int, end: int, count: int, context: tuple[int, int]) -> Chunk:
        """Return the chunk from ``start`` to ``end``, which has ``count`` tokens."""
        text = self._document.text[start:end]
        ink = min(segments.first_ink(text, 0), len(text) - 1)
        headings = self._above(start + ink)
        return Chunk(
            self._document.path,
            start,
            end=end,
            text=text,
            tokens=count,
            pages=tuple(self._pages(start, end)),
            headings=headings,
            sections=tuple(self._sections(start, end, headings)),
            language=language_of(text, self._document.language),
            context=context,
        )

    def _above(self, at: int) -> tuple[str, ...]:
        """Return the headings above ``at``, with what heads its page where none is marked there.

        In most PDFs no heading is marked, and of a statement that fills its page only the first
        lines say what it is of, in which units and for which years.
        """
        last = bisect_right(self._heading_starts, at) - 1
        path = self._paths[last] if last >= 0 else ()
        page = bisect_right(self._page_ends, at)
        if page >= len(self._page_ends):
            return path
        if page not in self._heads:
            self._heads[page] = self._head(page)
        return (*path, *(line for line in self._heads[page] if line not in path))

    def _sections(self, start: int, end: int, above: tuple[str, ...]) -> Iterator[Section]:
        """Return where from ``start`` to ``end`` another heading stands above than before."""
        headings = self._document.headings[_between(self._heading_starts, start, end)]
        pages = self._document.pages[_between(self._page_starts, start + 1, end)]
        begun = [Section(each.end, each.title) for each in headings if each.end <= end]
        turned = [Section(page.start, "".join(self._above(page.start)[-1:])) for page in pages]
        return changes(turned + begun, "".join(above[-1:]))

    def _head(self, number: int) -> tuple[str, ...]:
        """Return the short lines that a page begins with; none where a heading stands on it."""
        page = self._document.pages[number]
        if self._document.headings[_between(self._heading_starts, page.start, page.end)]:
            return ()
        lines = (line.strip() for line in self._document.text[page.start : page.end].split("\n"))
        upper = [line[: 2 * _LONGEST] for line in islice(filter(None, lines), _HEAD + 2)]
        return tuple(dict.fromkeys(heading_lines(upper)))

    def _pages(self, start: int, end: int) -> Iterator[int]:
        document = self._document
        for at in range(bisect_right(self._page_ends, start), len(document.pages)):
            page = document.pages[at]
            if page.start >= end:
                return
            if document.text[max(page.start, start) : min(page.end, end)].strip():
                yield page.number


def _between(starts: Sequence[int], start: int, end: int) -> slice:
    """Return which of ``starts`` lie from ``start`` on and before ``end``."""
    return slice(bisect_left(starts, start), bisect_left(starts, end))


def _is_title(line: str) -> bool:
    """Tell whether all words of some length begin with a capital: so are titles in English."""
    words = (word for word in _WORD.findall(line) if len(word) > _SMALL)
    return all(word[0].isupper() or word.isdigit() for word in words)


def _in_text(line: str) -> bool:
    return bool(_SENTENCES.search(line)) or (line[0].islower() and len(line) > _PHRASE)


def heading_lines(lines: Sequence[str]) -> Iterator[str]:
    """Yield the first lines of a page that head it: short ones, before any of running text.

    A line of a paragraph begins in the middle of a sentence or has the end of one within, or it is
    about as long as such a line below it, and no title by its capitals.
    """
    of_text: list[bool] = []
    for at in reversed(range(len(lines))):
        below = of_text[-1] if of_text else False
        long = below and len(lines[at]) >= _MEASURE * len(lines[at + 1])
        of_text.append((long and not _is_title(lines[at])) or _in_text(lines[at]))
    for line, is_text in zip(lines[:_HEAD], reversed(of_text), strict=False):
        if is_text or len(line) > _LONGEST or line.endswith(_RUNNING_ON):
            return
        yield line


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
