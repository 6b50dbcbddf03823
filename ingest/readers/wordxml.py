"""The text of a Word document, its notes and headers, taken from the events of its XML."""

from __future__ import annotations

from dataclasses import dataclass, field

from memctl.ingest.readers.items import Item
from memctl.ingest.readers.wordparts import Styles, level_of, outline_of
from memctl.ingest.readers.xmlevents import Events, local_of, value_of


@dataclass(slots=True)
class _Paragraph:
    words: list[str] = field(default_factory=list[str])
    style: str = ""
    outline: int | None = None
    number: str | None = None
    depth: int = 0


@dataclass(slots=True)
class _Table:
    rows: list[list[str]] = field(default_factory=list[list[str]])
    cell: list[Item] | None = None
    merged: bool = False
    only: list[Item] = field(default_factory=list[Item])


# What is not the text as it reads now: former states, field codes, the copies for old programs.
_SKIPPED = frozenset(
    "Fallback moveFrom instrText delText pPrChange rPrChange tblPrChange tcPrChange trPrChange "
    "sectPrChange tblGridChange numberingChange sdtPr".split()
)
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_PROPERTIES = frozenset(("pStyle", "outlineLvl", "numId", "ilvl"))
_SEPARATORS = frozenset(("separator", "continuationSeparator", "continuationNotice"))


class Body(Events):
    """Collects the items of a document, its notes, or a header, in ``items``."""

    def __init__(self, styles: Styles) -> None:
        self.items: list[Item] = []
        self._styles = styles
        self._skipped = 0
        self._paragraphs: list[_Paragraph] = []
        self._tables: list[_Table] = []
        self._runs = 0
        self._hidden = False
        self._in_text = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        name = local_of(tag)
        if self._skipped or name in _SKIPPED or value_of(attributes, "type") in _SEPARATORS:
            self._skipped += 1
        elif name == "p":
            self._paragraphs.append(_Paragraph())
        elif name == "r":
            self._runs += 1
            self._hidden = False
        elif name == "t":
            self._in_text = True
        elif name in {"tbl", "tr", "tc", "vMerge"}:
            self._start_table(name, attributes)
        elif self._paragraphs:
            self._start_inline(name, value_of(attributes))

    def end(self, tag: str) -> None:
        """An element closes."""
        name = local_of(tag)
        if self._skipped:
            self._skipped -= 1
        elif name == "p" and self._paragraphs:
            self._end_paragraph(self._paragraphs.pop())
        elif name == "r":
            self._runs -= 1
            self._hidden = False
        elif name == "t":
            self._in_text = False
        elif name == "tc" and self._tables:
            self._end_cell(self._tables[-1])
        elif name == "tbl" and self._tables:
            self._end_table(self._tables.pop())

    def data(self, text: str) -> None:
        """Text between tags: only that of a ``t`` is the document's."""
        if self._in_text and self._paragraphs and not self._skipped and not self._hidden:
            self._paragraphs[-1].words.append(text)

    def _start_table(self, name: str, attributes: dict[str, str]) -> None:
        if name == "tbl":
            self._tables.append(_Table())
        elif self._tables and name == "tr":
            self._tables[-1].rows.append([])
        elif self._tables and name == "tc":
            self._tables[-1].cell = []
            self._tables[-1].merged = False
        elif self._tables:
            self._tables[-1].merged = value_of(attributes) != "restart"

    def _start_inline(self, name: str, value: str) -> None:
        paragraph = self._paragraphs[-1]
        if name in _PROPERTIES:
            _set(paragraph, name, value)
        elif self._runs and name in _SIGNS:
            paragraph.words.append(_SIGNS[name])
        elif self._runs and name == "vanish":
            self._hidden = value not in {"0", "false", "off"}

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        text = "".join(paragraph.words).strip()
        if not text:
            return
        outline = paragraph.outline
        level = self._styles.level(paragraph.style) if outline is None else level_of(outline)
        number = paragraph.number
        listed = self._styles.is_list(paragraph.style) if number is None else number != "0"
        if listed and not level:
            self._emit(Item("  " * paragraph.depth + "- " + text, in_list=True))
        else:
            self._emit(Item(text, level=level))

    def _end_cell(self, table: _Table) -> None:
        items = table.cell or []
        table.cell = None
        table.only = items
        if not table.rows:
            table.rows.append([])
        table.rows[-1].append("" if table.merged else " ".join(map(_as_cell, items)))

    def _end_table(self, table: _Table) -> None:
        """Emit a table; one of a single cell is a frame around its content."""
        if sum(map(len, table.rows)) == 1:
            for item in table.only:
                self._emit(item)
        elif any(any(row) for row in table.rows):
            self._emit(Item("", rows=tuple(map(tuple, table.rows))))

    def _emit(self, item: Item) -> None:
        cells = (table.cell for table in reversed(self._tables) if table.cell is not None)
        next(cells, self.items).append(item)


def _set(paragraph: _Paragraph, name: str, value: str) -> None:
    if name == "pStyle":
        paragraph.style = value
    elif name == "outlineLvl":
        paragraph.outline = outline_of(value)
    elif name == "numId":
        paragraph.number = value
    else:
        paragraph.depth = min(max(outline_of(value), 0), 8)


def _as_cell(item: Item) -> str:
    return " ".join(" ".join(row) for row in item.rows) if item.rows else item.text
