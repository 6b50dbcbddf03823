"""Under which heading a place in a passage stands."""

from __future__ import annotations

from bisect import bisect_right

from memctl.ingest import is_markdown, marked, underlined
from memctl.query.hit import Hit


class Sections:
    """The headings of the passage of a hit, as far as its text tells them.

    That of Markdown does. Of other texts only the headings above the first character are known, and
    others may stand below.
    """

    def __init__(self, hit: Hit) -> None:
        self._text = hit.passage if is_markdown(hit.document) else ""
        self._found = marked(hit.document, hit.passage)
        self._ends = [end for end, _ in self._found]
        self._chunk = hit.chunk.start - hit.passage_start
        self._headings = hit.chunk.headings

    def heading(self, at: int) -> str:
        """Return the heading above a character of the passage; empty where that is not known.

        What no heading of the passage stands above has that of the chunk, from where it begins.
        """
        above = bisect_right(self._ends, at)
        last = self._ends[above - 1] if above else 0
        if not self._text or underlined(self._text[last:at]):
            return ""
        if above:
            return self._found[above - 1][1]
        return self._headings[-1] if self._headings and at >= self._chunk else ""
