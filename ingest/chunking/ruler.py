"""Measuring the spans of one text in tokens."""

from __future__ import annotations

from bisect import bisect_right

from memctl.ingest import tokens

# A cut changes the count of tokens around it by a few: this many are allowed for.
SLACK = 2


class Ruler:
    """Encodes a text once and estimates the tokens of its spans from that."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._ends = tokens.ends(text)

    def estimate(self, start: int, end: int) -> int:
        """Return the tokens from ``start`` to ``end``, give or take a few."""
        return bisect_right(self._ends, end) - bisect_right(self._ends, start)

    def reach(self, start: int, count: float) -> int:
        """Return the offset that is ``count`` tokens after ``start``, by the same estimate."""
        at = bisect_right(self._ends, start) + int(count)
        if at <= 0:
            return 0
        if at >= len(self._ends):
            return len(self.text)
        return min(self._ends[at - 1], self._ends[at] - 1)  # not into a character of many tokens

    def count(self, start: int, end: int) -> int:
        """Count the tokens of a span by itself."""
        return tokens.count(self.text[start:end])

    def fits(self, start: int, end: int, most: int) -> bool:
        """Tell whether a span by itself has at most ``most`` tokens."""
        return self.estimate(start, end) <= most + SLACK and self.count(start, end) <= most
