"""Markdown: the text stays the source, headings and blocks are spans of its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memctl.ingest.document import Block, BlockKind, Document, Heading
from memctl.ingest.encoding import decode
from memctl.ingest.errors import UnreadableError
from memctl.ingest.language import detect
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.text import clean, one_line, unify_newlines

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"---[ \t]*\n((?:[^\n]*\n){0,200}?)(?:---|\.\.\.)[ \t]*(?:\n+|\Z)")
_ENTRY = re.compile(r"(?:[\w.-]+[ \t]*:(?:[ \t]|$)|[ \t]+\S|-[ \t]|#|$)")
_TITLE = re.compile(r"title[ \t]*:[ \t]*(.*)", re.IGNORECASE)
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


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; front matter is cut off but for the title that it gives."""
    text = clean(unify_newlines(decode(source.read_bytes())))
    title, text = _without_front_matter(text)
    if not text.strip():
        raise UnreadableError("no_text", "no text in it")
    headings, blocks = _spans(text)
    first = next((heading.title for heading in headings if heading.level == 1), "")
    yield Document(
        source.path,
        source.path,
        text=text,
        sha256=source.sha256,
        title=title or first,
        language=detect(text),
        headings=tuple(headings),
        blocks=tuple(blocks),
    )


def _without_front_matter(text: str) -> tuple[str, str]:
    match = _FRONT_MATTER.match(text)
    if not match:
        return "", text
    lines = match.group(1).split("\n")
    if not match.group(1).strip() or not all(map(_ENTRY.match, lines)):
        return "", text
    titles = [found.group(1) for line in lines if (found := _TITLE.match(line))]
    title = one_line(titles[0]).strip("\"'") if titles else ""
    return title, text[match.end() :]


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
