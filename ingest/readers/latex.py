"""LaTeX source: sections as headings, comments with their sign, formulas as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memctl.ingest.document import Document
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.latextext import plain
from memctl.ingest.readers.textual import begin, text_of

_SECTIONS = {
    "part": 1,
    "chapter": 1,
    "section": 1,
    "subsection": 2,
    "subsubsection": 3,
    "paragraph": 4,
    "subparagraph": 5,
}
_CODE = "verbatim|Verbatim|lstlisting|minted|alltt|code|BVerbatim|LVerbatim"
_TABLES = "tabular|tabularx|tabulary|longtable|supertabular|array"
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*(?:\n[ \t]*(?=\S))?")
# What an author notes in words; commands that are out of use and lines of signs are no words.
_REMARK = re.compile(r"(?<!\\)(?:\\\\)*%+[ \t]*([^\n\\%!{}]*\w[^\n\\%!{}]*)(?=\n|$)")
_HEADING = re.compile(
    r"\\(part|chapter|section|subsection|subsubsection|paragraph|subparagraph)\*?[ \t]*"
    r"(?:\[[^\]]{0,500}\])?[ \t]*\{"
)
_BEGIN = re.compile(rf"\\begin[ \t]*\{{({_CODE}|(?:{_TABLES})|comment)(\*?)\}}")
_ABOUT = re.compile(r"\\(title|author|date|keywords)[ \t]*(?:\[[^\]]{0,500}\])?[ \t]*\{")
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_ROW_END = re.compile(r"\\\\(?:\[[^\]\n]{0,40}\])?|\\tabularnewline\b")
_RULES = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|endfoot|endlastfoot)\b"
    r"|\\c(?:line|midrule)(?:\([^)]{0,20}\))?\{[^{}]{0,40}\}"
)
_SPANNING = re.compile(r"\\multi(?:column|row)\{[^{}]{0,40}\}\{[^{}]{0,80}\}")
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_LONGEST_TITLE = 2_000


def read(source: Source) -> Iterator[Document]:
    r"""Yield the one document; ``\input`` and ``\include`` are not followed."""
    text, notes = text_of(source)
    reading = _Reading(begin(notes))
    preamble, start, body = text.partition("\\begin{document}")
    if start:
        reading.describe(_COMMENT.sub(r"\1", preamble))
        reading.remarks(preamble)
        body = body.partition("\\end{document}")[0]
    else:
        body = text
    reading.read(body)
    yield reading.builder.build(source, title=reading.title)


class _Reading:
    """Goes through the source: code and tables by their environments, headings, paragraphs."""

    def __init__(self, builder: TextBuilder) -> None:
        self.builder = builder
        self.title = ""

    def describe(self, text: str) -> None:
        for match in _ABOUT.finditer(text):
            value = _argument(text, match.end())
            if match[1] == "title":
                self.title = plain(value)
            elif match[1] == "author":
                authors = re.split(r"\\and\b|\\\\", value)
                self.builder.describe("author", *map(plain, authors))
            else:
                self.builder.describe(match[1], plain(value))

    def read(self, body: str) -> None:
        at = 0
        for opening in _BEGIN.finditer(body):
            if opening.start() < at:
                continue
            name = opening[1] + opening[2]
            before = body[at : opening.start()]
            if "%" in before.rpartition("\n")[2].replace("\\%", ""):
                continue
            end = body.find(f"\\end{{{name}}}", opening.end())
            if end < 0:
                break
            self._prose(before)
            self._environment(opening[1], body[opening.end() : end])
            at = end + len(f"\\end{{{name}}}")
        self._prose(body[at:])

    def _environment(self, name: str, inner: str) -> None:
        if name in _CODE.split("|"):
            self.builder.code(re.sub(r"^(?:\[[^\]\n]*\]|\{[^}\n]*\})*[ \t]*\n", "", inner))
        elif name != "comment":
            self.builder.table(self._rows(inner))

    def _rows(self, inner: str) -> Iterator[list[str]]:
        inner = _COMMENT.sub(r"\1", inner)
        inner = re.sub(r"^[ \t]*(?:\[[^\]\n]*\])?", "", inner)
        while inner.startswith("{"):  # the widths and the columns
            inner = inner[1 + len(_argument(inner, 1)) + 1 :].lstrip(" \t")
        inner = _SPANNING.sub("", _RULES.sub("", inner))
        for row in _ROW_END.split(inner):
            yield [plain(cell) for cell in re.split(r"(?<!\\)&", row)]

    def remarks(self, text: str) -> None:
        """Add the comments of ``text`` that are words, each in a line with its sign."""
        found = (match[1].strip() for match in _REMARK.finditer(text))
        self.builder.paragraph("\n".join(f"% {remark}" for remark in found if " " in remark))

    def _prose(self, text: str) -> None:
        remarks = text
        text = _COMMENT.sub(r"\1", text)
        if "\\maketitle" in text or not self.title:
            self.describe(text)
        at = 0
        for match in _HEADING.finditer(text):
            if match.start() < at:
                continue
            self._paragraphs(text[at : match.start()])
            title = _argument(text, match.end())
            self.builder.heading(_SECTIONS[match[1]], plain(title))
            at = match.end() + len(title) + 1
        self._paragraphs(text[at:])
        self.remarks(remarks)

    def _paragraphs(self, text: str) -> None:
        for part in _PARAGRAPHS.split(text):
            self.builder.paragraph(plain(part))


def _argument(text: str, start: int) -> str:
    """Return what stands from ``start`` to the brace that closes it, or 2,000 characters on."""
    depth = 1
    limit = min(len(text), start + _LONGEST_TITLE)
    for brace in _BRACES.finditer(text, start, limit):
        depth += (brace[0] == "{") - (brace[0] == "}")
        if not depth:
            return text[start : brace.start()]
    end = text.find("\n", start, limit)
    return text[start : limit if end < 0 else end]


READER = Reader("latex", (".tex", ".latex", ".ltx"), read=read)
