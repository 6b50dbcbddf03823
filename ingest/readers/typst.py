"""Typst: headings and prose; of what is computed, the pieces of text that are written out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memctl.ingest.document import Document
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.lightmarkup import Fence, Markup, bar_rows, cut_out, read_light, shield

_RAW = re.compile(r"[ \t]*(`{3,})[\w+-]*[ \t]*$")
_COMMENT = re.compile(r"(?<![:\\])//[^\n]*")
_COMMAND = re.compile(r"#(?:(let|set|show|import|include)\b|[A-Za-z][\w.-]*)")
_TOKEN = re.compile(r"[()\[\]{}\n]|\"(?:[^\"\\\n]|\\.)*\"")
_LONGEST = 1_000  # characters of one command
_NAMED = re.compile(r"(title|author|keywords|date)\s*:\s*\(?\s*((?:\"[^\"\n]*\"[,\s]*)+)")
_QUOTED = re.compile(r"\"([^\"\n]*)\"")
_COLUMNS = re.compile(r"columns\s*:\s*(\d+|\([^()]*\))")


def _prepare(text: str, _: TextBuilder) -> str:
    """Drop comments and commands; a call leaves the content that it is given in brackets."""
    text = _COMMENT.sub("", cut_out(_shield_code(text), "/*", "*/"))
    kept: list[str] = []
    at = 0
    for command in _COMMAND.finditer(text):
        if command.start() < at:
            continue
        kept.append(text[at : command.start()])
        if command[1]:
            at = _line_end(text, command.end())
            kept.append(_about(text[command.start() : at]))
        elif text[command.end() : command.end() + 1] == "(":
            at = _closing(text, command.end())
            call = text[command.start() : at]
            kept.append("" if text.startswith("[", at) else _contents(call, command[0]))
        else:
            at = (
                command.end() if text[command.end() : command.end() + 1] == "[" else command.start()
            )
    kept.append(text[at:])
    return "".join(kept)


def _shield_code(text: str) -> str:
    lines = text.split("\n")
    ticks = ""
    for at, line in enumerate(lines):
        fence = _RAW.match(line)
        if ticks and line.strip() == ticks:
            lines[at], ticks = "```", ""
        elif ticks:
            lines[at] = shield(line)
        elif fence:
            lines[at], ticks = "```", fence[1]
    return "\n".join(lines)


def _line_end(text: str, start: int) -> int:
    """Return where the line ends that no bracket holds open, or else the line itself."""
    depth = 0
    for token in _TOKEN.finditer(text, start, min(len(text), start + _LONGEST)):
        if token[0] == "\n" and depth <= 0:
            return token.start()
        depth += (token[0] in "([{") - (token[0] in ")]}")
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _closing(text: str, start: int) -> int:
    """Return where the bracket at ``start`` has been closed, or ``start`` if it is not."""
    depth = 0
    for token in _TOKEN.finditer(text, start, min(len(text), start + _LONGEST)):
        depth += (token[0] in "([{") - (token[0] in ")]}")
        if depth == 0:
            return token.end()
    return start


def _contents(call: str, name: str) -> str:
    """Return what a call is given in brackets; of a table, a row a line."""
    found: list[str] = []
    at, depth = 0, 0
    for token in _TOKEN.finditer(call):
        if token[0] == "[":
            at = at if depth else token.end()
            depth += 1
        elif token[0] == "]" and depth:
            depth -= 1
            if not depth:
                found.append(" ".join(call[at : token.start()].split()))
    if not found and name == "#link":
        return "".join(_QUOTED.findall(call)[:1])
    columns = _COLUMNS.search(call)
    if "table(" in call or "grid(" in call:
        width = _width(columns[1]) if columns else 1
        rows = [found[at : at + width] for at in range(0, len(found), width)]
        return "\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n\n"
    return " ".join(found)


def _width(columns: str) -> int:
    return max(int(columns[:4]), 1) if columns.isdigit() else columns.strip("(), ").count(",") + 1


def _about(command: str) -> str:
    """Return what a document says of itself as lines of a name and a value."""
    if not command.startswith("#set document"):
        return ""
    return "".join(
        f"#:{name}: {value}\n"
        for name, values in _NAMED.findall(command)
        for value in _QUOTED.findall(values)
    )


MARKUP = Markup(
    re.compile(r"(?P<marks>={1,6})[ \t]+(?P<title>\S.{0,1000}?)[ \t]*(?:<[\w:.-]+>)?[ \t]*$"),
    fences=(Fence("code", re.compile(r"(`{3})[\w+-]*[ \t]*$"), ends=r"\1"),),
    rules=re.compile(r"\\[ \t]*$"),
    described=re.compile(r"#:(?P<name>\w+): (?P<value>.*)"),
    item=re.compile(r"^[ \t]*(?P<marks>[-+/])[ \t]+(?=\S)"),
    verbatim=re.compile(r"`(?P<text>[^`\n]{1,500})`"),
    inline=(
        (re.compile(r"[ \t]*<[A-Za-z][\w:.-]{0,80}>(?=\s|$)"), ""),
        (re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*\n]{1,500})\*(?![\w*])"), r"\1"),
        (re.compile(r"(?<![\w_\\])_(?=[^\s_])([^_\n]{1,500})_(?![\w_])"), r"\1"),
        (re.compile(r"(?<!\\)\[([^\[\]\n]{1,500})\]"), r"\1"),
        (re.compile(r"[ \t]\\$", re.MULTILINE), ""),
        (re.compile(r"\\([*_`#$@<>\[\]\\])"), r"\1"),
        (re.compile(r"(?<!-)---(?!-)"), "—"),
        (re.compile(r"(?<=\w)~(?=\w)"), "\u00a0"),
    ),
    rows=bar_rows,
    table_line=re.compile(r"[ \t]*\|.*\|[ \t]*$"),
    prepare=_prepare,
)


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; its formulas stay as they are written, and no file is included."""
    yield from read_light(source, MARKUP)


READER = Reader("typst", (".typ",), read=read)
