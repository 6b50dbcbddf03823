"""FictionBook, plain or zipped: sections as headings, the title page as metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.archive import open_archive
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.fb2xml import Book
from memctl.ingest.readers.items import put_items
from memctl.ingest.readers.members import read_member
from memctl.ingest.readers.textual import begin, raw_text_of
from memctl.ingest.readers.titles import sane_title
from memctl.ingest.readers.xmlevents import feed_text

_DECLARED = re.compile(rb"^\s*<\?xml[^<>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{2,40})[\"']")
_LOOKED_AT = 1_000
_ZIP = b"PK\x03\x04"


def read(source: Source) -> Iterator[Document | Problem]:
    """Yield the one document, or one for each book where several lie in the archive.

    XML that is not well formed is read as well as may be, and noted.

    Raises:
        UnreadableError: ``bomb``, ``encrypted``, ``encoding``, ``bad_format`` or ``no_text``.
    """
    with source.open() as stream:
        zipped = stream.read(4) == _ZIP
    if not zipped:
        yield _document(source, source.read_bytes())
        return
    with open_archive(source) as archive:
        names = sorted(name for name in archive.names if name.lower().endswith(".fb2"))
        if not names:
            raise UnreadableError("bad_format", "a ZIP archive without a FictionBook in it")
        if len(names) == 1:
            yield _document(source, archive.read(names[0]))
            return
        for name in names:
            yield from read_member(source, name, archive.read(name))


def _document(source: Source, data: bytes) -> Document:
    declared = _DECLARED.match(data[:_LOOKED_AT])
    text, notes = raw_text_of(
        data, declared=declared.group(1).decode("ascii") if declared else None
    )
    book, wrong = feed_text(text, Book, name="it")
    if not book.is_book:
        raise UnreadableError("bad_format", wrong or "XML, but not a FictionBook")
    builder = begin(notes)
    if wrong:
        builder.note("bad_format", wrong)
    put_items(builder, book.items)
    titles = book.said.pop("title", [])
    book.said["keywords"] = ",".join(book.said.get("keywords", [])).split(",")
    for name, values in book.said.items():
        builder.describe(name, *values)
    return builder.build(source, title=sane_title(" ".join(titles[:1])))


READER = Reader("fb2", (".fb2", ".fb2.zip"), read=read)
