"""Word documents, read as a stream of XML events: no tree, so no depth or size can break it."""

from __future__ import annotations

from collections.abc import Iterator

from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.archive import Archive, open_archive
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.items import Item, put_items
from memctl.ingest.readers.ooxml import describe, main_part, parts_by_kind
from memctl.ingest.readers.wordparts import Styles
from memctl.ingest.readers.wordxml import Body
from memctl.ingest.readers.xmlevents import feed
from memctl.ingest.text import one_line

# Parts that are added after the text, in this order.
_ADDED = ("footnotes", "endnotes", "comments", "header", "footer")


def read(source: Source) -> Iterator[Document | Problem]:
    """Yield the one document, and a Problem for each part around its text that is damaged.

    Notes, comments, headers and footers stand after its text.

    Raises:
        UnreadableError: ``bomb``, ``encrypted``, ``bad_format`` or ``no_text``.
    """
    builder = TextBuilder()
    with open_archive(source) as archive:
        main = main_part(archive, "word/document.xml", kind="a Word document")
        parts = parts_by_kind(archive, main)
        styles = Styles()
        for name in parts.get("styles", []):
            feed(archive.read(name), styles, name=name)
        put_items(builder, _items(archive, main, styles))
        added = [name for kind in _ADDED for name in parts.get(kind, [])]
        said: set[Item] = set()
        for name in added:
            try:
                new = [item for item in _items(archive, name, styles) if item not in said]
            except UnreadableError as error:
                if error.code != "bad_format":
                    raise
                path = f"{source.path}#{one_line(name)}"
                yield Problem(path, "missing_part", reason=f"a part was not read: {error}")
                continue
            said.update(new)
            put_items(builder, new)
        title = describe(archive, builder)
    yield builder.build(source, title=title)


def _items(archive: Archive, name: str, styles: Styles) -> list[Item]:
    body = Body(styles)
    feed(archive.read(name), body, name=name)
    return body.items


READER = Reader(
    "docx",
    (".docx", ".docm"),
    read=read,
    # A document with a password, and one of the old format, begin as an OLE2 file.
    magic=(b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
)
