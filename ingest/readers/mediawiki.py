"""MediaWiki source: headings, tables, the fields of templates; links give their wording."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from memctl.ingest.document import Document
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.lightmarkup import Fence, Markup, cut_out, expand, read_light, shield

_I = re.IGNORECASE
_CODE = re.compile(r"<(/?)(pre|syntaxhighlight|source|haskell|poem)\b[^<>]{0,200}>", _I)
_VERBATIM = re.compile(r"<(nowiki|math|code|tt)\b[^<>/]{0,200}>([^<]{0,2000})</\1\s*>", _I)
_REF = re.compile(r"<ref\b[^<>]{0,300}(?:/>|>([^<]{0,3000})</ref\s*>)", _I)
_PARAMETER = re.compile(r"\{\{\{[^{}|]{0,200}\|?([^{}]{0,500})\}\}\}")
_FILE = re.compile(r"(?:file|image|media|файл|изображение|archivo|datei|fichier):", _I)
_CATEGORY = re.compile(r":?(?:category|категория):", _I)
_CITED = re.compile(r"(?:cite|citation|книга|статья|публикация)\b", _I)
# Templates that print what they are given last.
_PRINTED = re.compile(r"(?:lang|язык|nowrap|nobr|small|big|s|abbr|translit?)\b", _I)
_OPTION = re.compile(
    r"(?:thumb|thumbnail|мини|frame|frameless|border|left|right|center|none|слева|справа|центр"
    r"|upright.*|\d*x?\d+\s*(?:px|пкс)|\w+\s*=.*)$",
    _I,
)
_CELL_STYLE = re.compile(r"^[^|\[\]{}]{0,300}\|(?!\|)")


def _prepare(text: str, builder: TextBuilder) -> str:
    """Resolve what is bracketed; the categories become key words."""

    def link(inner: str) -> str:
        target, *rest = inner.split("|")
        if _FILE.match(target.strip()):
            captions = [part for part in rest if not _OPTION.match(part.strip())]
            return captions[-1].strip() if captions else ""
        if found := _CATEGORY.match(target.strip()):
            builder.describe("keywords", target.strip()[found.end() :])
            return ""
        shown = rest[-1] if rest else target.lstrip(":#")
        return shown or target.rpartition(":")[2]

    text = cut_out(text, "<!--", "-->")
    text = _shield_code(text)
    text = _VERBATIM.sub(lambda match: shield(match[2]), text)
    text = expand(_PARAMETER.sub(r"\1", text), ("{{", "}}"), _template)
    text = expand(text, ("[[", "]]"), link)
    return re.sub(r"^\|\}(?=.)", "|}\n", text, flags=re.MULTILINE)


def _shield_code(text: str) -> str:
    """Put what stands between two tags for code on lines of its own; one pass."""
    kept: list[str] = []
    at, open_tag = 0, ""
    for tag in _CODE.finditer(text):
        closing, name = tag[1], tag[2].lower()
        if not open_tag and not closing:
            kept.append(text[at : tag.start()])
            at, open_tag = tag.end(), name
        elif closing and name == open_tag:
            kept.append(f"\n<pre>\n{shield(text[at : tag.start()])}\n</pre>\n")
            at, open_tag = tag.end(), ""
    return "".join(kept) + text[at:]


def _template(inner: str) -> str:
    """Return the named values of a template over several lines, or the text that it prints."""
    name, *parts = inner.split("|")
    pairs = [part.partition("=") for part in parts]
    named = [(key.strip(), value.strip()) for key, sign, value in pairs if sign]
    if _CITED.match(name.strip()):
        titles = {"title", "заглавие", "заголовок", "author", "автор", "last", "year", "год"}
        return ", ".join(value for key, value in named if key in titles and value)
    if named and "\n" in inner:
        lines = (f"{key}: {' '.join(value.split())}" for key, value in named if value)
        return "\n\n" + "\n".join(lines) + "\n\n"
    return parts[-1] if parts and _PRINTED.match(name.strip()) else ""


def _rows(lines: list[str]) -> list[list[str]]:
    rows: list[list[str]] = [[]]
    for line in (line.strip() for line in lines):
        if line.startswith("|-"):
            rows.append([])
        elif line.startswith("|+"):
            rows[-1:] = [[line[2:]], []]
        elif line.startswith(("{|", "|}")):
            continue
        elif line.startswith(("|", "!")):
            cells = re.split(r"\|\||!!" if line[0] == "!" else r"\|\|", line[1:])
            rows[-1].extend(_CELL_STYLE.sub("", cell).strip() for cell in cells)
        elif rows[-1]:
            rows[-1][-1] += " " + line
        else:
            rows[-1].append(line)
    return rows


MARKUP = Markup(
    re.compile(r"(?P<marks>={1,6})(?!=)[ \t]*(?P<title>[^\n]{1,500}?)[ \t]*(?P=marks)[ \t]*$"),
    fences=(
        Fence("code", re.compile(r"<(pre)>$", _I), ends=r"</\1>"),
        Fence("table", re.compile(r"[ \t:]*\{\|"), ends="|}", nests=True),
    ),
    rules=re.compile(r"-{4,}[ \t]*$|__[A-ZА-Я]+__[ \t]*$"),
    described=re.compile(r"\{\{(?P<name>displaytitle):(?P<value>[^{}]+)\}\}", _I),
    item=re.compile(r"^(?P<marks>[*#:;]{1,9})[ \t]*(?=\S)"),
    verbatim=re.compile(r"(?P<text>)(?!)"),
    inline=(
        (re.compile(r"\[(?:https?|ftp)://[^\s\[\]]{1,500}[ \t]+([^\[\]\n]{1,500})\]"), r"\1"),
        (_REF, r" (\1)"),
        (re.compile(r" \(\s*\)"), ""),
        (re.compile(r"\[((?:https?|ftp)://[^\s\[\]]{1,500})\]"), r"\1"),
        (re.compile(r"\[mailto:[^\s\[\]]{1,300}[ \t]+([^\[\]\n]{1,300})\]"), r"\1"),
        (re.compile(r"<(?:br|hr)\b[^<>]{0,100}>", _I), "\n"),
        (re.compile(r"</?[a-z][a-z0-9]*\b[^<>]{0,500}>", _I), ""),
        (re.compile("'{2,5}"), ""),
    ),
    rows=_rows,
    code_line=re.compile(r"[ ](?=[ ]*[^\s<])"),
    prepare=_prepare,
    finish=html.unescape,
)


def read(source: Source) -> Iterator[Document]:
    """Yield the one document."""
    yield from read_light(source, MARKUP)


READER = Reader("mediawiki", (".wiki", ".mediawiki"), read=read)
