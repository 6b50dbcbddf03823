"""The styles of a Word document: which paragraphs are headings, and which are list items."""

from __future__ import annotations

import re
from dataclasses import dataclass

from memctl.ingest.readers.xmlevents import Events, local_of, value_of

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
            named = level_named(entry.name)
            if named is not None:
                return named
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


def level_named(style: str) -> int | None:
    """Return the heading level that the name of a style says, 0 for none; None if it says none."""
    name = style.strip().lower()
    if named := _HEADING_NAME.fullmatch(name):
        return min(int(named.group(1)), 6)
    if name in _TITLE_NAMES:
        return 1
    return 0 if name in {"subtitle", "подзаголовок"} else None


def level_of(outline: int) -> int:
    """Return the heading level of an outline level: 0 to 8 are headings, 9 is the text."""
    return min(outline + 1, 6) if 0 <= outline <= 8 else 0


def outline_of(text: str) -> int:
    """Return the outline level that ``text`` says; 9, the level of text, where it says none."""
    return int(text) if text.isdecimal() and len(text) < 4 else 9
