"""Word documents, read as a stream of XML events: no tree, so no depth or size can break it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from memctl.ingest.document import Document
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.archive import Archive, open_archive
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.titles import sane_title
from memctl.ingest.readers.wordparts import Relations, Styles, TitleProperty, feed
from memctl.ingest.readers.wordxml import Body, Item

# Parts that are added after the text, in this order.
_ADDED = ("footnotes", "endnotes", "header", "footer")


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; notes, headers and footers stand after its text.

    Raises:
        UnreadableError: ``bomb``, ``encrypted``, ``bad_format`` or ``no_text``.
    """
    builder = TextBuilder()
    with open_archive(source) as archive:
        main = _main_part(archive)
        parts = _related(archive, main)
        styles = Styles()
        for name in parts.get("styles", []):
            feed(archive.read(name), styles, name=name)
        _put_all(builder, _items(archive, main, styles))
        added = [name for kind in _ADDED for name in parts.get(kind, [])]
        said: set[str] = set()
        for name in added:
            new = [item for item in _items(archive, name, styles) if item.text not in said]
            said.update(item.text for item in new)
            _put_all(builder, new)
        title = _title(archive)
    yield builder.build(source, title=title)


def _main_part(archive: Archive) -> str:
    found = _related(archive, "").get("officeDocument", [])
    name = next((name for name in found if name in archive.names), "word/document.xml")
    if name not in archive.names:
        raise UnreadableError("bad_format", "a ZIP archive, but not a Word document")
    return name


def _related(archive: Archive, part: str) -> dict[str, list[str]]:
    """Return the parts that ``part`` refers to, by the last word of the relation's type."""
    folder, file = posixpath.split(part)
    name = posixpath.join(folder, "_rels", f"{file}.rels")
    relations = Relations()
    feed(archive.read(name), relations, name=name)
    found: dict[str, list[str]] = {}
    for kind, target in relations.found:
        path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        found.setdefault(kind, []).append(path)
    return {kind: sorted(set(paths)) for kind, paths in found.items()}


def _items(archive: Archive, name: str, styles: Styles) -> list[Item]:
    body = Body(styles)
    feed(archive.read(name), body, name=name)
    return body.items


def _put_all(builder: TextBuilder, items: list[Item]) -> None:
    """Hand the items over; list items that follow each other stay together as lines."""
    lines: list[str] = []
    for item in [*items, Item("")]:
        if item.in_list:
            lines.append(item.text)
            continue
        builder.paragraph("\n".join(lines))
        lines = []
        if item.rows:
            builder.table(item.rows)
        elif item.level:
            builder.heading(item.level, item.text)
        else:
            builder.paragraph(item.text)


def _title(archive: Archive) -> str:
    properties = TitleProperty()
    name = "docProps/core.xml"
    feed(archive.read(name), properties, name=name)
    return sane_title("".join(properties.words))


READER = Reader(
    "docx",
    (".docx", ".docm"),
    read=read,
    # A document with a password, and one of the old format, begin as an OLE2 file.
    magic=(b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
)
