"""Feeds: RSS and Atom, an item a heading with what it says in HTML turned to text."""

from __future__ import annotations

from collections.abc import Iterator

from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.html import put_html
from memctl.ingest.readers.xmltree import Element

FEEDS = frozenset(("rss", "RDF", "feed"))
_BODIES = ("encoded", "content", "description", "summary")
_LINES = ("author", "creator", "pubDate", "published", "updated", "date")


def put_feed(builder: TextBuilder, root: Element) -> str:
    """Put the items of a feed; return its title."""
    channel = root.find("channel") or root
    title = channel.find("title")
    about = channel.find("description", "subtitle")
    named = _text(title) if title is not None else ""
    builder.heading(1, named)
    if about is not None:
        builder.paragraph(_text(about))
    for item in root.every("item", "entry"):
        _put_item(builder, item)
    return named


def _put_item(builder: TextBuilder, item: Element) -> None:
    title = item.find("title")
    if title is not None:
        builder.heading(2, _text(title))
    lines = [f"{part.tag}: {_text(part)}" for part in item.children if part.tag in _LINES]
    words = [_text(part) for part in item.children if part.tag == "category"]
    if any(words):
        lines.append(f"category: {', '.join(filter(None, words))}")
    builder.paragraph("\n".join(lines))
    bodies = ["".join(_markup(part)) for part in item.children if part.tag in _BODIES]
    put_html(builder, max(bodies, key=len, default=""), below=2)


def _text(element: Element) -> str:
    return " ".join("".join(_markup(element)).split())


def _markup(element: Element) -> Iterator[str]:
    """Yield the text in an element; elements of XHTML in it part words."""
    for part in element.parts:
        if isinstance(part, str):
            yield part
        else:
            yield " "
            yield from _markup(part)
            yield " "
