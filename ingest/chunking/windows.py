"""Windows of a fixed number of tokens, blind to what the text is."""

from __future__ import annotations

from memctl.ingest import segments
from memctl.ingest.chunking.cutter import Cutter


class Windows(Cutter):
    """Fills each chunk to its limit; a word is cut only where it is an eighth of a chunk.

    A change moves every cut after it: nothing in the text holds them.
    """

    def _choose(self, start: int, core: int, far: int) -> int:
        if far >= self._size:
            return self._size
        word = segments.last_word(self._text, core, far)
        late = word > core and word >= self._ruler.reach(start, self._most * 7 / 8)
        if late and segments.is_break(self._text, word):
            return word
        return self._break_before(core, far)

    def _start(self, start: int, end: int) -> int:
        low = max(self._ruler.reach(end, -self._overlap), start + 1)
        return self._repeated(low, end, ())
