"""A page's tree, walked once and without recursion, into pieces in reading order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from memctl.ingest.readers.htmlplaces import is_hidden, place_of

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_DEEPEST = 500

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
# Elements that do not nest in one another, or whose content is not markup.
_UNCOUNTED = frozenset(
    "area base br col embed hr img input link meta source track wbr p li dt dd option optgroup tr "
    "td th thead tbody tfoot colgroup caption rb rt rp rtc html head body script style textarea "
    "title noscript xmp iframe plaintext noembed noframes".split()
)
_SKIPPED = frozenset(
    "script style noscript template head svg math iframe object audio video canvas select "
    "datalist button textarea input -comment !doctype".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form header hgroup hr html legend li main menu nav ol p section "
    "summary ul table caption thead tbody tfoot tr td th pre h1 h2 h3 h4 h5 h6".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset(("ul", "ol", "menu", "dir"))
_SPACE = re.compile(r"[ \t\n\f\r]+")
# A table with one of these in a cell arranges a page.
_LAYOUT = frozenset((*_HEADINGS, "table", "article", "section", "main", "form", "pre"))


@dataclass(frozen=True, slots=True)
class Piece:
    """A heading (with its ``level``), a table (``rows``), code or a paragraph.

    ``places`` are the parts of the page that it stands in: main, article, header and so on,
    and ``beside`` where a class or an id says that it is a menu, a banner or the like;
    ``linked`` counts the characters of links in it.
    """

    text: str
    _: KW_ONLY
    places: frozenset[str]
    linked: int = 0
    level: int = 0
    code: bool = False
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def size(self) -> int:
        """How many characters it has."""
        return len(self.text) + sum(len(cell) for row in self.rows for cell in row)


def flattened(html: str) -> str:
    """Turn the tags that are nested deeper than 500 into line breaks.

    The parser takes cubic time for depth (40,000 nested ``div`` take it 3 s); browsers stop at
    512 as well.
    """
    depth = 0
    dropped: Counter[str] = Counter()

    def tag(match: re.Match[str]) -> str:
        nonlocal depth
        name = match.group(2).lower()
        if name in _UNCOUNTED:
            return match.group()
        if not match.group(1):
            depth += depth < _DEEPEST
            if depth < _DEEPEST:
                return match.group()
            dropped[name] += 1
            return "<br"
        if dropped[name]:
            dropped[name] -= 1
            return "</wbr"
        depth -= depth > 0
        return match.group()

    return _TAG.sub(tag, html)


def walk(root: LexborNode | None) -> Iterator[Piece]:
    """Yield the pieces of the tree under ``root``."""
    if root is None:
        return
    walker = _Walker(_layout_tables(root))
    for entering, node, tag in _events(root):
        yield from walker.enter(node, tag) if entering else walker.leave(node, tag)
    yield from walker.flush()


def _events(root: LexborNode) -> Iterator[tuple[bool, LexborNode, str]]:
    """Yield each node that is shown when it opens (True) and when it closes (False)."""
    stack: list[tuple[LexborNode, str]] = []
    node: LexborNode | None = root
    while node is not None or stack:
        if node is None:
            closed, tag = stack.pop()
            yield False, closed, tag
            node = closed.next
            continue
        tag = node.tag or ""
        if tag in _SKIPPED or (tag != "-text" and is_hidden(node)):
            node = node.next
            continue
        yield True, node, tag
        stack.append((node, tag))
        node = node.first_child


def _layout_tables(root: LexborNode) -> frozenset[int]:
    """Return the tables that arrange a page: of one cell, or with headings or tables in cells."""
    layout: set[int] = set()
    stack: list[list[int]] = []
    for entering, node, tag in _events(root):
        if entering and stack:
            stack[-1][1] += tag in {"td", "th"}
            if tag in _LAYOUT:
                layout.add(stack[-1][0])
        if tag == "table" and entering:
            stack.append([node.mem_id, 0])
        elif tag == "table":
            name, cells = stack.pop()
            if cells < 2:
                layout.add(name)
    return frozenset(layout)


class _Walker:
    """What is open while the tree is walked: the words of the piece, its table, its lists."""

    def __init__(self, layout: frozenset[int]) -> None:
        self._layout = layout
        self._words: list[str] = []
        self._lines: list[str] = []  # finished items of the list that is open
        self._places: Counter[str] = Counter()
        self._inside: list[tuple[int, str]] = []  # the elements that are places
        self._rows: list[list[str]] | None = None
        self._level = 0
        self._pre = 0
        self._lists = 0
        self._bullet = ""
        self._links = 0
        self._linked = 0

    def enter(self, node: LexborNode, tag: str) -> Iterator[Piece]:
        if tag == "-text":
            text = node.text_content or ""
            self._words.append(text)
            self._linked += len(text) if self._links else 0
        elif tag == "a":
            self._links += 1
        elif tag == "br":
            self._words.append("\v")
        elif tag not in _BLOCKS:
            return
        elif self._rows is not None:
            self._enter_cell(tag)
        else:
            yield from self._break(in_list=tag not in _HEADINGS and tag not in {"table", "pre"})
            self._open(node, tag)

    def leave(self, node: LexborNode, tag: str) -> Iterator[Piece]:
        if tag == "a":
            self._links -= 1
        elif tag not in _BLOCKS:
            return
        elif tag == "table" and self._rows is not None:
            rows = tuple(tuple(row) for row in self._rows)
            self._rows = None
            yield self._piece("", rows=rows)
            self._leave_place(node)
        elif self._rows is not None:
            self._leave_cell(tag)
        else:
            yield from self._break(in_list=not (tag in _LISTS and self._lists == 1))
            self._close(node, tag)

    def flush(self) -> Iterator[Piece]:
        yield from self._break(in_list=False)

    def _open(self, node: LexborNode, tag: str) -> None:
        self._level = _HEADINGS.get(tag, self._level)
        self._pre += tag == "pre"
        self._lists += tag in _LISTS
        self._enter_place(node, tag)
        if tag == "li":
            self._bullet = "  " * (min(self._lists, 9) - 1) + "- "
        if tag == "table" and node.mem_id not in self._layout:
            self._rows = []

    def _close(self, node: LexborNode, tag: str) -> None:
        if tag in _HEADINGS:
            self._level = 0
        self._pre -= tag == "pre"
        self._lists -= tag in _LISTS
        self._leave_place(node)

    def _enter_place(self, node: LexborNode, tag: str) -> None:
        place = place_of(node, tag)
        if place:
            self._places[place] += 1
            self._inside.append((node.mem_id, place))

    def _leave_place(self, node: LexborNode) -> None:
        if self._inside and self._inside[-1][0] == node.mem_id:
            self._places[self._inside.pop()[1]] -= 1

    def _enter_cell(self, tag: str) -> None:
        if tag == "tr" and self._rows is not None:
            self._rows.append([])
        if tag in {"td", "th"}:
            self._words = []
        else:
            self._words.append(" ")

    def _leave_cell(self, tag: str) -> None:
        if tag in {"td", "th", "caption"} and self._rows is not None:
            if not self._rows or tag == "caption":
                self._rows.append([])
            self._rows[-1].append(_folded("".join(self._words)))
            self._words = []
        else:
            self._words.append(" ")

    def _where(self) -> frozenset[str]:
        """The places that are open; a header of an article belongs to the article."""
        places = frozenset(place for place, count in self._places.items() if count)
        if self._level == 1 or places & {"main", "article"}:
            places -= {"header"}
        if "beside" in places and (self._level == 1 or self._is_text_inside()):
            places -= {"beside"}
        return places

    def _is_text_inside(self) -> bool:
        """Say whether the main part or an article lies in what a class calls a side bar."""
        order = [place for _, place in self._inside]
        return bool({"main", "article"} & set(order[order.index("beside") :]))

    def _break(self, *, in_list: bool) -> Iterator[Piece]:
        """End the piece that is open; the items of one list stay together as lines."""
        raw = "".join(self._words)
        self._words = []
        if self._pre:
            yield from self._end_list()
            if raw.strip():
                yield self._piece(raw.replace("\v", "\n"), code=True)
            return
        text = _folded(raw)
        if text and (self._lists or self._bullet) and not self._level:
            self._lines.append((self._bullet or "  ") + text.replace("\n", "\n  "))
            self._bullet = ""
            text = ""
        if not in_list or text:
            yield from self._end_list()
        if text:
            yield self._piece(text, level=self._level)

    def _piece(
        self,
        text: str,
        *,
        level: int = 0,
        code: bool = False,
        rows: tuple[tuple[str, ...], ...] = (),
    ) -> Piece:
        linked, self._linked = self._linked, 0
        places = self._where()
        return Piece(text, places=places, linked=linked, level=level, code=code, rows=rows)

    def _end_list(self) -> Iterator[Piece]:
        if self._lines:
            yield self._piece("\n".join(self._lines))
            self._lines = []


def _folded(text: str) -> str:
    r"""Fold white space as a browser does; ``\v`` stands for a line break."""
    lines = (_SPACE.sub(" ", line).strip(" ") for line in text.split("\v"))
    return "\n".join(lines).strip("\n")
