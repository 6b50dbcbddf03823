"""Old Excel workbooks, read with xlrd: it tells how numbers are shown, which calamine does not."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers import html, xlsx
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.grid import Area, Cell, Grid, Row
from memctl.ingest.readers.numberformats import shown
from memctl.ingest.readers.ooxml import people
from memctl.ingest.text import one_line, shown_bytes

if TYPE_CHECKING:
    from xlrd.book import Book
    from xlrd.sheet import Sheet

# What xlrd lets through where a file is broken.
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
# The kinds of cells, as xlrd numbers them: 0 and 6 are empty.
_FILLED = re.compile(rb"[^\x00\x06]")
_TEXT, _BOOLEAN, _ERROR = 1, 4, 5
_NUMBERS = frozenset((2, 3))  # a number, a date
_ZIP = b"PK\x03\x04"
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BARE = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")  # before Excel 5


def read(source: Source) -> Iterator[Document | Problem]:
    """Yield the one document, in the form that the reader of new workbooks gives.

    Web sites give out HTML and new workbooks under this name: they are read as what they are.

    Raises:
        UnreadableError: ``encrypted``, ``bad_format``, ``too_large`` or ``no_text``.
    """
    with source.open() as stream:
        head = stream.read(1_024)
    if head.startswith(_ZIP):
        yield from xlsx.read(source)
    elif head.startswith((_OLE2, *_BARE)):
        yield _document(source)
    elif b"<html" in head.lower() or b"<table" in head.lower():
        yield from html.read(source)
    else:
        raise UnreadableError(
            "bad_format", f"not an Excel workbook: it begins with {shown_bytes(head)}"
        )


def _document(source: Source) -> Document:
    from xlrd.biffh import XLRDError
    from xlrd.compdoc import CompDocError

    builder = TextBuilder()
    try:
        book = _opened(source.read_bytes())
        builder.describe("author", *people(book.user_name or ""))
        grid = Grid(builder)
        for at in range(book.nsheets):
            sheet = book.sheet_by_index(at)
            grid.sheet(sheet.name, _rows(book, sheet), areas=_areas(sheet))
            for place in sorted(sheet.cell_note_map):
                builder.paragraph(sheet.cell_note_map[place].text)
            book.unload_sheet(at)
    except (XLRDError, CompDocError) as error:
        if "encrypted" in str(error):
            raise UnreadableError("encrypted", "it opens only with a password") from error
        raise UnreadableError("bad_format", f"a damaged workbook: {_said(error)}") from error
    except _BROKEN as error:
        raise UnreadableError("bad_format", f"a damaged workbook: {_said(error)}") from error
    return builder.build(source)


def _opened(data: bytes) -> Book:
    import xlrd

    return xlrd.open_workbook(
        file_contents=data,
        formatting_info=True,
        on_demand=True,
        ragged_rows=True,
        logfile=io.StringIO(),
    )


def _said(error: Exception) -> str:
    return one_line(str(error))[:120] or type(error).__name__


def _rows(book: Book, sheet: Sheet) -> Iterator[Row]:
    codes = [book.format_map[style.format_key].format_str for style in book.xf_list]
    from_1904 = bool(book.datemode)
    for at in range(sheet.nrows):
        cells: list[Cell] = []
        values = cast("list[str | float]", sheet.row_values(at))
        for match in _FILLED.finditer(bytes(sheet.row_types(at))):
            column, kind = match.start(), match.group()[0]
            value = values[column]
            if isinstance(value, float) and kind in _NUMBERS:
                code = codes[sheet.cell_xf_index(at, column)]
                text = shown(value, code, from_1904=from_1904)[0]
            else:
                text = value if isinstance(value, str) else _other(kind, int(value or 0))
            if text and not text.isspace():
                cells.append(Cell(column, text, kind == _TEXT))
        if cells:
            yield Row(at + 1, cells)


def _other(kind: int, value: int) -> str:
    if kind == _BOOLEAN:
        return "TRUE" if value else "FALSE"
    if kind == _ERROR:
        from xlrd import error_text_from_code

        return error_text_from_code.get(value, "")
    return ""


def _areas(sheet: Sheet) -> list[Area]:
    """Return the merged cells; xlrd's ends lie one behind the last."""
    return [
        Area(top + 1, bottom, left, right - 1) for top, bottom, left, right in sheet.merged_cells
    ]


READER = Reader("xls", (".xls",), read=read)
