"""Org mode: headings without their keywords and tags, source blocks and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memctl.ingest.document import Document
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.lightmarkup import Fence, Markup, bar_rows, read_light

_I = re.IGNORECASE


def _marked(sign: str) -> re.Pattern[str]:
    """Return the pattern of a word or more between two of ``sign``, over two lines at most."""
    inner = rf"(?=[^\s{sign}])((?:[^{sign}\n]|\n(?!\n)){{1,300}}?)(?<=\S)"
    return re.compile(rf"(?<![\w{sign}]){sign}{inner}{sign}(?![\w{sign}])")


MARKUP = Markup(
    re.compile(
        r"(?P<marks>\*+)[ \t]+(?:(?:TODO|DONE|NEXT|WAITING|CANCELL?ED)[ \t]+)?(?:\[#\w\][ \t]+)?"
        r"(?P<title>\S.{0,1000}?)(?:[ \t]+:[\w@#%:]+:)?[ \t]*$"
    ),
    fences=(
        Fence("code", re.compile(r"[ \t]*#\+begin_(src|example|export)\b", _I), ends=r"#+end_\1"),
        Fence("nothing", re.compile(r"[ \t]*#\+begin_(comment)\b", _I), ends=r"#+end_\1"),
        Fence(
            "nothing", re.compile(r"[ \t]*:(?:properties|logbook|clock):[ \t]*$", _I), ends=":end:"
        ),
    ),
    rules=re.compile(r"[ \t]*#(?!\+caption:)(?:\+|[ \t]|$)|-{5,}[ \t]*$", _I),
    described=re.compile(
        r"#\+(?P<name>title|author|email|date|keywords|filetags|subject|language):"
        r"[ \t]*(?P<value>\S.*)$",
        _I,
    ),
    item=re.compile(r"^[ \t]*(?P<marks>[-+])[ \t]+(?:\[[ Xx-]\][ \t]+)?(?=\S)"),
    verbatim=re.compile(r"(?<![\w=~])([=~])(?=\S)(?P<text>[^\n]{1,300}?)(?<=\S)\1(?![\w=~])"),
    inline=(
        (re.compile(r"^[ \t]*#\+caption:[ \t]*", _I | re.MULTILINE), ""),
        (re.compile(r"\[\[[^\[\]\n]{1,500}\]\[([^\[\]\n]{1,500})\]\]"), r"\1"),
        (re.compile(r"\[\[([^\[\]\n]{1,500})\]\]"), r"\1"),
        (re.compile(r"\[fn:[\w-]{0,40}:[ \t]?([^\[\]\n]{1,1000})\]"), r" (\1)"),
        (re.compile(r"\[fn:[\w-]{1,40}\]|<<[^<>\n]{1,200}>>"), ""),
        (_marked(r"\*"), r"\1"),
        (_marked("/"), r"\1"),
        (_marked("_"), r"\1"),
        (_marked(r"\+"), r"\1"),
        (re.compile(r"(\S) :: (?=\S)"), r"\1: "),
        (re.compile(r"\\\\$", re.MULTILINE), ""),
    ),
    rows=bar_rows,
    table_line=re.compile(r"[ \t]*\|"),
    code_line=re.compile(r"[ \t]*:(?:[ ]|$)"),
)


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; what it includes is not read."""
    yield from read_light(source, MARKUP)


READER = Reader("orgmode", (".org",), read=read)
