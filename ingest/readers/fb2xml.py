"""The text of a FictionBook (2.1), taken from the events of its XML."""

from __future__ import annotations

from dataclasses import dataclass, field

from memctl.ingest.readers.items import Item
from memctl.ingest.readers.xmlevents import Events, local_of, value_of

_LINES = frozenset("p v subtitle text-author".split())
_NAMES = ("first-name", "middle-name", "last-name", "nickname")
# What is said of the book in one word or line; of the file and of the original it is left out.
_SAID = {
    "book-title": "title",
    "genre": "tags",
    "keywords": "keywords",
    "lang": "language",
    "publisher": "publisher",
    "year": "year",
}
_OTHER = frozenset("document-info src-title-info custom-info output binary stylesheet".split())


@dataclass(slots=True)
class _Line:
    """A line that is open, and where: in a title, in a stanza."""

    words: list[str] = field(default_factory=list[str])


class Book(Events):
    """Collects the items of a book and what is said of it; ``is_book`` tells it from others.

    The notes of a book are a body of their own, in which the titles are numbers: no headings.
    """

    def __init__(self) -> None:
        self.is_book = False
        self.items: list[Item] = []
        self.said: dict[str, list[str]] = {}
        self._skipped = 0
        self._told = False  # inside the description
        self._depth = 0
        self._is_notes = False
        self._title: list[str] | None = None
        self._stanza: list[str] | None = None
        self._line: _Line | None = None
        self._rows: list[list[str]] | None = None
        self._person: dict[str, str] = {}
        self._name = ""

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        """Take no offence: what it would declare was looked for before."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        name = local_of(tag)
        if self._skipped or name in _OTHER or _is_mark(name, attributes):
            self._skipped += 1
        elif name == "FictionBook" or name == "fictionbook":
            self.is_book = True
        elif name == "description":
            self._told = True
        elif name in {"body", "section"}:
            self._start_section(name, attributes)
        elif name in _LINES or name in {"td", "th"}:
            self._end_line(name)  # in broken XML it may be open still
            self._line = _Line()
        elif not self._start_block(name) and self._told:
            self._start_said(name, attributes)

    def end(self, tag: str) -> None:
        """An element closes."""
        name = local_of(tag)
        if self._skipped:
            self._skipped -= 1
        elif name == "description":
            self._told = False
        elif name == "section":
            self._depth -= 1
        elif name in _LINES or name in {"td", "th"}:
            self._end_line(name)
        elif not self._end_block(name) and self._told:
            self._end_said(name)

    def data(self, text: str) -> None:
        """Text between tags: that of lines, and of what is said of the book."""
        if self._skipped:
            return
        if self._line is not None:
            self._line.words.append(text)
        elif self._told and self._name in _NAMES:
            self._person[self._name] = self._person.get(self._name, "") + text
        elif self._told and self._name in _SAID:
            self.said.setdefault(_SAID[self._name], [""])[-1] += text

    def _start_section(self, name: str, attributes: dict[str, str]) -> None:
        if name == "section":
            self._depth += 1
        else:
            self._depth = 0
            self._is_notes = bool(value_of(attributes, "name"))

    def _start_block(self, name: str) -> bool:
        if name == "title" and not self._told and self._stanza is None:
            self._title = []
        elif name == "stanza":
            self._stanza = []
        elif name == "poem":
            self._depth += 1
        elif name == "table":
            self._rows = []
        elif name == "tr" and self._rows is not None:
            self._rows.append([])
        else:
            return False
        return True

    def _end_block(self, name: str) -> bool:
        if name == "title" and self._title is not None:
            lines, self._title = self._title, None
            level = 0 if self._is_notes else self._depth + 1
            self.items.append(Item(" ".join(lines) if level else "\n".join(lines), level=level))
        elif name == "stanza" and self._stanza is not None:
            lines, self._stanza = self._stanza, None
            self.items.append(Item("\n".join(lines)))
        elif name == "poem":
            self._depth -= 1
        elif name == "table" and self._rows is not None:
            rows, self._rows = self._rows, None
            self.items.append(Item("", rows=tuple(map(tuple, rows))))
        else:
            return False
        return True

    def _end_line(self, name: str) -> None:
        if self._line is None:
            return
        text = " ".join("".join(self._line.words).split())
        self._line = None
        if name in {"td", "th"}:
            if self._rows:
                self._rows[-1].append(text)
        elif self._title is not None:
            self._title.append(text)
        elif self._stanza is not None:
            self._stanza.append(text)
        else:
            self.items.append(Item(text))

    def _start_said(self, name: str, attributes: dict[str, str]) -> None:
        self._name = name
        if name in {"author", "translator"}:
            self._person = {}
        elif name in _SAID:
            self.said.setdefault(_SAID[name], []).append("")
        elif name == "date":
            self.said.setdefault("date", []).append(attributes.get("value", ""))
        elif name == "sequence":
            words = (attributes.get("name", ""), attributes.get("number", ""))
            self.said.setdefault("series", []).append(" ".join(filter(None, words)))

    def _end_said(self, name: str) -> None:
        self._name = ""
        if name in {"author", "translator"}:
            parts = (self._person.get(part, "").strip() for part in _NAMES)
            self.said.setdefault(name, []).append(" ".join(filter(None, parts)))


def _is_mark(name: str, attributes: dict[str, str]) -> bool:
    """Say whether an element is the number of a note, which would run into the word before it."""
    return name == "a" and value_of(attributes, "type") == "note"
