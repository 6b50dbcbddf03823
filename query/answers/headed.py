"""Under which heading a place in a passage stands."""

from __future__ import annotations

from bisect import bisect_right

from memctl.query.hit import Hit


class Headed:
    """The headings of the passage of a hit, as far as they are known."""

    def __init__(self, hit: Hit) -> None:
        self._known = hit.sections is not None
        self._sections = hit.sections or ()
        self._starts = [each.start for each in self._sections]
        self._start, self._chunk = hit.passage_start, hit.chunk

    def heading(self, at: int) -> str:
        """Return the heading above a character of the passage; empty where that is not known.

        What stands before all sections of the passage has the heading above the chunk, from where
        that begins.
        """
        place = self._start + at
        above = bisect_right(self._starts, place)
        if above:
            return self._sections[above - 1].title
        headings = self._chunk.headings if self._known and place >= self._chunk.start else ()
        return headings[-1] if headings else ""
