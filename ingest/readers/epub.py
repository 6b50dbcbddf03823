"""E-books in EPUB: the chapters in their order, each read as a page of HTML.

memctl reads the package itself: EbookLib is under the AGPL, and drops a book of which one
chapter is missing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.archive import Archive, open_archive
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.html import put
from memctl.ingest.readers.htmltree import Piece, flattened, walk
from memctl.ingest.readers.ooxml import moment
from memctl.ingest.readers.opf import Container, Contents, Encryption, Entry, Package
from memctl.ingest.readers.textual import raw_text_of
from memctl.ingest.readers.titles import sane_title
from memctl.ingest.readers.xmlevents import E, feed_text
from memctl.ingest.text import one_line

_XML = re.compile(rb"^\s*<\?xml[^<>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{2,40})[\"']")
_LOOKED_AT = 1_000
# In XHTML an element may close itself; to a parser of HTML it stays open, and a title takes in
# all that follows.
_CLOSED = re.compile(
    r"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b)"
    r"([a-zA-Z][\w:.-]*)(\s[^<>]*)?/>"
)
_NAME_AMONG = 3  # pieces, of which one may be the name of the chapter


def read(source: Source) -> Iterator[Document | Problem]:
    """Yield the one document, and a Problem for each chapter that is missing or damaged.

    Raises:
        UnreadableError: ``bomb``, ``encrypted``, ``bad_format`` or ``no_text``.
    """
    builder = TextBuilder()
    with open_archive(source) as archive:
        package = _package(archive)
        chapters = package.chapters()
        _refuse_locked(archive, chapters)
        names = _names(archive, package)
        for chapter in chapters:
            try:
                _put_chapter(builder, archive, chapter.path, name=names.get(chapter.path, ""))
            except UnreadableError as error:
                if error.code == "bomb":
                    raise
                path = f"{source.path}#{one_line(chapter.path)}"
                yield Problem(path, "missing_part", reason=f"a chapter was not read: {error}")
    title = sane_title(" ".join(package.said.pop("title", [])[:1]))
    package.said["date"] = [moment(date) for date in package.said.get("date", [])[:1]]
    for name, values in package.said.items():
        builder.describe(name, *values)
    yield builder.build(source, title=title)


def _load(archive: Archive, path: str, make: Callable[[], E]) -> E:
    """Return the events of a part; without the part there are none."""
    text = raw_text_of(archive.read(path), declared="utf-8")[0]
    return feed_text(text, make, name=path)[0]


def _package(archive: Archive) -> Package:
    path = _load(archive, "META-INF/container.xml", Container).path
    if path not in archive.names:
        path = min((name for name in archive.names if name.lower().endswith(".opf")), default="")
    if not path:
        raise UnreadableError("bad_format", "a ZIP archive, but not an e-book")
    folder = posixpath.dirname(path)
    return _load(archive, path, lambda: Package(folder))


def _refuse_locked(archive: Archive, chapters: list[Entry]) -> None:
    locked = _load(archive, "META-INF/encryption.xml", Encryption).locked
    if any(chapter.path in locked for chapter in chapters):
        raise UnreadableError("encrypted", "its chapters are locked by a shop or a library (DRM)")


def _names(archive: Archive, package: Package) -> dict[str, str]:
    """Return the names of the chapters by their files, as the contents have them."""
    names: dict[str, str] = {}
    for entry in package.entries.values():
        if entry.is_contents:
            names |= _contents(archive, entry.path)
    return names


def _contents(archive: Archive, path: str) -> dict[str, str]:
    """Return the names in one table of contents; what is wrong with it costs the names only."""
    folder = posixpath.dirname(path)
    try:
        return _load(archive, path, lambda: Contents(folder)).names
    except UnreadableError as error:
        if error.code == "bomb":
            raise
        return {}


def _put_chapter(builder: TextBuilder, archive: Archive, path: str, *, name: str) -> None:
    from selectolax.lexbor import LexborHTMLParser

    if path not in archive.names:
        raise UnreadableError("missing_part", "it is not in the archive")
    data = archive.read(path)
    declared = _XML.match(data[:_LOOKED_AT])
    text, notes = raw_text_of(
        data, declared=declared.group(1).decode("ascii") if declared else None
    )
    for note in notes:
        builder.note(note.code, f"{path}: {note.reason}")
    markup = _CLOSED.sub(r"<\1\2></\1>", text)
    for piece in _named(list(walk(LexborHTMLParser(flattened(markup)).root)), name):
        put(builder, piece)


def _named(pieces: list[Piece], name: str) -> list[Piece]:
    """Give a chapter without headings the one that it has in the contents."""
    if not name or not pieces or any(piece.level for piece in pieces):
        return pieces
    for at, piece in enumerate(pieces[:_NAME_AMONG]):
        if " ".join(piece.text.split()).casefold() == name.casefold():
            return [*pieces[:at], replace(piece, level=1), *pieces[at + 1 :]]
    return [Piece(name, places=frozenset(), level=1), *pieces]


READER = Reader("epub", (".epub",), read=read, magic=(b"PK\x03\x04",))
