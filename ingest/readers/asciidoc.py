"""AsciiDoc: headings, listings and tables; nothing that it includes is read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memctl.ingest.document import Document
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.lightmarkup import Fence, Markup, read_light

# The bar before a cell, with what may stand before it: 2+ spans, 3* repeats, ^.> aligns, a styles.
_BAR = re.compile(r"(?:(?<=[\s|])|^)(?:\d*(?:\.\d+)?[+*])?[<^>]?(?:\.[<^>])?[adehlms]?\|")
_CELL = re.compile(r"(?<!\\)\|")
_MARKED = r"(?<![\w{0}]){0}(?=[^\s{0}])([^{0}\n]{{1,300}}?)(?<=\S){0}(?![\w{0}])"


def _rows(lines: list[str]) -> list[list[str]]:
    """A row is a line where the first line holds more than one cell; else a paragraph of cells."""
    cells = [
        [cell.strip() for cell in _CELL.split(_BAR.sub("|", line))[1:]] if "|" in line else [line]
        for line in lines
    ]
    first = next((row for row in cells if any(row)), [])
    if len(first) > 1:
        return [row for row in cells if any(row)]
    rows: list[list[str]] = [[]]
    for row in cells:
        if any(row):
            rows[-1].extend(row)
        elif rows[-1]:
            rows.append([])
    return rows


MARKUP = Markup(
    re.compile(r"(?P<marks>={1,6}|#{1,6})[ \t]+(?P<title>\S.*?)(?:[ \t]+(?P=marks))?[ \t]*$"),
    fences=(
        Fence("code", re.compile(r"(-{4,}|\.{4,}|`{3}|\+{4,})[\w,+ -]{0,80}$"), ends=r"\1"),
        Fence("nothing", re.compile(r"(/{4,})[ \t]*$"), ends=r"\1"),
        Fence("table", re.compile(r"([|,:!]={3,})[ \t]*$"), ends=r"\1"),
    ),
    rules=re.compile(
        r"//(?!/)|(?:={4,}|\*{4,}|_{4,}|--|\+|'{3,}|<<<|~{4,})[ \t]*$"
        r"|\[[^\]\n]*\][ \t]*$|:!?[\w-]+!?:"
        r"|(?:include|ifdef|ifndef|ifeval|endif|toc)::"
    ),
    described=re.compile(
        r":(?P<name>author|email|keywords|tags|subject|title|doctitle|date|revdate|lang):"
        r"[ \t]+(?P<value>\S.*)$"
    ),
    item=re.compile(r"^[ \t]*(?P<marks>\*{1,5}|-|\.{1,5})[ \t]+(?=\S)", re.MULTILINE),
    verbatim=re.compile(r"(?<![\w`])`{1,2}\+?(?P<text>[^`\n]{1,300}?)\+?`{1,2}(?![\w`])"),
    inline=(
        (re.compile(r"^\.(?=[^\s.])"), ""),
        (
            re.compile(
                r"(?:image|video|audio)::?[^\[\]\s]{1,300}\[([^\],]{0,300})[^\]\n]{0,300}\]"
            ),
            r"\1",
        ),
        (re.compile(r"(?:link|xref|mailto):[^\[\]\s]{1,300}\[([^\]\n]{1,300})\]"), r"\1"),
        (re.compile(r"(https?://[^\[\]\s]{1,300})\[\]"), r"\1"),
        (re.compile(r"https?://[^\[\]\s]{1,300}\[([^\]\n]{1,300})\]"), r"\1"),
        (re.compile(r"<<[^<>,\n]{1,200},([^<>\n]{1,300})>>"), r"\1"),
        (re.compile(r"<<#?([^<>\n]{1,200})>>"), r"\1"),
        (re.compile(r"footnote:[\w-]{0,40}\[([^\]\n]{1,1000})\]"), r" (\1)"),
        (re.compile(r"\[\[[^\[\]\n]{1,200}\]\]|\[[#.][^\[\]\n]{1,200}\](?=[#*_`])"), ""),
        (re.compile(r"\*\*([^*\n]{1,300})\*\*|__([^_\n]{1,300})__"), r"\1\2"),
        (re.compile(_MARKED.format(r"\*")), r"\1"),
        (re.compile(_MARKED.format("_")), r"\1"),
        (re.compile(_MARKED.format("#")), r"\1"),
        (re.compile(r"(\S):: (?=\S)"), r"\1: "),
        (re.compile(r" \+$", re.MULTILINE), ""),
    ),
    rows=_rows,
)


def read(source: Source) -> Iterator[Document]:
    """Yield the one document."""
    yield from read_light(source, MARKUP)


READER = Reader("asciidoc", (".adoc", ".asciidoc", ".asc"), read=read)
