"""XML taken event by event: no tree is built, so neither depth nor size can break it.

Namespaces are not looked at: the transitional and the strict forms of a standard read alike.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import TypeVar

from memctl.ingest.errors import UnreadableError

_PIECE = 1_000_000  # bytes that are parsed before what they gave is taken


class Events:
    """Takes the events of one part of a document."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element opens."""

    def end(self, tag: str) -> None:
        """An element closes."""

    def data(self, text: str) -> None:
        """Text between tags."""

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        """Refuse a document type: no honest document has one, and entities come with it."""
        raise UnreadableError("bomb", "its XML declares a document type")


E = TypeVar("E", bound=Events)


def feed(data: bytes, events: Events, *, name: str) -> None:
    """Hand the events of the part ``name`` to ``events``; without data there are none.

    Raises:
        UnreadableError: ``bad_format`` where it is not XML.
    """
    for _ in pieces(data, events, name=name):
        pass


def pieces(data: bytes, events: Events, *, name: str) -> Iterator[None]:
    """Do as ``feed`` does, and stop after each megabyte to let its events be taken away."""
    if not data:
        return
    parser = ET.XMLParser(target=events)
    try:
        for at in range(0, len(data), _PIECE):
            parser.feed(data[at : at + _PIECE])
            yield
        parser.close()
    except (ET.ParseError, ValueError, LookupError) as error:
        raise UnreadableError("bad_format", f"{name} is not XML: {error}") from error
    yield


def feed_text(text: str, make: Callable[[], E], *, name: str) -> tuple[E, str]:
    """Return the events of an XML text, and what is wrong with it where it is not well formed.

    Broken XML is read as a browser reads HTML. A document type may stand in it.

    Raises:
        UnreadableError: ``bomb`` where it declares entities.
    """
    if "<!ENTITY" in text:
        raise UnreadableError("bomb", "its XML declares entities")
    events = make()
    parser = ET.XMLParser(target=events)
    try:
        parser.feed(text)
        parser.close()
    except (ET.ParseError, ValueError) as error:
        events = make()
        lenient = _Lenient(events)
        lenient.feed(text)
        lenient.close()
        return events, f"{name} is not well-formed XML: {error}"
    return events, ""


class _Lenient(HTMLParser):
    """Hands tags over as they come; a tag that closes what is not open is dropped."""

    def __init__(self, events: Events) -> None:
        super().__init__(convert_charrefs=True)
        self._events = events
        self._open: list[str] = []

    def set_cdata_mode(self, elem: str, *, escapable: bool = False) -> None:
        """Take a title or a style for an element like others: in HTML no markup is in them."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = _unprefixed(tag)
        self._open.append(name)
        self._events.start(name, {_unprefixed(key): value or "" for key, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        name = _unprefixed(tag)
        if name not in self._open[-_REACH:]:
            return
        while (closed := self._open.pop()) != name:
            self._events.end(closed)
        self._events.end(name)

    def handle_data(self, data: str) -> None:
        self._events.data(data)


_REACH = 100  # how many open elements one closing tag may close


def _unprefixed(name: str) -> str:
    return name.rpartition(":")[2]


def local_of(tag: str) -> str:
    """Return the name of an element without its namespace."""
    return tag.rpartition("}")[2]


def value_of(attributes: dict[str, str], name: str = "val") -> str:
    """Return the attribute of this local name, in whatever namespace."""
    for key, value in attributes.items():
        if key.rpartition("}")[2] == name:
            return value
    return ""


def number_of(attributes: dict[str, str], name: str, *, least: int = 0) -> int:
    """Return the attribute of this local name as a number; ``least`` where it says none."""
    text = value_of(attributes, name)
    return max(int(text), least) if text.isdecimal() and len(text) < 10 else least
