"""Going through a text from left to right, one chunk that fits after the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from memctl.ingest import segments
from memctl.ingest.chunking.ruler import SLACK, Ruler


class Cutter(ABC):
    """Asks a method where it would end each chunk, and makes it smaller until it fits."""

    def __init__(self, ruler: Ruler, most: int, *, overlap: int) -> None:
        self._ruler = ruler
        self._text = ruler.text
        self._size = len(ruler.text)
        self._most = most
        self._overlap = overlap

    def cuts(self) -> Iterator[tuple[int, int, int]]:
        """Yield start, end and number of tokens of each chunk."""
        start = core = 0
        while core < self._size:
            end, count = self._end(start, core)
            if end <= core:
                start = core
                continue
            yield start, end, count
            repeats = self._overlap and end < self._size
            start, core = self._start(start, end) if repeats else end, end

    @abstractmethod
    def _choose(self, start: int, core: int, far: int) -> int:
        """Choose the best place to cut after ``core`` and up to ``far``.

        The chunk begins at ``start``; ``core`` is its first character that is new.
        """

    @abstractmethod
    def _start(self, start: int, end: int) -> int:
        """Return where the chunk after ``start:end`` begins, so that it repeats its end."""

    def _end(self, start: int, core: int) -> tuple[int, int]:
        """Return the end of a chunk and the number of its tokens.

        The end is ``core`` if what is repeated leaves no room for a whole character.
        """
        limit = self._most + SLACK
        while True:
            far = self._ruler.reach(start, limit)
            end = self._choose(start, core, max(far, core + 1))
            if start < core and (far <= core or not segments.is_break(self._text, end)):
                return core, 0
            count = self._ruler.count(start, end)
            if count <= self._most:
                return end, count
            excess = count - self._most
            limit = min(limit - 1, self._ruler.estimate(start, end) - excess)

    def _break_before(self, core: int, far: int) -> int:
        """Return the last place up to ``far`` between two characters, or ``far``."""
        at = far
        while at > core and not segments.is_break(self._text, at):
            at -= 1
        return at if at > core else far

    def _repeated(self, low: int, end: int, places: Iterable[int]) -> int:
        """Return the first of ``places``, else of words, from which on the end may be repeated."""
        for at in (*places, *segments.words(self._text, low, end)):
            if self._may_repeat(at) and self._ruler.count(at, end) <= self._overlap:
                return at
        return end

    def _may_repeat(self, at: int) -> bool:
        return segments.is_break(self._text, at)


def following(places: list[int], low: int, otherwise: int) -> int:
    """Return the first of ``places``, which are in order, from ``low`` on."""
    at = bisect_left(places, low)
    return places[at] if at < len(places) else otherwise


def between(places: list[int], low: int, high: int) -> list[int]:
    """Return those of ``places``, which are in order, from ``low`` to ``high``, both included."""
    return places[bisect_left(places, low) : bisect_right(places, high)]
