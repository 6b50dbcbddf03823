"""The text of an OpenDocument file, taken from the events of its XML (OpenDocument 1.3, part 3)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from memctl.ingest.readers.grid import Area, Cell, Row
from memctl.ingest.readers.items import Item
from memctl.ingest.readers.xmlevents import Events, local_of, number_of, value_of

_MOST_REPEATED = 100_000  # cells that are the same as the one before
_MOST_BLANKS = 100
# What is not the text as it reads now, or is made of it: former states, contents, numbers of
# pages; the titles of pictures, and readings beside the words.
_SKIPPED = frozenset(
    "tracked-changes table-of-content alphabetical-index illustration-index table-index title "
    "page-number page-count slide-number note-citation ruby-text creator date creator-initials "
    "binary-data event-listeners forms annotation-end hidden-text hidden-paragraph".split()
)
_SIGNS = {"tab": "\t", "line-break": "\n"}
_FRAMES = frozenset(("frame", "custom-shape"))
_ASIDE = frozenset(("note", "annotation"))
_TABLE = frozenset(("table", "table-row", "table-cell", "covered-table-cell"))
# Programs that write no headings use the styles of LibreOffice for them.
_HEADING_STYLE = re.compile(r"Heading_20_([1-9])|(Title)")


@dataclass(slots=True)
class Sheet:
    """A page of a presentation, or a sheet: its name, its items or its rows."""

    name: str
    items: list[Item] = field(default_factory=list[Item])
    asides: list[Item] = field(default_factory=list[Item])
    rows: list[Row] = field(default_factory=list[Row])
    areas: list[Area] = field(default_factory=list[Area])


@dataclass(slots=True)
class _Table:
    """A table that is open; ``column`` and ``row`` are those of the next cell."""

    is_sheet: bool
    name: str = ""
    rows: list[list[str]] = field(default_factory=list[list[str]])
    cells: list[Cell] = field(default_factory=list[Cell])
    row: int = 0
    column: int = 0
    repeated: int = 1
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    words: list[str] | None = None
    times: list[int] = field(default_factory=list[int])


class Body(Events):
    """Collects pages or sheets in ``sheets``; a text is one without a name.

    ``marks`` says whether list items have a mark: on slides nearly all lines are such items.
    Only what stands in elements ``inside`` is read, where there are any.
    """

    def __init__(self, *, marks: bool, inside: frozenset[str] = frozenset()) -> None:
        self.sheets = [Sheet("")]
        self._marks = marks
        self._inside = inside
        self._entered = 0 if inside else 1
        self._skipped = 0
        self._paragraphs: list[tuple[int, list[str]]] = []
        self._tables: list[_Table] = []
        self._aside = 0
        self._lists = 0
        self._begun = False
        self._spreadsheet = False
        self._classes: list[str] = []
        self._styles: dict[str, str] = {}
        self._repeats = _MOST_REPEATED

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        name = local_of(tag)
        if self._skipped or name in _SKIPPED or _is_hidden(name, attributes):
            self._skipped += 1
        elif name in self._inside:
            self._entered += 1
        elif name in {"p", "h"}:
            self._paragraphs.append((self._level(name, attributes), []))
        elif name in _TABLE:
            self._start_table(name, attributes)
        elif name in _SIGNS or name == "s":
            self._add(
                _SIGNS.get(name) or " " * min(number_of(attributes, "c", least=1), _MOST_BLANKS)
            )
        else:
            self._start_frame(name, attributes)

    def end(self, tag: str) -> None:
        """An element closes."""
        name = local_of(tag)
        if self._skipped:
            self._skipped -= 1
        elif name in self._inside:
            self._entered -= 1
        elif name in {"p", "h"} and self._paragraphs:
            self._end_paragraph(*self._paragraphs.pop())
        elif name in _TABLE and self._tables:
            self._end_in_table(name)
        elif name in _ASIDE:
            self._aside -= 1
        elif name == "list":
            self._lists -= 1
        elif name in _FRAMES:
            self._end_frame(name)

    def data(self, text: str) -> None:
        """Text between tags: that of paragraphs is the document's."""
        if self._paragraphs and not self._skipped:
            self._add(" ".join(text.split("\n")) if "\n" in text else text)

    def _level(self, name: str, attributes: dict[str, str]) -> int:
        """Return the level of a heading, 0 for a paragraph."""
        if name == "h":
            return number_of(attributes, "outline-level", least=1)
        style = value_of(attributes, "style-name")
        match = _HEADING_STYLE.fullmatch(self._styles.get(style, style))
        return int(match.group(1) or 1) if match else 0

    def _add(self, text: str) -> None:
        if self._paragraphs:
            self._paragraphs[-1][1].append(text)

    def _start_frame(self, name: str, attributes: dict[str, str]) -> None:
        if name == "spreadsheet":
            self._spreadsheet = True
        elif name == "page":
            self.sheets.append(Sheet(value_of(attributes, "name")))
        elif name == "frame":
            self._classes.append(value_of(attributes, "class"))
        elif name in _ASIDE:
            self._aside += 1
        elif name == "list":
            self._lists += 1
        elif name in {"list-item", "list-header"}:
            self._begun = True
        elif name == "style":
            self._styles[value_of(attributes, "name")] = value_of(attributes, "parent-style-name")

    def _start_table(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            is_sheet = self._spreadsheet and not self._tables
            if is_sheet:
                self.sheets.append(Sheet(value_of(attributes, "name")))
            self._tables.append(_Table(is_sheet))
        elif self._tables and name == "table-row":
            table = self._tables[-1]
            table.row += 1
            table.column = 0
            table.repeated = number_of(attributes, "number-rows-repeated", least=1)
            table.rows.append([])
        elif self._tables:
            self._tables[-1].words = []
            self._tables[-1].attributes = attributes

    def _end_frame(self, name: str) -> None:
        if name == "frame" and self._classes:
            self._classes.pop()
        if not self._marks:
            self._emit(Item(""))  # the lines of two shapes are no one paragraph

    def _end_in_table(self, name: str) -> None:
        if name == "table":
            self._end_table(self._tables.pop())
        elif name == "table-row":
            self._end_row(self._tables[-1])
        else:
            self._end_cell(self._tables[-1], covered=name != "table-cell")

    def _end_paragraph(self, level: int, words: list[str]) -> None:
        text = "".join(words).strip()
        if self._classes and self._classes[-1] == "title" and not level:
            level = 2
        if not text:
            return
        if self._tables and not self._aside:
            cell = self._tables[-1].words
            if cell is not None:
                cell.append(text)
        elif self._lists and self._marks and not level:
            mark = "- " if self._begun else "  "
            self._emit(Item("  " * min(self._lists - 1, 8) + mark + text, in_list=True))
            self._begun = False
        else:
            self._emit(Item(text, level=level, in_list=not self._marks and not level))

    def _end_cell(self, table: _Table, *, covered: bool) -> None:
        text = "" if covered else " ".join(table.words or [])
        attributes, table.words = table.attributes, None
        times = number_of(attributes, "number-columns-repeated", least=1)
        if table.is_sheet:
            self._add_cells(table, text, times)
        elif table.rows:
            table.rows[-1].extend([text] * (min(times, _MOST_BLANKS) if text else 1))
        table.column += times

    def _add_cells(self, table: _Table, text: str, times: int) -> None:
        shown, is_text = _shown(text, table.attributes)
        if not shown or shown.isspace():
            return
        more = min(times - 1, self._repeats)
        self._repeats -= more
        columns = range(table.column, table.column + more + 1)
        table.cells.extend(Cell(at, shown, is_text) for at in columns)
        down = number_of(table.attributes, "number-rows-spanned", least=1)
        across = number_of(table.attributes, "number-columns-spanned", least=1)
        if down > 1 or across > 1:
            bottom, right = table.row + down - 1, table.column + across - 1
            self.sheets[-1].areas.append(Area(table.row, bottom, table.column, right))

    def _end_row(self, table: _Table) -> None:
        """Keep a row once: that it is repeated says nothing new, but rows below it lie lower."""
        if table.cells:
            self.sheets[-1].rows.append(Row(table.row, table.cells))
            table.cells = []
            return
        table.row += table.repeated - 1

    def _end_table(self, table: _Table) -> None:
        if table.is_sheet:
            return
        rows = tuple(map(tuple, table.rows))
        if self._tables and self._tables[-1].words is not None:
            self._tables[-1].words.extend(" ".join(filter(None, row)) for row in rows)
        elif any(map(any, rows)):
            self._emit(Item("", rows=rows))

    def _emit(self, item: Item) -> None:
        sheet = self.sheets[-1]
        if self._entered:
            (sheet.asides if self._aside else sheet.items).append(item)


def _is_hidden(name: str, attributes: dict[str, str]) -> bool:
    return name == "section" and value_of(attributes, "display") == "none"


def _shown(text: str, attributes: dict[str, str]) -> tuple[str, bool]:
    """Return what a cell of a sheet shows, dates as ISO 8601 has it, and whether it is a text."""
    kind = value_of(attributes, "value-type")
    if kind == "date":
        value = value_of(attributes, "date-value")
        return value.partition(".")[0].removesuffix("T00:00:00").replace("T", " "), False
    if kind in {"", "string"}:
        return text or value_of(attributes, "string-value"), True
    return text or value_of(attributes, "value"), False


class Meta(Events):
    """Collects what is said of a document, one list of values a name."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}
        self._name = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: ARG002  an event
        """Listen inside a value."""
        self._name = local_of(tag)
        self.found.setdefault(self._name, []).append("")

    def end(self, tag: str) -> None:  # noqa: ARG002  an event
        """Listen no more."""
        self._name = ""

    def data(self, text: str) -> None:
        """Take the words."""
        if self._name:
            self.found[self._name][-1] += text


class Manifest(Events):
    """Finds out whether a part is encrypted."""

    def __init__(self) -> None:
        self.encrypted = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: ARG002  an event
        """Take what is said of a part."""
        self.encrypted |= local_of(tag) == "encryption-data"
