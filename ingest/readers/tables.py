"""Comma- and tab-separated values: a row a line, each with its headers, so that it stands alone."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from memctl.ingest.document import Block, Document
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.textual import as_it_stands, raw_text_of
from memctl.ingest.text import clean, unify_newlines

_DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 40  # rows, to tell the delimiter and the header
_LONGEST_HEADER = 100
_NUMBER = re.compile(r"[-+(]?[\d\s.,:/%$€₽-]*\d[\d\s.,:/%)$€₽-]*(?:[eE][-+]?\d+)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LONGEST_FIELD = 131_072  # characters; Python's own limit


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; a table without headers stays as it stands.

    A row has the cells that it has: those beyond the headers come without one.

    Raises:
        UnreadableError: ``bad_format`` where a quotation mark is not closed.
    """
    raw, notes = raw_text_of(source.read_bytes())
    raw = unify_newlines(raw).replace("\0", "")
    delimiter, raw = _delimiter(raw, source.name)
    headers = _headers(raw, delimiter)
    text = clean("\n".join(_lines(raw, delimiter, headers)) if headers else raw.strip("\n"))
    blocks = (Block("table", 0, end=len(text)),)
    yield as_it_stands(source, text, notes=notes, blocks=blocks)


def with_headers(headers: Sequence[str], row: Sequence[str]) -> str:
    """Return one line, as in ``Город: Мурманск; Население: 270 000``; empty cells are left out."""
    cells = [" ".join(cell.split()) for cell in row]
    named = [
        f"{header}: {cell}" if header else cell
        for header, cell in zip(headers, cells, strict=False)
        if cell
    ]
    return "; ".join((*named, *filter(None, cells[len(headers) :])))


def headers_of(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the first row if it names what stands below it, or nothing.

    Its cells are short, different and not numbers, but for years behind a name, and at least
    half of them are filled; none stands in its own column again.
    """
    if len(rows) < 2:
        return []
    cells = [" ".join(cell.split()) for cell in rows[0]]
    filled = [cell for cell in cells if cell]
    years = sum(bool(_YEAR.fullmatch(cell)) for cell in filled)
    numbers = sum(bool(_NUMBER.fullmatch(cell)) for cell in filled)
    if not filled or len(filled) * 2 < len(cells) or len(set(filled)) < len(filled):
        return []
    if numbers > years or numbers == len(filled):
        return []
    if max(map(len, filled)) > _LONGEST_HEADER:
        return []
    again = any(
        cell and cell == " ".join(below.split())
        for row in rows[1:]
        for cell, below in zip(cells, row, strict=False)
    )
    return [] if again else cells


def _delimiter(raw: str, name: str) -> tuple[str, str]:
    """Return the sign between cells, and the text without a line that Excel says it in."""
    if raw[:4].lower() == "sep=" and raw[5:6] == "\n":
        return raw[4], raw[6:]
    if name.lower().endswith((".tsv", ".tab")):
        return "\t", raw
    return max(_DELIMITERS, key=lambda sign: _fit(_sample(raw, sign))), raw


def _fit(rows: list[list[str]]) -> tuple[float, int]:
    """Return which share of the rows has the commonest number of cells, over one, and that."""
    counts = Counter(map(len, rows))
    width, rows_of_it = max(counts.items(), key=lambda entry: (entry[0] > 1, entry[1]))
    return (rows_of_it / len(rows), width) if width > 1 else (0, 1)


def _sample(raw: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    for row in _rows(raw[: 8 * _LONGEST_FIELD], delimiter):
        if any(row):
            rows.append(row)
        if len(rows) == _LOOKED_AT:
            break
    return rows or [[]]


def _headers(raw: str, delimiter: str) -> list[str]:
    return headers_of(_sample(raw, delimiter))


def _lines(raw: str, delimiter: str, headers: list[str]) -> Iterator[str]:
    """Yield a line for each row but the first that holds something, which are the headers."""
    rows = (row for row in _rows(raw, delimiter) if any(row))
    next(rows)
    for row in rows:
        if line := with_headers(headers, row):
            yield line


def _rows(raw: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(raw), delimiter=delimiter)
    try:
        for row in reader:
            yield [cell.strip() for cell in row]
    except csv.Error as error:
        line = reader.line_num
        reason = f"line {line}: {error}; a quotation mark may not be closed"
        raise UnreadableError("bad_format", reason) from error


READER = Reader("tables", (".csv", ".tsv", ".tab"), read=read)
