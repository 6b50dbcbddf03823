"""The paragraphs and tables of a Rich Text file, put together from what ends them."""

from __future__ import annotations

from dataclasses import dataclass, field

from memctl.ingest.readers.items import Item


@dataclass(slots=True)
class Flow:
    """One run of paragraphs: the text, a note, a header.

    ``words`` holds what has come since the last end of a paragraph or cell; ``bullet`` says that
    the paragraph is a list item, ``depth`` how deep it lies.
    """

    items: list[Item] = field(default_factory=list[Item])
    words: list[str] = field(default_factory=list[str])
    bullet: bool = False
    depth: int = 0
    _rows: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    _cells: list[str] = field(default_factory=list[str])

    def end_paragraph(self, level: int, *, in_table: bool) -> None:
        """End a paragraph; one in a table is a part of its cell."""
        if in_table or self._cells:
            self.words.append("\n")
            return
        self._end_table()
        text = self._taken()
        bullet, self.bullet = self.bullet, False
        if text and bullet and not level:
            self.items.append(Item("  " * self.depth + "- " + text, in_list=True))
        elif text:
            self.items.append(Item(text, level=level))
        self.depth = 0

    def end_cell(self) -> None:
        """End a cell of a row."""
        self._cells.append(self._taken())

    def end_row(self) -> None:
        """End a row."""
        if rest := self._taken():
            self._cells.append(rest)
        if self._cells:
            self._rows.append(tuple(self._cells))
            self._cells = []

    def finish(self) -> list[Item]:
        """Return all that there is."""
        if self._cells:
            self.end_row()
        self.end_paragraph(0, in_table=False)
        return self.items

    def _taken(self) -> str:
        text = "".join(self.words).strip()
        self.words.clear()
        return _paired(text) if any("\ud800" <= c <= "\udfff" for c in text) else text

    def _end_table(self) -> None:
        if any(map(any, self._rows)):
            self.items.append(Item("", rows=tuple(self._rows)))
        self._rows.clear()


def _paired(text: str) -> str:
    """Put the halves together in which UTF-16 gives a character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
