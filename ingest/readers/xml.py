"""XML: articles with their sections, the items of feeds, and records with the names of fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from memctl.ingest.document import Document
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.textual import begin, raw_text_of
from memctl.ingest.readers.xmlfeed import FEEDS, put_feed
from memctl.ingest.readers.xmltree import Element, parse

_DECLARED = re.compile(rb"^\s*<\?xml[^<>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{2,40})[\"']")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

_TITLES = frozenset("title head heading article-title bridgehead".split())
_SECTIONS = frozenset(
    "sec section chapter part appendix div div1 div2 div3 sect1 sect2 sect3 sect4 abstract ack app "
    "ref-list bibliography preface book topic simplesect boxed-text".split()
)
# Names that say nothing of what the element holds.
_PROSE = frozenset(
    "p para simpara l ab item li dd dt td th entry caption label body text content seg s u unit "
    "line note abstract paragraph mixed-citation citation element-citation bibl quote value string "
    "subtitle trans-title license-p comment".split()
)
_CODE = frozenset("programlisting screen literallayout pre codeblock preformat sourcecode".split())
_TABLES = frozenset(("table", "informaltable", "tgroup"))
_DROPPED = frozenset(
    "tex-math graphic inline-graphic media object-id style script pub-id journal-id counts "
    "article-categories".split()
)
_SILENT = frozenset(
    "id class style lang space schemaLocation noNamespaceSchemaLocation href article-type "
    "orientation position dtd-version".split()
)
_BREAKS = frozenset(
    "p para title label item li list-item def-item row tr td th entry caption sec br "
    "surname year source volume fpage lpage person-group name string-name article-title".split()
)
_LONGEST_NAMED = 300  # characters of a value that stands behind the name of its field


def read(source: Source) -> Iterator[Document]:
    """Yield the one document.

    Raises:
        UnreadableError: ``bomb`` where entities are declared; nothing outside is ever read.
    """
    data = source.read_bytes()
    declared = _DECLARED.match(data[:1024])
    raw, notes = raw_text_of(data, declared=declared[1].decode() if declared else None)
    root, wrong = parse(_CONTROLS.sub(" ", raw).removeprefix("\ufeff").lstrip())
    builder = begin(notes)
    if wrong:
        builder.note("bad_format", wrong)
    title = put_feed(builder, root) if root.tag in FEEDS else _put_article(builder, root)
    yield builder.build(source, title=title)


def _put_article(builder: TextBuilder, root: Element) -> str:
    for group in root.every("contrib", "author", "creator"):
        builder.describe("author", _name_of(group))
    for words in root.every("kwd", "keyword"):
        builder.describe("keywords", text_of(words))
    for subject in root.every("subject"):
        builder.describe("subject", text_of(subject))
    for date in root.every("pub-date"):
        builder.describe("date", _date_of(date))
        break
    _Walk(builder).inside(root, 1)
    found = next(root.every("article-title", "title"), None)
    return text_of(found) if found is not None and root.tag in {"article", "book", "TEI"} else ""


def _name_of(contributor: Element) -> str:
    name = next(contributor.every("name", "string-name", "collab", "persName"), contributor)
    parts = (name.find("given-names", "forename", "firstname"), name.find("surname", "lastname"))
    both = " ".join(text_of(part) for part in parts if part is not None)
    return both or text_of(name)


def _date_of(date: Element) -> str:
    found = (date.find(name) for name in ("year", "month", "day"))
    parts = [text_of(part).zfill(2) for part in found if part is not None]
    return "-".join(parts) or text_of(date)


def text_of(element: Element) -> str:
    """Return all text in ``element`` in one line."""
    return " ".join("".join(_texts(element)).split())


def _texts(element: Element) -> Iterator[str]:
    for part in element.parts:
        if isinstance(part, str):
            yield part
        elif part.tag not in _DROPPED:
            apart = " " if part.tag in _BREAKS else ""
            yield apart
            yield from _texts(part)
            yield apart


# Elements that are one line, whatever is in them.
_LINES: dict[str, Callable[[Element], str]] = {
    **dict.fromkeys(("ref", "biblioentry", "biblStruct", "bibl", "name"), text_of),
    **dict.fromkeys(("contrib", "personname"), _name_of),
    **dict.fromkeys(("pub-date", "date"), _date_of),
}


def _is_record(element: Element) -> bool:
    """Say whether ``element`` holds fields: leaves with text, of which one or more has a name."""
    fields = list(element.children)
    return (
        len(fields) > 1
        and all(field.is_mixed and not any(field.children) for field in fields)
        and not all(field.tag in _PROSE | _TITLES for field in fields)
        and not any(field.tag == "article-title" for field in fields)
        and "pub-id-type" not in fields[0].attributes
    )


class _Walk:
    """Puts elements: sections under headings, prose as paragraphs, short leaves as named lines."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._lines: list[str] = []

    def inside(self, element: Element, level: int) -> None:
        """Put what is directly in ``element``, whose title is a heading of ``level``."""
        self._line_of_attributes(element)
        if _is_record(element):
            self._lines.extend(f"{child.tag}: {text_of(child)}" for child in element.children)
        else:
            for child in element.children:
                self._put(child, level)
        self._flush()

    def _put(self, element: Element, level: int) -> None:
        tag = element.tag
        if tag in _DROPPED:
            return
        if tag in _TITLES:
            self._flush()
            self._builder.heading(level, text_of(element))
        elif tag in _CODE or tag in _TABLES:
            self._flush()
            self._put_block(element)
        elif tag in _LINES:
            self._lines.append(_LINES[tag](element))
        elif element.is_mixed or not element.parts:
            self._put_leaf(element)
        else:
            self._flush()
            self.inside(element, level + (tag in _SECTIONS))

    def _put_leaf(self, element: Element) -> None:
        text = text_of(element)
        simple = element.tag not in _PROSE and len(text) <= _LONGEST_NAMED
        if not text:
            self._line_of_attributes(element)
        elif simple and not any(True for _ in element.children):
            name = element.attributes.get("pub-id-type", element.tag)
            self._lines.append(f"{name}: {text}")
        else:
            self._flush()
            self._builder.paragraph(text)

    def _put_block(self, element: Element) -> None:
        if element.tag in _CODE:
            self._builder.code("".join(_texts(element)))
            return
        rows = element.every("tr", "row")
        self._builder.table([text_of(cell) for cell in row.children] for row in rows)

    def _line_of_attributes(self, element: Element) -> None:
        shown = [
            f"{name.rpartition('}')[2]}: {value.strip()}"
            for name, value in element.attributes.items()
            if value.strip() and name.rpartition("}")[2] not in _SILENT
        ]
        if shown and element.tag not in _PROSE:
            self._lines.append("; ".join(shown))

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        self._builder.paragraph("\n".join(lines))


READER = Reader("xml", (".xml", ".nxml", ".rss"), read=read)
