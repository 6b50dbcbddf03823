"""Text that is shown while it is written, folded at its blanks."""

from __future__ import annotations

import re

from memctl.cli.output import say_part, width

_LAST_WORD = re.compile(r"\S+$")
_PARTS = re.compile(r"\n|[^\S\n]+|\S+")


class Flow:
    """Writes parts of a text to stdout as they come; a line is no longer than the terminal."""

    def __init__(self) -> None:
        self.used = False
        self._column = 0
        self._blank = ""
        self._rest = ""

    def put(self, text: str) -> None:
        """Write the next part; a word that is not at its end waits for the rest of it."""
        self.used = True
        whole = self._rest + text
        last = _LAST_WORD.search(whole)
        cut = last.start() if last else len(whole)
        self._rest = whole[cut:]
        self._write(whole[:cut])

    def _write(self, text: str) -> None:
        out: list[str] = []
        for part in _PARTS.findall(text):
            if part == "\n":
                out.append("\n")
                self._column, self._blank = 0, ""
            elif part.isspace():
                self._blank = part if self._column == 0 else " "
            else:
                self._word(part, out)
        say_part("".join(out))

    def end(self) -> None:
        """Write what waits, and end the last line."""
        self._write(self._rest)
        self._rest = ""
        if self._column:
            say_part("\n")
        self._column = 0

    def _word(self, word: str, out: list[str]) -> None:
        room = width() - self._column - len(self._blank)
        if self._column and len(word) > room:
            out.append("\n")
            self._column, self._blank = 0, ""
        out.append(self._blank + word)
        self._column += len(self._blank) + len(word)
        self._blank = ""
