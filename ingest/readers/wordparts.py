"""The XML parts of a Word document around its text: relations, properties, styles.

Each is taken event by event: no tree is built, so neither depth nor size can break it.
Namespaces are not looked at: the transitional and the strict form of the standard read alike.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

from memctl.ingest.errors import UnreadableError


class Events:
    """Takes the events of one part of the document."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element opens."""

    def end(self, tag: str) -> None:
        """An element closes."""

    def data(self, text: str) -> None:
        """Text between tags."""

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        """Refuse a document type: no honest document has one, and entities come with it."""
        raise UnreadableError("bomb", "its XML declares a document type")


def feed(data: bytes, events: Events, *, name: str) -> None:
    """Hand the events of the part ``name`` to ``events``; without data there are none.

    Raises:
        UnreadableError: ``bad_format`` where it is not XML.
    """
    if not data:
        return
    parser = ET.XMLParser(target=events)
    try:
        parser.feed(data)
        parser.close()
    except (ET.ParseError, ValueError, LookupError) as error:
        raise UnreadableError("bad_format", f"{name} is not XML: {error}") from error


class Relations(Events):
    """Collects kind and target of what a part refers to inside the archive."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take a relation; one that leads out of the archive is never followed."""
        if local_of(tag) == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found.append((kind, attributes.get("Target", "")))


class TitleProperty(Events):
    """Collects the words of the title property."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._open = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: ARG002  an event
        """Listen inside the title."""
        self._open = local_of(tag) == "title"

    def end(self, tag: str) -> None:  # noqa: ARG002  an event
        """Listen no more."""
        self._open = False

    def data(self, text: str) -> None:
        """Take the words of the title."""
        if self._open:
            self.words.append(text)


_HEADING_NAME = re.compile(r"(?:heading|заголовок)\s*([1-9])", re.IGNORECASE)
_TITLE_NAMES = frozenset(("title", "название"))
_LIST_NAME = re.compile(
    r"list (?:bullet|number)|(?:маркированный|нумерованный) список", re.IGNORECASE
)


@dataclass(slots=True)
class _Style:
    name: str = ""
    base: str = ""
    outline: int | None = None
    numbered: bool | None = None


class Styles(Events):
    """The paragraph styles: which are headings, and which are lists."""

    def __init__(self) -> None:
        self._styles: dict[str, _Style] = {}
        self._style = _Style()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take what a style says of itself."""
        name, value = local_of(tag), value_of(attributes)
        if name == "style":
            self._style = _Style()
            self._styles[value_of(attributes, "styleId")] = self._style
        elif name == "name":
            self._style.name = value.strip().lower()
        elif name == "basedOn":
            self._style.base = value
        elif name == "outlineLvl":
            self._style.outline = outline_of(value)
        elif name == "numId":
            self._style.numbered = value != "0"

    def level(self, style: str) -> int:
        """Return the heading level of a style, 0 for none: its own, or the one it is based on."""
        for entry in self._chain(style):
            if entry.outline is not None:
                return level_of(entry.outline)
            named = _HEADING_NAME.fullmatch(entry.name)
            if named:
                return min(int(named.group(1)), 6)
            if entry.name in _TITLE_NAMES:
                return 1
            if entry.name in {"subtitle", "подзаголовок"}:
                return 0
        return 0

    def is_list(self, style: str) -> bool:
        """Say whether paragraphs of a style are list items."""
        for entry in self._chain(style):
            if entry.numbered is not None:
                return entry.numbered
            if _LIST_NAME.match(entry.name):
                return True
        return False

    def _chain(self, style: str) -> list[_Style]:
        chain: list[_Style] = []
        seen: set[str] = set()
        while style in self._styles and style not in seen:
            seen.add(style)
            chain.append(self._styles[style])
            style = self._styles[style].base
        return chain


def level_of(outline: int) -> int:
    """Return the heading level of an outline level: 0 to 8 are headings, 9 is the text."""
    return min(outline + 1, 6) if 0 <= outline <= 8 else 0


def local_of(tag: str) -> str:
    """Return the name of an element without its namespace."""
    return tag.rpartition("}")[2]


def value_of(attributes: dict[str, str], name: str = "val") -> str:
    """Return the attribute of this local name, in whatever namespace."""
    for key, value in attributes.items():
        if key.rpartition("}")[2] == name:
            return value
    return ""


def outline_of(text: str) -> int:
    """Return the outline level that ``text`` says; 9, the level of text, where it says none."""
    return int(text) if text.isdecimal() and len(text) < 4 else 9
