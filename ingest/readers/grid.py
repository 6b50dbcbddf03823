"""Sheets as text: each row on a line of its own, every value behind the name of its column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, islice
from typing import NamedTuple

from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.builder import TextBuilder

_MOST_TEXT = 20_000_000  # characters of one file; a shared text may stand in a million cells
_LOOKED_AT = 20  # rows from which it is told whether the first one names the columns
_LONGEST_NAME = 200
_MOST_FILLED = 1_000_000  # cells that merged ones are spread over
_YEAR = re.compile(r"(?:19|20)\d\d")


class Cell(NamedTuple):
    """What a cell shows; ``column`` counts from 0, and ``is_text`` is false for numbers, dates."""

    column: int
    text: str
    is_text: bool


class Row(NamedTuple):
    """The cells of a row that hold something, from left to right; ``number`` counts from 1."""

    number: int
    cells: Sequence[Cell]


class Area(NamedTuple):
    """Merged cells: first and last row, first and last column, all counted as above."""

    top: int
    bottom: int
    left: int
    right: int


class Grid:
    """Puts the sheets of one file into a text; what they give in all is bounded."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._left = _MOST_TEXT

    def sheet(self, name: str, rows: Iterable[Row], areas: Sequence[Area] = ()) -> None:
        """Add a sheet under its name; one without rows is left out.

        An empty row parts two tables. A row of one cell above a wider one is the title of the
        table; the next one names the columns if it looks like it, and else each row is its
        values alone. A merged cell holds for each row that it spans.

        Raises:
            UnreadableError: ``too_large`` where the text of all sheets is.
        """
        named = False
        names: dict[int, str] = {}
        wide = [area for area in areas if area.right > area.left]
        for rows_ in _tables(_spread(rows, areas)):
            if not named:
                self._builder.heading(2, name)
                named = True
            head = list(islice(rows_, _LOOKED_AT))
            first = _titles(head)
            for row in head[:first]:
                self._builder.paragraph(row.cells[0].text)
            names, depth = _names(head[first:], wide, before={} if first else names)
            above = (_line(row, {}) for row in head[first : first + depth])
            lines = (_line(row, names) for row in chain(head[first + depth :], rows_))
            self._builder.table([line] for line in self._bounded(chain(above, lines)))

    def _bounded(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            self._left -= len(line)
            if self._left < 0:
                raise UnreadableError(
                    "too_large",
                    f"its text has more than {_MOST_TEXT // 1_000_000} million characters",
                )
            yield line


def _spread(rows: Iterable[Row], areas: Sequence[Area]) -> Iterator[Row]:
    """Repeat what a merged cell shows in the first column of each row below that it spans."""
    tall = sorted(area for area in areas if area.bottom > area.top)
    at, left = 0, _MOST_FILLED
    held: dict[int, tuple[int, Cell]] = {}  # by column: the last row that the cell spans
    for row in rows:
        while at < len(tall) and tall[at].top <= row.number:
            top = [cell for cell in row.cells if cell.column == tall[at].left]
            if top and tall[at].top == row.number:
                held[tall[at].left] = (tall[at].bottom, top[0])
            at += 1
        if not held:
            yield row
            continue
        held = {column: entry for column, entry in held.items() if entry[0] >= row.number}
        there = {cell.column for cell in row.cells}
        added = [cell for column, (_, cell) in held.items() if column not in there]
        left -= len(held)
        if left < 0:
            held, tall = {}, []
        yield Row(row.number, sorted([*row.cells, *added])) if added else row


def _tables(rows: Iterable[Row]) -> Iterator[Iterator[Row]]:
    """Yield the rows that follow each other without a gap; each run before the next is asked."""
    last, table = 0, 0

    def table_of(row: Row) -> int:
        nonlocal last, table
        table += row.number != last + 1
        last = row.number
        return table

    filled = (row for row in rows if row.cells)
    return (group for _, group in groupby(filled, key=table_of))


def _titles(head: list[Row]) -> int:
    """Return how many rows of one cell stand above a wider one."""
    first = 0
    while first < len(head) and len(head[first].cells) == 1:
        first += 1
    return first if first < len(head) else 0


def _names(
    rows: list[Row], wide: list[Area], *, before: dict[int, str]
) -> tuple[dict[int, str], int]:
    """Return the names of the columns by column, and how many rows they take.

    ``before`` are the names of the table above, which hold on where this one has none and fits.
    """
    names = {cell.column: _folded(cell.text) for cell in rows[0].cells}
    depth = 1
    above = [area for area in wide if area.top == rows[0].number]
    if above and len(rows) > 2 and all(map(_is_name, rows[1].cells)):
        depth = 2
        names = _joined(names, rows[1], above)
    if all(map(_is_name, rows[0].cells)) and _name_columns(names, rows, depth):
        return names, depth
    columns = {cell.column for row in rows for cell in row.cells}
    return (before if len(columns) > 1 and columns <= before.keys() else {}), 0


def _joined(names: dict[int, str], below: Row, above: list[Area]) -> dict[int, str]:
    """Put a name that spans columns before the names below it."""
    spread = dict(names)
    for area in above:
        for cell in below.cells:
            if area.left in names and area.left <= cell.column <= area.right:
                spread[cell.column] = names[area.left]
    for cell in below.cells:
        both = (spread.get(cell.column, ""), _folded(cell.text))
        spread[cell.column] = " ".join(dict.fromkeys(filter(None, both)))
    return spread


def _name_columns(names: dict[int, str], rows: list[Row], depth: int) -> bool:
    """Say whether ``names`` are the names of the columns rather than the first values in them.

    They are where no two are alike and not all are years, over most of the columns, and there
    are three of them, or one stands over numbers alone.
    """
    if len(rows) == depth or len(names) < 2 or len(set(names.values())) < len(names):
        return False
    if all(map(_YEAR.fullmatch, names.values())):
        return False
    texts: dict[int, bool] = {}
    for row in rows[depth:]:
        for cell in row.cells:
            texts[cell.column] = texts.get(cell.column, False) or cell.is_text
    if len(names.keys() & texts.keys()) * 2 < len(texts):
        return False
    return len(names) > 2 or not all(texts.get(column, True) for column in names)


def _is_name(cell: Cell) -> bool:
    if len(cell.text) > _LONGEST_NAME:
        return False
    return cell.is_text or bool(_YEAR.fullmatch(cell.text))


def _line(row: Row, names: dict[int, str]) -> str:
    """Return a row in one line, in the form that tables of separated values have as well."""
    values = ((names.get(cell.column), _folded(cell.text)) for cell in row.cells)
    words = (f"{name}: {value}" if name else value for name, value in values if value)
    return ("; " if names else " | ").join(words)


def _folded(text: str) -> str:
    return " ".join(text.split())
