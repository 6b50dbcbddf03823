"""Texts, sheets and presentations of OpenDocument, read as a stream of XML events.

odfdo builds a tree of it (250 MB for a text of 20 MB, and no depth over 256).
"""

from __future__ import annotations

from collections.abc import Iterator

from memctl.ingest.document import Document
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.archive import Archive, open_archive
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.grid import Grid
from memctl.ingest.readers.items import put_items
from memctl.ingest.readers.odfxml import Body, Manifest, Meta, Sheet
from memctl.ingest.readers.ooxml import moment, people
from memctl.ingest.readers.titles import sane_title
from memctl.ingest.readers.xmlevents import feed

_CONTENT, _STYLES, _META = "content.xml", "styles.xml", "meta.xml"
_MANIFEST = "META-INF/manifest.xml"
_AROUND = frozenset(
    ("header", "footer", "header-left", "footer-left", "header-first", "footer-first")
)
_NAMED = {
    "initial-creator": "author",
    "creator": "author",
    "subject": "subject",
    "keyword": "keywords",
    "creation-date": "created",
    "date": "modified",
}


def read(source: Source) -> Iterator[Document]:
    """Yield the one document: slides as pages, sheets as headings, each row on its own.

    Notes and comments stand after the text, or after their slide or sheet; then, in a text, what
    its headers and footers say.

    Raises:
        UnreadableError: ``bomb``, ``encrypted``, ``bad_format``, ``too_large`` or ``no_text``.
    """
    builder = TextBuilder()
    with open_archive(source) as archive:
        _refuse_encrypted(archive)
        if _CONTENT not in archive.names:
            raise UnreadableError("bad_format", "a ZIP archive, but not an OpenDocument file")
        kind = source.name.lower()[-4:]
        body = Body(marks=kind != ".odp")
        feed(archive.read(_CONTENT), body, name=_CONTENT)
        _put_all(builder, body.sheets, slides=kind == ".odp")
        if kind == ".odt":
            around = Body(marks=True, inside=_AROUND)
            feed(archive.read(_STYLES), around, name=_STYLES)
            put_items(builder, list(dict.fromkeys(around.sheets[0].items)))
        title = _describe(archive, builder)
    yield builder.build(source, title=title)


def _refuse_encrypted(archive: Archive) -> None:
    manifest = Manifest()
    feed(archive.read(_MANIFEST), manifest, name=_MANIFEST)
    if manifest.encrypted:
        raise UnreadableError("encrypted", "it opens only with a password")


def _put_all(builder: TextBuilder, sheets: list[Sheet], *, slides: bool) -> None:
    grid = Grid(builder)
    for number, sheet in enumerate(sheets):
        if slides and number:
            builder.start_page(number)
        grid.sheet(sheet.name, sheet.rows, areas=sheet.areas)
        put_items(builder, sheet.items)
        put_items(builder, sheet.asides)


def _describe(archive: Archive, builder: TextBuilder) -> str:
    meta = Meta()
    try:
        feed(archive.read(_META), meta, name=_META)
    except UnreadableError as error:
        builder.note("missing_part", f"its properties were not read: {error}")
        return ""
    for name, ours in _NAMED.items():
        values = meta.found.get(name, [])
        if ours == "author":
            values = people(";".join(values))
        elif ours in {"created", "modified"}:
            values = [moment(value) for value in values]
        builder.describe(ours, *values)
    return sane_title("".join(meta.found.get("title", [])))


READER = Reader("odf", (".odt", ".ods", ".odp"), read=read, magic=(b"PK\x03\x04",))
