"""The XML of a Word document, taken event by event.

No tree is built, so neither depth nor size can break it; namespaces are not looked at, so the
transitional and the strict form of the standard read alike.
"""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass, field
from xml.etree import ElementTree

from memctl.ingest.errors import UnreadableError


@dataclass(frozen=True, slots=True)
class Item:
    """A paragraph, a heading (with its ``level``), a list item, or a table (``rows``)."""

    text: str
    _: KW_ONLY
    level: int = 0
    in_list: bool = False
    rows: tuple[tuple[str, ...], ...] = ()


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
    parser = ElementTree.XMLParser(target=events)
    try:
        parser.feed(data)
        parser.close()
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise UnreadableError("bad_format", f"{name} is not XML: {error}") from error


class Relations(Events):
    """Collects kind and target of what a part refers to inside the archive."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take a relation; one that leads out of the archive is never followed."""
        if _local(tag) == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found.append((kind, attributes.get("Target", "")))


class TitleProperty(Events):
    """Collects the words of the title property."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._open = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: ARG002
        """Listen inside the title."""
        self._open = _local(tag) == "title"

    def end(self, tag: str) -> None:  # noqa: ARG002
        """Listen no more."""
        self._open = False

    def data(self, text: str) -> None:
        """Take the words of the title."""
        if self._open:
            self.words.append(text)


_HEADING_NAME = re.compile(r"(?:heading|заголовок)\s*([1-9])", re.IGNORECASE)
_TITLE_NAMES = frozenset(("title", "название"))
_LIST_NAME = re.compile(r"list (?:bullet|number)|(?:маркированный|нумерованный) список", re.IGNORECASE)


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
        name, value = _local(tag), _value(attributes)
        if name == "style":
            self._style = _Style()
            self._styles[_value(attributes, "styleId")] = self._style
        elif name == "name":
            self._style.name = value.strip().lower()
        elif name == "basedOn":
            self._style.base = value
        elif name == "outlineLvl":
            self._style.outline = _number(value)
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


@dataclass(slots=True)
class _Paragraph:
    words: list[str] = field(default_factory=list[str])
    style: str = ""
    outline: int | None = None
    number: str | None = None
    depth: int = 0


@dataclass(slots=True)
class _Table:
    rows: list[list[str]] = field(default_factory=list[list[str]])
    cell: list[Item] | None = None
    merged: bool = False
    only: list[Item] = field(default_factory=list[Item])


# What is not the text as it reads now: former states, field codes, the copies for old programs.
_SKIPPED = frozenset(
    "Fallback moveFrom instrText delText pPrChange rPrChange tblPrChange tcPrChange trPrChange "
    "sectPrChange tblGridChange numberingChange sdtPr".split()
)
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_PROPERTIES = frozenset(("pStyle", "outlineLvl", "numId", "ilvl"))
_SEPARATORS = frozenset(("separator", "continuationSeparator", "continuationNotice"))


class Body(Events):
    """Collects the items of a document, its notes, or a header, in ``items``."""

    def __init__(self, styles: Styles) -> None:
        self.items: list[Item] = []
        self._styles = styles
        self._skipped = 0
        self._paragraphs: list[_Paragraph] = []
        self._tables: list[_Table] = []
        self._runs = 0
        self._hidden = False
        self._in_text = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        name = _local(tag)
        if self._skipped or name in _SKIPPED or _value(attributes, "type") in _SEPARATORS:
            self._skipped += 1
        elif name == "p":
            self._paragraphs.append(_Paragraph())
        elif name == "r":
            self._runs += 1
            self._hidden = False
        elif name == "t":
            self._in_text = True
        elif name in {"tbl", "tr", "tc", "vMerge"}:
            self._start_table(name, attributes)
        elif self._paragraphs:
            self._start_inline(name, _value(attributes))

    def end(self, tag: str) -> None:
        """An element closes."""
        name = _local(tag)
        if self._skipped:
            self._skipped -= 1
        elif name == "p" and self._paragraphs:
            self._end_paragraph(self._paragraphs.pop())
        elif name == "r":
            self._runs -= 1
            self._hidden = False
        elif name == "t":
            self._in_text = False
        elif name == "tc" and self._tables:
            self._end_cell(self._tables[-1])
        elif name == "tbl" and self._tables:
            self._end_table(self._tables.pop())

    def data(self, text: str) -> None:
        """Text between tags: only that of a ``t`` is the document's."""
        if self._in_text and self._paragraphs and not self._skipped and not self._hidden:
            self._paragraphs[-1].words.append(text)

    def _start_table(self, name: str, attributes: dict[str, str]) -> None:
        if name == "tbl":
            self._tables.append(_Table())
        elif self._tables and name == "tr":
            self._tables[-1].rows.append([])
        elif self._tables and name == "tc":
            self._tables[-1].cell = []
            self._tables[-1].merged = False
        elif self._tables:
            self._tables[-1].merged = _value(attributes) != "restart"

    def _start_inline(self, name: str, value: str) -> None:
        paragraph = self._paragraphs[-1]
        if name in _PROPERTIES:
            _set(paragraph, name, value)
        elif self._runs and name in _SIGNS:
            paragraph.words.append(_SIGNS[name])
        elif self._runs and name == "vanish":
            self._hidden = value not in {"0", "false", "off"}

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        text = "".join(paragraph.words).strip()
        if not text:
            return
        outline = paragraph.outline
        level = self._styles.level(paragraph.style) if outline is None else level_of(outline)
        number = paragraph.number
        listed = self._styles.is_list(paragraph.style) if number is None else number != "0"
        if listed and not level:
            self._emit(Item("  " * paragraph.depth + "- " + text, in_list=True))
        else:
            self._emit(Item(text, level=level))

    def _end_cell(self, table: _Table) -> None:
        items = table.cell or []
        table.cell = None
        table.only = items
        if not table.rows:
            table.rows.append([])
        table.rows[-1].append("" if table.merged else " ".join(map(_as_cell, items)))

    def _end_table(self, table: _Table) -> None:
        """Emit a table; one of a single cell is a frame around its content."""
        if sum(map(len, table.rows)) == 1:
            for item in table.only:
                self._emit(item)
        elif any(any(row) for row in table.rows):
            self._emit(Item("", rows=tuple(map(tuple, table.rows))))

    def _emit(self, item: Item) -> None:
        cells = (table.cell for table in reversed(self._tables) if table.cell is not None)
        next(cells, self.items).append(item)


def _set(paragraph: _Paragraph, name: str, value: str) -> None:
    if name == "pStyle":
        paragraph.style = value
    elif name == "outlineLvl":
        paragraph.outline = _number(value)
    elif name == "numId":
        paragraph.number = value
    else:
        paragraph.depth = min(max(_number(value), 0), 8)


def _as_cell(item: Item) -> str:
    return " ".join(" ".join(row) for row in item.rows) if item.rows else item.text


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _value(attributes: dict[str, str], name: str = "val") -> str:
    """Return the attribute of this local name, in whatever namespace."""
    for key, value in attributes.items():
        if key.rpartition("}")[2] == name:
            return value
    return ""


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else 9
