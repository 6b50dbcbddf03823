"""Source code: the text stays the file, cut where functions and classes begin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from memctl.ingest.document import Block, Document, Heading
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.grammars import GRAMMARS, Grammar
from memctl.ingest.readers.textual import as_it_stands, text_of
from memctl.ingest.text import one_line

if TYPE_CHECKING:
    from tree_sitter import Node

_LONGEST_TITLE = 120
_DEEPEST = 6  # levels of headings
_ATTACHED = frozenset(
    "comment line_comment block_comment decorator attribute_item annotation".split()
)
_PROSE = frozenset("comment line_comment block_comment string expression_statement".split())
_NAMES = ("name", "declarator", "type")
_FUNCTIONS = frozenset("arrow_function function_expression generator_function".split())
# Where no grammar is at hand, a paragraph of code ends at a blank line before the margin.
_PARAGRAPH = re.compile(r"\n[ \t]*\n(?=\S)")


_Lines = tuple[int, int]  # the first and the last


class _Definition(NamedTuple):
    """The lines of a definition, with the comments right above it, and what it is called."""

    first: int
    level: int
    title: str


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; what stands in front of all code, such as a licence, is prose.

    A heading is the beginning of a definition up to its parameters, as in ``def read``.
    """
    text, notes = text_of(source)
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    intro, definitions = _definitions(text, GRAMMARS[_suffix(source.name)])
    headings = _headings(text, starts, definitions)
    cuts = [heading.start for heading in headings]
    if not cuts:
        cuts = [match.end() for match in _PARAGRAPH.finditer(text)]
    blocks = tuple(_blocks(text, starts[min(intro, len(starts) - 1)], cuts))
    yield as_it_stands(source, text, notes=notes, headings=headings, blocks=blocks)


def _suffix(name: str) -> str:
    return "." + name.lower().rpartition(".")[2]


def _definitions(text: str, grammar: Grammar | None) -> tuple[int, list[_Definition]]:
    """Return on which line the code begins, and the definitions in order."""
    root = grammar.parse(text) if grammar else None
    if grammar is None or root is None:
        return 0, []
    found = list(_walk(root, grammar))
    found.sort(key=lambda definition: definition.first)
    return _intro(root), found


def _intro(root: Node) -> int:
    """Return the line after the comments and the documentation that a file begins with."""
    line = 0
    for child in root.children:
        is_text = child.type in _PROSE and all(
            inner.type in _PROSE for inner in child.named_children if child.type != "string"
        )
        if not is_text:
            return min(line, child.start_point.row)
        line = child.end_point.row + 1
    return line


def _walk(root: Node, grammar: Grammar) -> Iterator[_Definition]:
    """Yield the definitions; a stack in place of recursion, as depth is the file's choice."""
    stack: list[tuple[Node, int, _Lines | None]] = [(root, 1, None)]
    while stack:
        node, level, above = stack.pop()
        comments = above if node.type in _WRAPPERS else None
        for child in node.children:
            if child.type in _ATTACHED:
                comments = _attached(comments, child)
                continue
            inside = level
            if child.is_named and child.type in grammar.defines and (title := _title(child)):
                yield _Definition(_first(comments, child), level, title)
                inside = level + 1
            if child.is_named and child.type in grammar.holds and inside <= _DEEPEST:
                stack.append((child, inside, _attached(comments, child, wraps=True)))
            if node.type not in _WRAPPERS:
                comments = None


# What stands around a definition: its first line is the definition's.
_WRAPPERS = frozenset(
    "decorated_definition export_statement template_declaration expression_statement".split()
)


def _attached(above: _Lines | None, node: Node, *, wraps: bool = False) -> _Lines:
    """Return the lines that run down to ``node`` without a gap; a wrapper's last is its first."""
    first, last = node.start_point.row, node.start_point.row if wraps else node.end_point.row
    return (above[0] if above and first <= above[1] + 1 else first), last


def _first(comments: _Lines | None, node: Node) -> int:
    row = node.start_point.row
    return comments[0] if comments and row <= comments[1] + 1 else row


def _title(node: Node) -> str:
    """Return the line with the name of a definition, up to the name; nothing where it has none."""
    if node.type == "lexical_declaration" and not _is_function(node):
        return ""
    name = _name(node)
    if name is None:
        return ""
    raw = (node.text or b"")[: name.end_byte - node.start_byte].decode("utf-8", "replace")
    return one_line(raw.rpartition("\n")[2])[:_LONGEST_TITLE]


def _name(node: Node) -> Node | None:
    """Return the node of the name; in C it lies inside of pointers, arrays and parameters."""
    found: Node | None = None
    inner: Node | None = node
    while inner is not None:
        found = inner
        inner = next((n for field in _NAMES if (n := found.child_by_field_name(field))), None)
        if inner is None and found.type in {"type_declaration", "lexical_declaration"}:
            inner = found.named_child(0)
        if found is not node and found.type in {"name", "identifier", "generic_type"}:
            return found
    return None if found is node else found


def _is_function(declaration: Node) -> bool:
    declarator = declaration.named_child(0)
    value = declarator.child_by_field_name("value") if declarator else None
    return value is not None and value.type in _FUNCTIONS


def _headings(text: str, starts: list[int], definitions: list[_Definition]) -> tuple[Heading, ...]:
    headings: list[Heading] = []
    for first, level, title in definitions:
        start = starts[first]
        end = starts[first + 1] - 1 if first + 1 < len(starts) else len(text)
        while start < end and text[start].isspace():
            start += 1
        if start < end and (not headings or start >= headings[-1].end):
            headings.append(Heading(level, title, start=start, end=end))
    return tuple(headings)


def _blocks(text: str, start: int, cuts: list[int]) -> Iterator[Block]:
    """Yield the code from ``start`` on, parted at ``cuts``, without the blanks around."""
    edges = [start, *(cut for cut in cuts if cut > start), len(text)]
    for low, high in pairwise(edges):
        piece = text[low:high]
        if ink := piece.strip():
            first = low + piece.index(ink[0])
            yield Block("code", first, end=first + len(ink))


READER = Reader("code", tuple(GRAMMARS), read=read)
