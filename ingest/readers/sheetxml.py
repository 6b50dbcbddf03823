"""The parts of an Excel workbook, taken from the events of their XML (ECMA-376 part 1, 18)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

from memctl.ingest.readers.grid import Area, Cell, Row
from memctl.ingest.readers.numberformats import BUILT_IN, shown
from memctl.ingest.readers.xmlevents import Events, local_of, number_of, pieces, value_of

_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]*?ref=[\"']([A-Z]+\d+):([A-Z]+\d+)[\"']")
_MOST_MERGED = 10_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """The name of a sheet, and the id of the relation that leads to its part."""

    name: str
    relation: str


class Workbook(Events):
    """Collects the sheets in their order, and from which year days are counted."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self.from_1904 = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take a sheet, hidden or not: what is hidden is data as well."""
        name = local_of(tag)
        if name == "sheet":
            self.sheets.append(Sheet(attributes.get("name", ""), value_of(attributes, "id")))
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904") in {"1", "true"}


class Strings(Events):
    """Collects texts: one an element ``unit``, out of its elements ``word``.

    Readings in kana are left out.
    """

    def __init__(self, unit: str, word: str = "t") -> None:
        self.texts: list[str] = []
        self._unit = unit
        self._word = word
        self._words: list[str] = []
        self._reading = False
        self._listening = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: ARG002  an event
        """A text begins, or a part of it."""
        name = local_of(tag)
        if name == "rPh":
            self._reading = True
        self._listening = name == self._word and not self._reading

    def end(self, tag: str) -> None:
        """A text ends, or a part of it."""
        name = local_of(tag)
        self._listening = False
        if name == "rPh":
            self._reading = False
        elif name == self._unit:
            self.texts.append("".join(self._words))
            self._words.clear()

    def data(self, text: str) -> None:
        """Take the words."""
        if self._listening:
            self._words.append(text)


class Formats(Events):
    """Collects which number format each style of cells has."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self._own: dict[str, str] = {}
        self._in_cells = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take a format, or the style of cells that refers to one."""
        name = local_of(tag)
        if name == "numFmt":
            self._own[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            number = attributes.get("numFmtId", "")
            built_in = BUILT_IN.get(int(number), "") if number.isdecimal() else ""
            self.codes.append(self._own.get(number, built_in))

    def end(self, tag: str) -> None:
        """The styles of cells end."""
        if local_of(tag) == "cellXfs":
            self._in_cells = False


@dataclass(frozen=True, slots=True)
class Shared:
    """What the sheets of a workbook share."""

    texts: list[str]
    codes: list[str]
    _: KW_ONLY
    from_1904: bool = False


class _Cells(Events):
    """Collects the rows that are finished; cells that show nothing are none."""

    def __init__(self, shared: Shared) -> None:
        self.rows: list[Row] = []
        self._shared = shared
        self._cells: list[Cell] = []
        self._row = 0
        self._column = -1
        self._kind = ""
        self._code = ""
        self._value: list[str] = []
        self._formula: list[str] = []
        self._into: list[str] | None = None
        self._reading = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A row begins, a cell, or what is in it."""
        name = local_of(tag)
        if name == "c":
            self._start_cell(attributes)
        elif name == "row":
            self._row = number_of(attributes, "r", least=self._row + 1)
            self._column = -1
        elif name == "rPh":
            self._reading = True
        elif name in {"v", "t"} and not self._reading:
            self._into = self._value
        elif name == "f":
            self._into = self._formula

    def end(self, tag: str) -> None:
        """A row ends, a cell, or what is in it."""
        name = local_of(tag)
        self._into = None
        if name == "c":
            self._end_cell()
        elif name == "row" and self._cells:
            self.rows.append(Row(self._row, self._cells))
            self._cells = []
        elif name == "rPh":
            self._reading = False

    def data(self, text: str) -> None:
        """Take what is in a cell."""
        if self._into is not None:
            self._into.append(text)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        place = _PLACE.fullmatch(attributes.get("r", ""))
        self._column = _column(place.group(1)) if place else self._column + 1
        self._kind = attributes.get("t", "n")
        style, codes = attributes.get("s", ""), self._shared.codes
        self._code = ""
        if style.isdecimal() and len(style) < 7 and int(style) < len(codes):
            self._code = codes[int(style)]
        self._value.clear()
        self._formula.clear()

    def _end_cell(self) -> None:
        text, is_text = self._shown("".join(self._value))
        if not text and self._formula:
            text, is_text = "=" + "".join(self._formula), False
        if text and not text.isspace():
            self._cells.append(Cell(self._column, text, is_text))

    def _shown(self, value: str) -> tuple[str, bool]:
        if self._kind == "s":
            at = int(value) if value.isdecimal() and len(value) < 10 else -1
            return (self._shared.texts[at] if 0 <= at < len(self._shared.texts) else ""), True
        if self._kind == "b":
            return ("TRUE" if value.strip() == "1" else "FALSE") if value else "", False
        if self._kind == "d":
            return value.removesuffix("T00:00:00").replace("T", " "), False
        if self._kind != "n" or not value:
            return value, self._kind != "e"
        try:
            number = float(value)
        except ValueError:
            return value, True
        return shown(number, self._code, from_1904=self._shared.from_1904)[0], False


def rows(data: bytes, shared: Shared, *, name: str) -> Iterator[Row]:
    """Yield the rows of the sheet in ``data`` that hold something.

    Raises:
        UnreadableError: ``bad_format`` where it is not XML.
    """
    cells = _Cells(shared)
    for _ in pieces(data, cells, name=name):
        yield from cells.rows
        cells.rows.clear()


def areas(data: bytes) -> list[Area]:
    """Return the merged cells of a sheet; they stand after its rows, but are needed before."""
    found: list[Area] = []
    for match in _MERGED.finditer(data, max(data.rfind(b"sheetData"), 0)):
        corners = [_PLACE.fullmatch(corner.decode("ascii")) for corner in match.groups()]
        if len(found) < _MOST_MERGED and corners[0] and corners[1]:
            (left, top), (right, bottom) = corners[0].groups(), corners[1].groups()
            found.append(Area(int(top), int(bottom), _column(left), _column(right)))
    return found


def _column(letters: str) -> int:
    """Return the number of a column from its letters: A is 0, Z 25, AA 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
