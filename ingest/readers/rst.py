"""reStructuredText, parsed by docutils with everything off that reaches outside the file."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from memctl.ingest.document import Document
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.textual import begin, text_of

if TYPE_CHECKING:
    from docutils.nodes import Node, document

_SETTINGS = {
    "_disable_config": True,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,
    "halt_level": 5,
    "line_length_limit": 1_000_000,
    "doctitle_xform": False,
    "syntax_highlight": "none",
    "language_code": "en",
}
# The patterns of inline markup take quadratic time on a long run of text without a blank line.
_LONGEST = 20_000
_DEEPEST = 8  # directives that docutils does not know, in one another
_DESCRIBED = {"author", "authors", "date", "keywords", "tags", "subject", "language"}
_LISTS = ("bullet_list", "enumerated_list", "definition_list", "field_list", "option_list")
_CODE = {"literal_block", "doctest_block", "math_block"}
_SILENT = {"comment", "substitution_definition", "target", "pending", "raw", "image", "label"}

_DIRECTIVE = re.compile(r"\.\.[ \t]+([\w:.+-]+)::[ \t]*([^\n]*)\n?")
_OPTIONS = re.compile(r"\s*(?::[\w-]+:[^\n]*\n?[ \t]*)+")
_LISTINGS = {
    "code",
    "code-block",
    "sourcecode",
    "literalinclude",
    "doctest",
    "testcode",
    "parsed-literal",
}
# Directives that name files or modules, and those of which nothing is shown.
_NO_TEXT = re.compile(
    r"auto\w+|toctree|include|literalinclude|raw|csv-table|index|module|currentmodule|highlight"
    r"|contents|graphviz|plot|image|figure|tabularcolumns|testsetup|default-domain"
)
_ROLE = re.compile(r":[\w:+.-]{1,60}:`~?([^`<>\n]{1,300}?)(?:\s*<[^`<>\n]{1,300}>)?`")
_CLOCK = re.compile(r"^\.\.[ \t]+\|[^|\n]{1,100}\|[ \t]+date::[^\n]*$", re.MULTILINE)


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; a stretch that is too long to be parsed is kept as it stands."""
    text, notes = text_of(source)
    builder = begin(notes)
    for part, parsed in _parts(_CLOCK.sub("", text)):
        if parsed:
            _Walk(builder).blocks(_parse(part), 0)
        else:
            builder.paragraph(part)
    yield builder.build(source)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the text in stretches that may be parsed (True) or are too long to be (False)."""
    short: list[str] = []
    for paragraph in re.split(r"(?<=\n)(?=[ \t]*\n)", text):
        if len(paragraph) > _LONGEST:
            yield "".join(short), True
            yield paragraph, False
            short = []
        else:
            short.append(paragraph)
    yield "".join(short), True


def _parse(text: str) -> document:
    from docutils.core import publish_doctree

    return publish_doctree(text, settings_overrides=_SETTINGS)


class _Walk:
    """Gives the builder what stands in a tree; the lines of a list wait to be one paragraph."""

    def __init__(self, builder: TextBuilder, depth: int = 0) -> None:
        self._builder = builder
        self._depth = depth
        self._lines: list[str] = []
        self._puts: dict[str, Callable[[Node], None]] = {
            **dict.fromkeys(_LISTS, self._whole_list),
            **dict.fromkeys(_CODE, lambda node: builder.code(node.astext())),
            "line_block": lambda node: builder.paragraph(_text(node)),
            "table": self._table,
            "system_message": self._unknown,
        }

    def blocks(self, node: Node, level: int) -> None:
        """Put the children of ``node``, which lies in ``level`` sections."""
        for child in node.children:
            self._block(child, level)
        self._flush()

    def _block(self, node: Node, level: int) -> None:
        name = _tag(node)
        if name in self._puts:
            self._puts[name](node)
        elif name == "section":
            self.blocks(node, level + 1)
        elif name == "title" and level:
            self._builder.heading(level, _text(node))
        elif _is_inline(node):
            self._builder.paragraph("" if name in _SILENT else _text(node))
        elif name not in _SILENT:
            self.blocks(node, level)

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        self._builder.paragraph("\n".join(lines))

    def _whole_list(self, node: Node) -> None:
        self._list(node, 0)
        self._flush()

    def _list(self, node: Node, depth: int) -> None:
        indent = "  " * min(depth, 9)
        for item in node.children:
            mark = "- " if _tag(item) == "list_item" else ""
            self._describe(item)
            for child in item.children:
                mark = self._item_part(child, indent, mark=mark, depth=depth)

    def _item_part(self, node: Node, indent: str, *, mark: str, depth: int) -> str:
        """Put one part of an item; return what the next one begins with."""
        if _tag(node) in {"term", "field_name", "option_group", "classifier"}:
            return mark + _text(node) + ": "
        if _tag(node) in {"definition", "field_body", "description"}:
            for child in node.children:
                mark = self._item_part(child, indent, mark=mark, depth=depth)
            return mark
        if _tag(node).endswith("_list"):
            self._list(node, depth + 1)
        elif _is_inline(node):
            text = _text(node).replace("\n", f"\n{indent}  ")
            self._lines.append(f"{indent}{mark or '  '}{text}")
        else:
            self._flush()
            self._block(node, 0)
        return ""

    def _describe(self, item: Node) -> None:
        if _tag(item) == "field":
            name, body = (part.astext() for part in item.children[:2])
            if name.lower() in _DESCRIBED:
                self._builder.describe(name.lower(), *re.split("[;,]", body))

    def _table(self, node: Node) -> None:
        for title in node.children:
            if _tag(title) == "title":
                self._builder.paragraph(_text(title))
        from docutils.nodes import row as row_class

        rows = node.findall(row_class)
        self._builder.table([_text(entry) for entry in row.children] for row in rows)

    def _unknown(self, message: Node) -> None:
        """Read what a directive that docutils does not know holds, but for its options."""
        source = next((node for node in message.children if _tag(node) in _CODE), None)
        found = _DIRECTIVE.match(source.astext()) if source is not None else None
        if source is None or found is None or self._depth >= _DEEPEST:
            return
        name, argument = found[1], found[2]
        inner = _OPTIONS.sub("", textwrap.dedent(source.astext()[found.end() :]), count=1)
        if name in _LISTINGS:
            self._builder.code(inner)
        elif not _NO_TEXT.fullmatch(name):
            self._builder.paragraph(_ROLE.sub(r"\1", argument))
            _Walk(self._builder, self._depth + 1).blocks(_parse(inner), 0)


def _tag(node: Node) -> str:
    """Return what docutils calls the tag of an element: the name of its class."""
    return type(node).__name__


def _is_inline(node: Node) -> bool:
    """Say whether ``node`` holds text and what is marked in it, and no blocks."""
    from docutils.nodes import Inline, Text, TextElement

    return isinstance(node, (Text, Inline, TextElement)) and _tag(node) not in _CODE


def _text(node: Node) -> str:
    from docutils.nodes import Text

    if isinstance(node, Text):
        return node.astext()
    if _tag(node) == "problematic":
        return _ROLE.sub(r"\1", node.astext())
    if _tag(node) in _SILENT or _tag(node) in {"footnote_reference", "system_message"}:
        return ""
    between = "\n" if _tag(node) in {"entry", "line_block"} else ""
    return between.join(_text(child) for child in node.children)


READER = Reader("rst", (".rst", ".rest"), read=read)
