"""Light markup, read line by line: one engine, and for each language a table of its patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from memctl.ingest.document import Document
from memctl.ingest.readers.base import Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.textual import begin, text_of

Rows = Callable[[list[str]], list[list[str]]]

# Code is carried past the patterns in characters that no document has.
_SHIELD = {code: code + 0xF0000 for code in range(0x21, 0x7F)}
_UNSHIELD = {shielded: code for code, shielded in _SHIELD.items()}
_DEEPEST = 50
_MOST_WORDS = 100  # values of tags or key words


@dataclass(frozen=True, slots=True)
class Fence:
    """A block from a line that ``opens`` it to the line that it ``ends`` with, or to the end.

    ``ends`` is expanded by the match of ``opens``, and compared without case.
    """

    kind: Literal["code", "table", "nothing"]
    opens: re.Pattern[str]
    _: KW_ONLY
    ends: str
    nests: bool = False


@dataclass(frozen=True, slots=True)
class Markup:
    """How a language marks what is not prose.

    ``heading`` matches a line, with the groups ``marks``, whose length is the level, and
    ``title``; ``described`` matches one of metadata, with ``name`` and ``value``; ``rules``
    matches lines that only draw or command. ``item`` matches the mark of a list item, with
    ``marks`` for its depth. ``verbatim`` matches code and formulas inside prose, with ``text``;
    the patterns of ``inline`` are replaced in turn after that.
    """

    heading: re.Pattern[str]
    _: KW_ONLY
    fences: tuple[Fence, ...]
    rules: re.Pattern[str]
    described: re.Pattern[str]
    item: re.Pattern[str]
    verbatim: re.Pattern[str]
    inline: tuple[tuple[re.Pattern[str], str], ...]
    rows: Rows
    table_line: re.Pattern[str] | None = None
    code_line: re.Pattern[str] | None = None
    prepare: Callable[[str, TextBuilder], str] | None = None
    finish: Callable[[str], str] = str


def read_light(source: Source, markup: Markup) -> Iterator[Document]:
    """Yield the one document, its markup taken out of the prose; code stays as it stands."""
    text, notes = text_of(source)
    builder = begin(notes)
    if markup.prepare is not None:
        text = markup.prepare(text, builder)
    lines = _Lines(markup, builder)
    lines.read(text.split("\n"))
    yield builder.build(source, title=lines.title)


def shield(text: str) -> str:
    """Carry ``text`` past all patterns; ``unshield`` gives it back."""
    return text.translate(_SHIELD)


def unshield(text: str) -> str:
    """Give back what ``shield`` took."""
    return text.translate(_UNSHIELD)


def bar_rows(lines: list[str]) -> list[list[str]]:
    """Cut rows like ``| a | b |`` into cells; a line of dashes is none."""
    cut = (line.strip().strip("|").split("|") for line in lines if not _drawn(line))
    return [[cell.strip() for cell in row] for row in cut]


def expand(text: str, brackets: tuple[str, str], render: Callable[[str], str]) -> str:
    """Replace each bracketed stretch by its rendering, the innermost first, in one pass.

    What is nested deeper than 50, or is not closed, stays.
    """
    opening, closing = brackets
    stack: list[list[str]] = [[]]
    for part in re.split(f"({re.escape(opening)}|{re.escape(closing)})", text):
        if part == opening and len(stack) <= _DEEPEST:
            stack.append([])
        elif part == closing and len(stack) > 1:
            inner = "".join(stack.pop())
            stack[-1].append(render(inner))
        else:
            stack[-1].append(part)
    return opening.join("".join(parts) for parts in stack)


def cut_out(text: str, opening: str, closing: str) -> str:
    """Remove each stretch from ``opening`` to ``closing``; one that is not closed stays."""
    kept: list[str] = []
    at = 0
    while (start := text.find(opening, at)) >= 0:
        end = text.find(closing, start + len(opening))
        if end < 0:
            break
        kept.append(text[at:start])
        at = end + len(closing)
    return "".join(kept) + text[at:]


def words_of(value: str) -> Sequence[str]:
    """Part a list of tags or key words at commas, semicolons and colons."""
    return [word.strip() for word in re.split("[,;:]", value)][:_MOST_WORDS]


def _drawn(line: str) -> bool:
    return not line.strip("|+-=: \t")


class _Lines:
    """Goes through the lines and gives the builder headings, tables, code and paragraphs."""

    def __init__(self, markup: Markup, builder: TextBuilder) -> None:
        self.title = ""
        self._markup = markup
        self._builder = builder
        self._waiting: list[str] = []
        self._kind: Literal["prose", "table", "code"] = "prose"

    def read(self, lines: list[str]) -> None:
        at = 0
        while at < len(lines):
            line = lines[at]
            at += 1
            fence, match = self._fence(line)
            if fence is not None and match is not None:
                self._flush()
                end = _end(lines, at, fence, match)
                self._put(fence.kind, lines[at:end])
                at = end + 1
            elif not self._is_special(line):
                self._keep(line)
        self._flush()

    def _fence(self, line: str) -> tuple[Fence | None, re.Match[str] | None]:
        for fence in self._markup.fences:
            if match := fence.opens.match(line):
                return fence, match
        return None, None

    def _is_special(self, line: str) -> bool:
        """Deal with a heading, with metadata, and with a line that a reader does not see."""
        if found := self._markup.heading.match(line):
            self._flush()
            self._builder.heading(len(found["marks"]), self._plain(found["title"]))
        elif found := self._markup.described.match(line):
            self._describe(found["name"].lower(), self._plain(found["value"]))
        else:
            return bool(line.strip() and self._markup.rules.match(line))
        return True

    def _describe(self, name: str, value: str) -> None:
        if name == "title":
            self.title = value
        elif name in {"author", "date", "email", "subject", "language"}:
            self._builder.describe(name, value)
        elif name in {"keywords", "tags", "filetags"}:
            self._builder.describe("tags" if "tags" in name else name, *words_of(value))

    def _keep(self, line: str) -> None:
        kind: Literal["prose", "table", "code"] = "prose"
        if self._markup.table_line and self._markup.table_line.match(line):
            kind = "table"
        elif self._markup.code_line and (found := self._markup.code_line.match(line)):
            kind, line = "code", line[found.end() :]
        if kind != self._kind or not line.strip():
            self._flush()
        self._kind = kind
        if line.strip():
            self._waiting.append(line)

    def _flush(self) -> None:
        lines, self._waiting = self._waiting, []
        if lines:
            self._put(self._kind, lines)

    def _put(self, kind: str, lines: list[str]) -> None:
        if kind == "code":
            self._builder.code(unshield("\n".join(lines)))
        elif kind == "table":
            rows = self._markup.rows(lines)
            self._builder.table([self._plain(cell) for cell in row] for row in rows)
        elif kind == "prose":
            items = (self._markup.item.sub(_bullet, line, count=1) for line in lines)
            self._builder.paragraph(self._plain("\n".join(items)))

    def _plain(self, text: str) -> str:
        text = self._markup.verbatim.sub(lambda match: shield(match["text"]), text)
        for pattern, replacement in self._markup.inline:
            text = pattern.sub(replacement, text)
        return self._markup.finish(unshield(text))


def _bullet(match: re.Match[str]) -> str:
    indent = (match.start("marks") - match.start()) // 2
    return "  " * (min(indent + len(match["marks"]), 9) - 1) + "- "


def _end(lines: list[str], at: int, fence: Fence, opened: re.Match[str]) -> int:
    """Return the number of the line that ends the block which the line before ``at`` opens."""
    ends = opened.expand(fence.ends).lower()
    depth = 1
    for number in range(at, len(lines)):
        if lines[number].strip().lower() == ends:
            depth -= 1
        elif fence.nests and fence.opens.match(lines[number]):
            depth += 1
        if not depth:
            return number
    return len(lines)
