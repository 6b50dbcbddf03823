"""HTML: what a reader of the page reads, without scripts, menus and what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memctl.ingest.document import Document
from memctl.ingest.encoding import decode
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.htmltree import Piece, flattened, walk

_CHARSET = re.compile(rb"<meta[^<>]{0,400}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^<>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{2,40})[\"']")
_LOOKED_AT = 4_096


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; its title is the page's, or else its first main heading."""
    from selectolax.lexbor import LexborHTMLParser

    data = source.read_bytes()
    parser = LexborHTMLParser(flattened(decode(data, declared=_declared(data))))
    node = parser.css_first("head > title")
    title = node.text() if node is not None else ""
    builder = TextBuilder()
    for piece in _chosen(list(walk(parser.root))):
        _put(builder, piece)
    yield builder.build(source, title=title)


def _declared(data: bytes) -> str | None:
    head = data[:_LOOKED_AT]
    match = _CHARSET.search(head) or _XML.search(head)
    return match.group(1).decode("ascii") if match else None


def _chosen(pieces: list[Piece]) -> list[Piece]:
    """Leave out what stands beside the text, unless it is most of the page."""
    whole = _size(pieces)
    for place in ("form", "header", "aside", "footer"):
        beside = [piece for piece in pieces if place in piece.places]
        if place == "footer" and not _is_menu(beside):
            continue
        if _size(beside) * 2 < whole:
            pieces = [piece for piece in pieces if place not in piece.places]
    for main in ("main", "article"):
        inner = [piece for piece in pieces if main in piece.places]
        if _size(inner) * 2 > _size(pieces):
            return inner
    return pieces


def _size(pieces: list[Piece]) -> int:
    return sum(piece.size for piece in pieces)


def _is_menu(pieces: list[Piece]) -> bool:
    """Say whether half of the characters are links; a footer of words may hold an address."""
    return sum(piece.linked for piece in pieces) * 2 > _size(pieces)


def _put(builder: TextBuilder, piece: Piece) -> None:
    if piece.level:
        builder.heading(piece.level, piece.text)
    elif piece.rows:
        builder.table(piece.rows)
    elif piece.code:
        builder.code(piece.text)
    else:
        builder.paragraph(piece.text)


READER = Reader("html", (".html", ".htm", ".xhtml"), read=read)
