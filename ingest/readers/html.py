"""HTML: what a reader of the page reads, without scripts, menus and what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memctl.ingest.document import Document
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.htmltree import Piece, flattened, walk
from memctl.ingest.readers.textual import begin, raw_text_of

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

_CHARSET = re.compile(rb"<meta[^<>]{0,400}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^<>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{2,40})[\"']")
_LOOKED_AT = 4_096
_MOST_TAGS = 200  # of the kind <meta>
# How pages name what is known of them, in Dublin Core, Open Graph and the plain way.
_NAMES = {
    **dict.fromkeys(("author", "article:author", "dc.creator", "citation_author"), "author"),
    **dict.fromkeys(("keywords", "news_keywords", "article:tag"), "keywords"),
    **dict.fromkeys(("date", "dc.date", "article:published_time", "citation_date"), "date"),
    **dict.fromkeys(("last-modified", "article:modified_time"), "modified"),
    **dict.fromkeys(("description", "og:description"), "description"),
}


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; its title is the page's, or else its first main heading."""
    from selectolax.lexbor import LexborHTMLParser

    data = source.read_bytes()
    text, notes = raw_text_of(data, declared=_declared(data))
    parser = LexborHTMLParser(flattened(text))
    node = parser.css_first("head > title")
    title = node.text() if node is not None else ""
    builder = begin(notes)
    _describe(builder, parser)
    for piece in _chosen(list(walk(parser.root))):
        put(builder, piece)
    yield builder.build(source, title=title)


def put_html(builder: TextBuilder, markup: str, *, below: int = 0) -> None:
    """Put a stretch of HTML, its headings ``below`` levels lower than they say."""
    from selectolax.lexbor import LexborHTMLParser

    for piece in _chosen(list(walk(LexborHTMLParser(flattened(markup)).root))):
        put(builder, piece, below=below)


def _declared(data: bytes) -> str | None:
    head = data[:_LOOKED_AT]
    match = _CHARSET.search(head) or _XML.search(head)
    return match.group(1).decode("ascii") if match else None


def _describe(builder: TextBuilder, parser: LexborHTMLParser) -> None:
    for tag in parser.css("meta[content]")[:_MOST_TAGS]:
        attributes = tag.attrs
        name = (attributes.get("name") or attributes.get("property") or "").lower()
        value = attributes.get("content") or ""
        if name in _NAMES:
            parts = value.split(",") if _NAMES[name] == "keywords" else [value]
            builder.describe(_NAMES[name], *parts)
    root = parser.css_first("html")
    if root is not None:
        builder.describe("language", root.attrs.get("lang") or "")


def _chosen(pieces: list[Piece]) -> list[Piece]:
    """Leave out what stands beside the text, unless it is most of the page."""
    pieces = [piece for piece in pieces if "nav" not in piece.places] or pieces
    text = [piece for piece in pieces if "beside" not in piece.places]
    if _prose(text) * 2 > _prose(pieces):
        pieces = text
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


def _prose(pieces: list[Piece]) -> int:
    """Count the characters that are not links."""
    return _size(pieces) - sum(piece.linked for piece in pieces)


def _is_menu(pieces: list[Piece]) -> bool:
    """Say whether half of the characters are links; a footer of words may hold an address."""
    return sum(piece.linked for piece in pieces) * 2 > _size(pieces)


def put(builder: TextBuilder, piece: Piece, *, below: int = 0) -> None:
    """Hand a piece over; a heading goes ``below`` levels further down."""
    if piece.level:
        builder.heading(piece.level + below, piece.text)
    elif piece.rows:
        builder.table(piece.rows)
    elif piece.code:
        builder.code(piece.text)
    else:
        builder.paragraph(piece.text)


READER = Reader("html", (".html", ".htm", ".xhtml"), read=read)
