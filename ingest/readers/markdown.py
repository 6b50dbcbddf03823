"""Markdown: the text stays the source, headings and blocks are spans of its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memctl.ingest.document import Block, BlockKind, Document, Heading
from memctl.ingest.errors import UnreadableError
from memctl.ingest.language import detect
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.frontmatter import split
from memctl.ingest.readers.lightmarkup import bar_rows
from memctl.ingest.readers.textual import text_of
from memctl.ingest.text import clean, one_line, unify_newlines

if TYPE_CHECKING:
    from markdown_it.token import Token

_BLOCKS: dict[str, BlockKind] = {"table_open": "table", "fence": "code", "code_block": "code"}
# What markup in a heading is reduced to, in this order.
_REDUCED = (
    (re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)"), r"\1"),
    (re.compile(r"!?\[([^\[\]]+)\]\[[^\[\]]*\]"), r"\1"),
    (re.compile(r"<(https?://[^<>\s]+)>"), r"\1"),
    (re.compile(r"</?[A-Za-z][^<>]*>"), ""),
    (re.compile(r"(?<!\\)(\*\*|__|~~)(?=\S)([^*_~]+)\1"), r"\2"),
    (re.compile(r"(?<![\w*\\])\*(?=\S)([^*]+)\*|(?<![\w\\])_(?=\S)([^_]+)_(?!\w)"), r"\1\2"),
    (re.compile(r"(`+)([^`]+)\1"), r"\2"),
    (re.compile(r"\\([!-/:-@\[-`{-~])"), r"\1"),
    (re.compile(r"\s+\{#[\w-]+\}$"), ""),
)
_LONGEST_TITLE = 1_000
_FENCES = re.compile(r"\A(?:`{3,}|~{3,})[^\n]*\n|\n(?:`{3,}|~{3,})[ \t]*\Z")


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; front matter is cut off and becomes metadata, its title the title."""
    text, notes = text_of(source)
    metadata, text = split(text)
    if not text.strip():
        raise UnreadableError("no_text", "no text in it")
    headings, blocks = _spans(text)
    first = next((heading.title for heading in headings if heading.level == 1), "")
    title = " ".join(metadata.pop("title", ()))
    yield Document(
        source.path,
        source.path,
        text=text,
        sha256=source.sha256,
        title=title or first,
        language=detect(text),
        headings=tuple(headings),
        blocks=tuple(blocks),
        metadata=metadata,
        notes=notes,
    )


def put_markdown(builder: TextBuilder, text: str) -> None:
    """Put Markdown that is part of something else: headings without their marks, blocks, prose."""
    text = clean(unify_newlines(text))
    headings, blocks = _spans(text)
    at = 0
    both: list[Heading | Block] = [*headings, *blocks]
    for span in sorted(both, key=lambda span: span.start):
        if span.start < at:
            continue
        builder.paragraph(text[at : span.start])
        if isinstance(span, Heading):
            builder.heading(span.level, span.title)
        elif span.kind == "table":
            builder.table(bar_rows(text[span.start : span.end].split("\n")))
        else:
            builder.code(_unfenced(text[span.start : span.end]))
        at = span.end
    builder.paragraph(text[at:])


def _unfenced(code: str) -> str:
    return _FENCES.sub("", code)


def _spans(text: str) -> tuple[list[Heading], list[Block]]:
    from markdown_it import MarkdownIt

    # Inline markup is not parsed: its rules are quadratic on a row of brackets.
    parser = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join", "reference"])
    starts = _line_starts(text)
    headings: list[Heading] = []
    blocks: list[Block] = []
    tokens = parser.parse(text)
    for at, token in enumerate(tokens):
        if token.type not in _BLOCKS and token.type != "heading_open":
            continue
        start, end = _span(token, starts, text)
        if token.type == "heading_open":
            title = _plain_title(tokens[at + 1].content)
            if title:
                headings.append(Heading(int(token.tag[1]), title, start=start, end=end))
        elif not blocks or start >= blocks[-1].end:
            blocks.append(Block(_BLOCKS[token.type], start, end=end))
    return headings, blocks


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text)), len(text)]


def _span(token: Token, starts: list[int], text: str) -> tuple[int, int]:
    """Return the characters of a token's lines, without the blanks and line ends after them."""
    first, after = token.map or (0, 0)
    start, end = starts[first], starts[min(after, len(starts) - 1)]
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _plain_title(content: str) -> str:
    title = content[:_LONGEST_TITLE]
    for pattern, replacement in _REDUCED:
        title = pattern.sub(replacement, title)
    return one_line(title)


READER = Reader("markdown", (".md", ".markdown", ".mdown"), read=read)
