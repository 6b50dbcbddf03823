"""Cutting a document into chunks that fit a token limit, where its own structure suggests it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from memctl.ingest import segments, tokens
from memctl.ingest.chunk import Chunk
from memctl.ingest.document import Document, Heading
from memctl.ingest.errors import SettingsError
from memctl.ingest.language import detect

# A cut changes the count of tokens around it by a few: this many over the limit are tried first.
_SLACK = 2


@dataclass(frozen=True, slots=True)
class ChunkRules:
    """How long a chunk may be, and how much of it the next one may repeat, in o200k_base tokens.

    Raises:
        SettingsError: the limit is under 16, or the overlap over half of it.
    """

    max_tokens: int = 256
    overlap_tokens: int = 0

    def __post_init__(self) -> None:
        if self.max_tokens < 16:
            raise SettingsError(
                f"chunking.max_tokens is {self.max_tokens}", hint="It must be 16 or more."
            )
        if not 0 <= self.overlap_tokens <= self.max_tokens / 2:
            raise SettingsError(
                f"chunking.overlap_tokens is {self.overlap_tokens}",
                hint=f"It must be from 0 to {self.max_tokens // 2}, half of max_tokens.",
            )


def cut(document: Document, rules: ChunkRules) -> list[Chunk]:
    """Cut ``document`` into chunks of at most ``rules.max_tokens``.

    They cover the text in order; without overlap they tile it. White space belongs to the chunk
    before it. A chunk is white space alone only where a run of it does not fit beside a character;
    a document that is white space alone has no chunks. A heading begins a chunk when the one before
    is a quarter full, and a page when it is half full; neither a heading nor what stands between
    them ends a chunk. A table or a piece of code is cut only where it does not fit, with the
    heading above it, and then between lines.
    """
    if not document.text.strip():
        return []
    labels = _Labels(document)
    return [
        labels.chunk(start, end, count) for start, end, count in _Cutter(document, rules).cuts()
    ]


class _Cutter:
    """Goes through a document from left to right and chooses the end of each chunk.

    The text is encoded once; the number of tokens between two offsets is estimated from that,
    and each chunk is then counted by itself.
    """

    def __init__(self, document: Document, rules: ChunkRules) -> None:
        self._text = document.text
        self._size = len(document.text)
        self._last_ink = len(document.text.rstrip())
        self._rules = rules
        self._ends = tokens.ends(document.text)
        self._at = segments.find(document, self._fits)
        self._ink = -1

    def cuts(self) -> Iterator[tuple[int, int, int]]:
        """Yield start, end and number of tokens of each chunk."""
        start = core = 0
        while core < self._size:
            end, count = self._end(start, core)
            if end <= core:
                start = core
                continue
            yield start, end, count
            start, core = self._overlap(start, end), end

    def _end(self, start: int, core: int) -> tuple[int, int]:
        """Choose the end of a chunk of which ``core`` is the first character that is new.

        It is ``core`` if what is repeated leaves no room for a whole character.
        """
        limit = self._rules.max_tokens + _SLACK
        while True:
            far = self._reach(start, limit)
            end = self._choose(start, core, max(far, core + 1))
            if start < core and (far <= core or not segments.is_break(self._text, end)):
                return core, 0
            count = tokens.count(self._text[start:end])
            if count <= self._rules.max_tokens:
                return end, count
            excess = count - self._rules.max_tokens
            limit = min(limit - 1, self._estimate(start, end) - excess)

    def _choose(self, start: int, core: int, far: int) -> int:
        """Choose the best place to cut after ``core`` and up to ``far``."""
        most = self._rules.max_tokens
        if core >= self._ink:
            self._ink = segments.first_ink(self._text, core)
        heading = self._next(self._at.headings, max(self._reach(core, most / 4), self._ink + 1))
        page = self._next(self._at.pages, max(self._reach(core, most / 2), self._ink + 1))
        stop = min(heading, page)
        if stop <= far:
            return stop
        if most < self._estimate(start, heading) <= most * 9 / 8:
            balanced = min(far, self._reach(start, most * 3 / 4))
            far = far if self._at.enclosing(balanced) else balanced
        for places, filled in (
            (self._at.paragraphs, most / 2),
            (self._at.sentences, most / 4),
            (self._at.sentences, 0),
        ):
            at = bisect_right(places, far) - 1
            if at < 0 or places[at] <= max(self._ink, self._reach(core, filled) - 1):
                continue
            # A nearly empty chunk is worth it only if it saves a sentence that fits.
            if filled or self._fits(places[at], self._next(places, places[at] + 1)):
                return places[at]
        return self._within_sentence(core, far)

    def _within_sentence(self, core: int, far: int) -> int:
        """Cut where there is no sentence to cut at: at a line, a word, a character."""
        most = self._rules.max_tokens
        for find, filled in ((segments.last_line, most / 4), (segments.last_word, most / 8)):
            at = find(self._text, core, far)
            if at >= self._reach(core, filled) and self._may_cut(at):
                at = self._outside(at)
                if at:
                    return at
        at = self._character(core, far)
        earlier = segments.last_word(self._text, core, at - 1)
        return self._outside(at) or (earlier if self._may_cut(earlier) else at)

    def _may_cut(self, at: int) -> bool:
        return at > self._ink and segments.is_break(self._text, at)

    def _outside(self, at: int) -> int:
        """Move a cut that lies in a heading, or in a table that fits, to where that begins.

        It stays if the chunk begins there already, but is 0 if the heading alone would be left.
        """
        closed = self._at.enclosing(at)
        if closed is None:
            return at
        if self._may_cut(closed[0]):
            return closed[0]
        return 0 if at == closed[1] - 1 else at

    def _character(self, core: int, far: int) -> int:
        if far >= self._last_ink > core + 1:
            tail = self._break_before(core, self._last_ink - 1)
            if self._fits(tail, self._size):
                return tail
        return self._break_before(core, far)

    def _break_before(self, core: int, far: int) -> int:
        at = far
        while at > core and not segments.is_break(self._text, at):
            at -= 1
        return at if at > core else far

    def _overlap(self, start: int, end: int) -> int:
        """Return where the chunk after ``end`` begins, so that it repeats whole sentences or words.

        Nothing is repeated before a heading.
        """
        most = self._rules.overlap_tokens
        if not most or end == self._size or self._next(self._at.headings, end) == end:
            return end
        low = max(self._reach(end, -most), start + 1)
        places = self._at.sentences
        near = places[bisect_left(places, low) : bisect_left(places, end)]
        whole = self._at.enclosing(end + 1)
        for at in (*near, *segments.words(self._text, low, end)):
            if (
                self._at.enclosing(at) is None
                and segments.is_break(self._text, at)
                and tokens.count(self._text[at:end]) <= most
            ):
                return at if whole is None or self._fits(at, whole[1]) else end
        return end

    def _fits(self, start: int, end: int) -> bool:
        most = self._rules.max_tokens
        if self._estimate(start, end) > most + _SLACK:
            return False
        return tokens.count(self._text[start:end]) <= most

    def _estimate(self, start: int, end: int) -> int:
        """The tokens from ``start`` to ``end``, give or take a few."""
        return bisect_right(self._ends, end) - bisect_right(self._ends, start)

    def _reach(self, start: int, count: float) -> int:
        """The offset that is ``count`` tokens after ``start``, by the same estimate."""
        at = bisect_right(self._ends, start) + int(count)
        if at <= 0:
            return 0
        if at >= len(self._ends):
            return self._size
        return min(self._ends[at - 1], self._ends[at] - 1)  # not into a character of many tokens

    def _next(self, places: list[int], low: int) -> int:
        """The first of ``places`` from ``low`` on, or the end of the text."""
        at = bisect_left(places, low)
        return places[at] if at < len(places) else self._size


class _Labels:
    """Says on which pages, under which headings and in which language a span stands."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._page_ends = [page.end for page in document.pages]
        self._heading_starts = [heading.start for heading in document.headings]
        self._paths = _paths(document.headings)

    def chunk(self, start: int, end: int, count: int) -> Chunk:
        document = self._document
        text = document.text[start:end]
        ink = min(segments.first_ink(text, 0), len(text) - 1)
        path = bisect_right(self._heading_starts, start + ink) - 1
        language = detect(text)
        return Chunk(
            document.path,
            start,
            end=end,
            text=text,
            tokens=count,
            pages=tuple(self._pages(start, end)),
            headings=self._paths[path] if path >= 0 else (),
            language=language if language in ("ru", "en") else document.language,
        )

    def _pages(self, start: int, end: int) -> Iterator[int]:
        document = self._document
        for at in range(bisect_right(self._page_ends, start), len(document.pages)):
            page = document.pages[at]
            if page.start >= end:
                return
            if document.text[max(page.start, start) : min(page.end, end)].strip():
                yield page.number


def _paths(headings: tuple[Heading, ...]) -> list[tuple[str, ...]]:
    """The titles in force from each heading on, outermost first."""
    paths: list[tuple[str, ...]] = []
    above: list[Heading] = []
    for heading in headings:
        while above and above[-1].level >= heading.level:
            above.pop()
        above.append(heading)
        paths.append(tuple(entry.title for entry in above if entry.title))
    return paths
