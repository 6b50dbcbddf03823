"""Cutting where the document's own structure suggests it.

Where a chunk ends depends on the text near by and not on where the first chunk began, so that after
a change the cuts soon fall where they fell before. Three rules see to it: a heading or a page that
ends a long enough stretch always begins a chunk; where many small stretches follow each other, and
where there are only paragraphs or sentences, one is chosen by a hash of the letters around it, as
in content-defined chunking (Muthitacharoen, Chen, Mazières 2001, "A low-bandwidth network file
system").
"""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from memctl.ingest import segments
from memctl.ingest.chunking.cutter import Cutter, between, following
from memctl.ingest.chunking.ruler import Ruler
from memctl.ingest.segments import Segments

# What must come before a heading, or a page, that begins a chunk: these parts of a full one.
_HEADING, _PAGE = 1 / 4, 1 / 2
_SEEN = 24  # characters on either side of a cut that its hash is made of


class Structure(Cutter):
    """Prefers headings, then pages, paragraphs, sentences, lines, words; keeps tables whole.

    ``forced`` are places at which a chunk begins in any case; unless they are ``exact``, not
    where all before it would be white space.
    """

    def __init__(
        self,
        ruler: Ruler,
        most: int,
        *,
        places: Segments,
        overlap: int = 0,
        forced: Sequence[int] = (),
        exact: bool = False,
    ) -> None:
        super().__init__(ruler, most, overlap=overlap)
        self._at = places
        self._forced = list(forced)
        self._exact = exact
        self._last_ink = len(ruler.text.rstrip())
        self._ink = -1
        self._hard = list(self._long_stretches())

    def _long_stretches(self) -> Iterator[int]:
        """Yield the headings and pages that end a stretch which is long enough for a chunk."""
        headings = set(self._at.headings)
        before = 0
        for at in sorted(headings.union(self._at.pages)):
            least = self._most * (_HEADING if at in headings else _PAGE)
            if self._ruler.estimate(before, at) >= least:
                yield at
            before = at

    def _choose(self, start: int, core: int, far: int) -> int:
        if core >= self._ink:
            self._ink = segments.first_ink(self._text, core)
        forced = following(self._forced, (core if self._exact else self._ink) + 1, self._size)
        if forced <= far:
            return forced
        # An eighth: a rest of it that could not be balanced goes with what follows.
        low = max(self._ruler.reach(core, self._most / 8), self._ink + 1)
        hard = min(following(self._hard, low, self._size), forced)
        soft = self._soft(core, min(far, hard))
        if soft:
            return soft[0] if hard <= far else self._favourite(soft)
        if hard <= far:
            return hard
        far = self._balanced(start, far, hard)
        return self._between(core, far) or self._within_sentence(core, far)

    def _soft(self, core: int, far: int) -> list[int]:
        """Return the headings and pages that may begin the next chunk."""
        heading = max(self._ruler.reach(core, self._most * _HEADING), self._ink + 1)
        page = max(self._ruler.reach(core, self._most * _PAGE), self._ink + 1)
        headings = between(self._at.headings, heading, far)
        return sorted({*headings, *between(self._at.pages, page, far)})

    def _balanced(self, start: int, far: int, stop: int) -> int:
        """Hold ``far`` back where it would leave next to nothing before ``stop``."""
        if not self._most < self._ruler.estimate(start, stop) <= self._most * 9 / 8:
            return far
        balanced = min(far, self._ruler.reach(start, self._most * 3 / 4))
        return far if self._at.enclosing(balanced) else balanced

    def _between(self, core: int, far: int) -> int:
        """Choose between paragraphs or else sentences; 0 where there is no place to choose."""
        half = max(self._ruler.reach(core, self._most / 2), self._ink + 1)
        for places in (self._at.paragraphs, self._at.sentences):
            if found := between(places, half, far):
                return self._favourite(found)
        places = self._at.sentences
        last = places[bisect_right(places, far) - 1] if places else 0
        if last <= self._ink:
            return 0
        # A nearly empty chunk is worth it only if it saves a sentence that fits.
        worth = last >= self._ruler.reach(core, self._most / 4)
        return last if worth or self._fits(last, following(places, last + 1, self._size)) else 0

    def _favourite(self, places: Sequence[int]) -> int:
        """Return the place that the letters around it choose; the last one of those that tie."""
        if len(places) == 1:
            return places[0]
        return max(places, key=lambda at: (self._hash(at), at))

    def _hash(self, at: int) -> int:
        around = self._text[max(at - _SEEN, 0) : at + _SEEN]
        return zlib.crc32(around.encode("utf-8", "surrogatepass"))

    def _within_sentence(self, core: int, far: int) -> int:
        """Cut where there is no sentence to cut at: at a line, a word, a character."""
        for find, filled in ((segments.last_line, 1 / 4), (segments.last_word, 1 / 8)):
            at = find(self._text, core, far)
            if at >= self._ruler.reach(core, self._most * filled) and self._may_cut(at):
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

    def _start(self, start: int, end: int) -> int:
        """Repeat whole sentences, else words; nothing is repeated before a heading."""
        if following(self._at.headings, end, self._size) == end:
            return end
        low = max(self._ruler.reach(end, -self._overlap), start + 1)
        places = self._at.sentences
        near = places[bisect_left(places, low) : bisect_left(places, end)]
        at = self._repeated(low, end, near)
        whole = self._at.enclosing(end + 1)
        return at if whole is None or self._fits(at, whole[1]) else end

    def _may_repeat(self, at: int) -> bool:
        return self._at.enclosing(at) is None and super()._may_repeat(at)

    def _fits(self, start: int, end: int) -> bool:
        return self._ruler.fits(start, end, self._most)
