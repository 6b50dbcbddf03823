"""Excel workbooks: each sheet a heading, each row a line that stands alone.

Read as a stream of XML events like Word documents: openpyxl fills rows up to their last column
(20,000 rows with one cell in the last take it 50 times as long), and leaves merged cells and
formulas that were never calculated out where it streams.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers import sheetxml
from memctl.ingest.readers.archive import Archive, open_archive
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.grid import Grid
from memctl.ingest.readers.ooxml import describe, main_part, relations
from memctl.ingest.readers.xmlevents import feed
from memctl.ingest.text import one_line

# Where the remarks on cells stand, the newer kind first: it leaves a copy in the older.
_REMARKS = {"threadedComment": ("threadedComment", "text"), "comments": ("comment", "t")}


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    path: str


def read(source: Source) -> Iterator[Document | Problem]:
    """Yield the one document, and a Problem for each sheet that is missing or damaged.

    Dates are written as ISO 8601 has it, numbers as they are shown; a formula that was never
    calculated stands as it is. What is hidden is read as well.

    Raises:
        UnreadableError: ``bomb``, ``encrypted``, ``bad_format``, ``too_large`` or ``no_text``.
    """
    builder = TextBuilder()
    grid = Grid(builder)
    with open_archive(source) as archive:
        main = main_part(archive, "xl/workbook.xml", kind="an Excel workbook")
        parts, shared = _workbook(archive, main)
        for part in parts:
            try:
                _put(grid, archive, part, shared)
                for remark in _remarks(archive, part.path):
                    builder.paragraph(remark)
            except UnreadableError as error:
                if error.code not in {"bad_format", "missing_part"}:
                    raise
                path = f"{source.path}#{one_line(part.name)}"
                yield Problem(path, "missing_part", reason=f"a sheet was not read: {error}")
        title = describe(archive, builder)
    yield builder.build(source, title=title)


def _workbook(archive: Archive, main: str) -> tuple[list[_Part], sheetxml.Shared]:
    """Return the sheets in their order, each part once, and what they share."""
    workbook = sheetxml.Workbook()
    feed(archive.read(main), workbook, name=main)
    linked = relations(archive, main)
    by_id = {relation.id: relation for relation in linked}
    parts: dict[str, _Part] = {}
    for sheet in workbook.sheets:
        relation = by_id.get(sheet.relation)
        if relation is not None and relation.kind == "worksheet":
            parts.setdefault(relation.target, _Part(sheet.name, relation.target))
    others = {relation.kind: relation.target for relation in linked}
    strings, formats = sheetxml.Strings("si"), sheetxml.Formats()
    for kind, events in (("sharedStrings", strings), ("styles", formats)):
        name = others.get(kind, "")
        feed(archive.read(name), events, name=name)
    shared = sheetxml.Shared(strings.texts, formats.codes, from_1904=workbook.from_1904)
    return list(parts.values()), shared


def _put(grid: Grid, archive: Archive, part: _Part, shared: sheetxml.Shared) -> None:
    if part.path not in archive.names:
        raise UnreadableError("missing_part", f"{part.path} is not in the archive")
    data = archive.read(part.path)
    grid.sheet(part.name, sheetxml.rows(data, shared, name=part.path), areas=sheetxml.areas(data))


def _remarks(archive: Archive, part: str) -> list[str]:
    linked = {relation.kind: relation.target for relation in relations(archive, part)}
    kind = next((kind for kind in _REMARKS if kind in linked), "")
    if not kind:
        return []
    strings = sheetxml.Strings(*_REMARKS[kind])
    feed(archive.read(linked[kind]), strings, name=linked[kind])
    return strings.texts


READER = Reader(
    "xlsx",
    (".xlsx", ".xlsm"),
    read=read,
    # A workbook with a password, and one of the old format, begin as an OLE2 file.
    magic=(b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
)
