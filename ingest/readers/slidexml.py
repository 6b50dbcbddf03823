"""The parts of a PowerPoint presentation, taken from the events of their XML."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass, field

from memctl.ingest.readers.xmlevents import Events, local_of, number_of, value_of


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape with text: its lines, or the ``rows`` of a table.

    ``role`` is that of its placeholder, as in title, body or sldNum; nothing for a free shape.
    """

    lines: tuple[str, ...]
    _: KW_ONLY
    role: str = ""
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)


@dataclass(slots=True)
class _Open:
    """A shape whose end has not come; ``cell`` is where the lines of a table go."""

    role: str = ""
    said: str = ""
    hidden: bool = False
    lines: list[str] = field(default_factory=list[str])
    rows: list[list[str]] = field(default_factory=list[list[str]])
    cell: list[str] | None = None
    merged: bool = False


_SHAPES = frozenset("sp pic graphicFrame cxnSp".split())
# The copies for old programs, and data of programs that nobody sees.
_SKIPPED = frozenset(("Fallback", "extLst"))
_DEEPEST_LEVEL = 8
# What PowerPoint writes below its own description of a picture.
_BY_PROGRAM = re.compile(
    r"\s*(?:description automatically generated|ai-generated content may be incorrect"
    r"|автоматически созданное описание|создано автоматически).*",
    re.IGNORECASE | re.DOTALL,
)
_FILE_NAME = re.compile(r"\S*\.\w{2,4}|\S*://\S*|[A-Za-z]:\\.*")


class Slide(Events):
    """Collects the shapes of a slide, of its notes, or of a diagram, in ``shapes``.

    A picture gives the description that stands for it.
    """

    def __init__(self) -> None:
        self.shapes: list[Shape] = []
        self._stack: list[_Open] = [_Open()]
        self._words: list[str] = []
        self._level = 0
        self._skipped = 0
        self._in_text = False
        self._in_field = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        name = local_of(tag)
        if self._skipped or name in _SKIPPED:
            self._skipped += 1
        elif name in _SHAPES:
            self._stack.append(_Open())
        elif name == "cNvPr":
            self._stack[-1].said = _description(attributes.get("descr", ""))
            self._stack[-1].hidden = attributes.get("hidden") in {"1", "true"}
        elif name == "ph":
            self._stack[-1].role = attributes.get("type", "obj")
        elif name in {"p", "pPr", "fld", "t", "br"}:
            self._start_text(name, attributes)
        elif name in {"tr", "tc"}:
            self._start_cell(name, attributes)

    def end(self, tag: str) -> None:
        """An element closes."""
        name = local_of(tag)
        if self._skipped:
            self._skipped -= 1
        elif name in _SHAPES and len(self._stack) > 1:
            self._close(self._stack.pop())
        elif name == "p":
            self._end_paragraph()
        elif name == "tc":
            self._end_cell(self._stack[-1])
        elif name == "t":
            self._in_text = False
        elif name == "fld":
            self._in_field = False

    def data(self, text: str) -> None:
        """Text between tags: only that of a ``t`` is the slide's."""
        if self._in_text and not self._skipped and not self._in_field:
            self._words.append(text)

    def finish(self) -> list[Shape]:
        """Return the shapes, with the text that stood in none."""
        while self._stack:
            self._close(self._stack.pop())
        return self.shapes

    def _start_text(self, name: str, attributes: dict[str, str]) -> None:
        if name == "p":
            self._words.clear()
            self._level = 0
        elif name == "pPr":
            self._level = min(number_of(attributes, "lvl"), _DEEPEST_LEVEL)
        elif name == "fld":  # the number of the slide, or today's date
            self._in_field = attributes.get("type", "").startswith(("slidenum", "datetime"))
        elif name == "t":
            self._in_text = True
        else:
            self._words.append("\n")

    def _end_paragraph(self) -> None:
        text = "".join(self._words).replace("\v", "\n").strip()
        self._words.clear()
        shape = self._stack[-1]
        if shape.cell is not None:
            shape.cell.append(text)
        elif text:
            indent = "  " * self._level
            shape.lines.append(indent + text.replace("\n", "\n" + indent))

    def _start_cell(self, name: str, attributes: dict[str, str]) -> None:
        shape = self._stack[-1]
        if name == "tr":
            shape.rows.append([])
        else:
            shape.cell = []
            merged = (value_of(attributes, "hMerge"), value_of(attributes, "vMerge"))
            shape.merged = bool({"1", "true"}.intersection(merged))

    def _end_cell(self, shape: _Open) -> None:
        text = "" if shape.merged else " ".join(shape.cell or [])
        shape.cell = None
        if not shape.rows:
            shape.rows.append([])
        shape.rows[-1].append(text)

    def _close(self, shape: _Open) -> None:
        if shape.hidden:
            return
        lines = tuple(filter(None, (*shape.lines, shape.said)))
        rows = tuple(map(tuple, shape.rows))
        if lines or any(map(any, rows)):
            self.shapes.append(Shape(lines, role=shape.role, rows=rows))


def _description(text: str) -> str:
    """Return the description of a picture, without what a program says of itself in it."""
    words = _BY_PROGRAM.sub("", text).strip()
    return "" if _FILE_NAME.fullmatch(words) else words


class Presentation(Events):
    """Collects the ids of the relations that lead to the slides, in their order."""

    def __init__(self) -> None:
        self.slides: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take a slide."""
        if local_of(tag) == "sldId":
            ids = (value for key, value in attributes.items() if key.endswith("}id"))
            self.slides.append(next(ids, ""))


class Remarks(Events):
    """Collects the words of each comment, in the older and the newer form."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._words: list[str] = []
        self._listening = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: ARG002  an event
        """Listen inside a text."""
        self._listening = local_of(tag) in {"text", "t"}

    def end(self, tag: str) -> None:
        """A text ends, or all of a comment."""
        self._listening = False
        if local_of(tag) in {"text", "txBody"}:
            self.texts.append("".join(self._words))
            self._words.clear()
        elif local_of(tag) == "p":
            self._words.append("\n")

    def data(self, text: str) -> None:
        """Take the words."""
        if self._listening:
            self._words.append(text)


class Chart(Events):
    """Collects the title of a chart, and for each series its name, categories and values."""

    def __init__(self) -> None:
        self.title = ""
        self.names: list[str] = []
        self.values: list[dict[int, str]] = []
        self.categories: dict[int, str] = {}
        self._words: list[str] = []
        self._part = ""
        self._at = 0
        self._listening = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A series begins, or one of its parts."""
        name = local_of(tag)
        self._listening = name in {"t", "v"}
        if name == "ser":
            self.names.append("")
            self.values.append({})
        elif name in {"tx", "cat", "val", "xVal", "yVal", "title"}:
            self._part = name if name != "tx" or self._part != "title" else "title"
        elif name == "pt":
            self._at = number_of(attributes, "idx")

    def end(self, tag: str) -> None:
        """A text or a value ends."""
        name = local_of(tag)
        if self._listening:
            self._take("".join(self._words).strip())
            self._words.clear()
        self._listening = False
        if name in {"cat", "val", "xVal", "yVal", "title"}:
            self._part = ""

    def data(self, text: str) -> None:
        """Take the words."""
        if self._listening:
            self._words.append(text)

    def rows(self) -> list[list[str]]:
        """Return the chart as a table, a row a category."""
        places = sorted({*self.categories, *(at for series in self.values for at in series)})
        head = ["", *self.names]
        body = [
            [self.categories.get(at, ""), *(series.get(at, "") for series in self.values)]
            for at in places
        ]
        return [head, *body]

    def _take(self, text: str) -> None:
        if self._part == "title":
            self.title += text
        elif not self.names:
            return
        elif self._part == "tx":
            self.names[-1] += text
        elif self._part in {"cat", "xVal"}:
            self.categories.setdefault(self._at, text)
        elif self._part in {"val", "yVal"}:
            self.values[-1][self._at] = text
