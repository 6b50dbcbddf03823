"""The parts of an e-book around its chapters (EPUB 3.3, OPF 2.0): what it is, and their order."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from urllib.parse import unquote

from memctl.ingest.readers.xmlevents import Events, local_of

# Fonts that are only made unreadable for others; a book with these can be read.
_HIDDEN_FONTS = frozenset(("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"))
_NAMED = {
    "title": "title",
    "creator": "author",
    "subject": "subject",
    "language": "language",
    "date": "date",
    "publisher": "publisher",
}


class Tolerant(Events):
    """Events of XML in which a document type is usual; that it declares nothing is known."""

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        """Take no offence."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the book, by its place in the archive."""

    path: str
    kind: str
    is_contents: bool


class Package(Tolerant):
    """Collects what the package document says; ``folder`` is the one that it lies in."""

    def __init__(self, folder: str) -> None:
        self.said: dict[str, list[str]] = {}
        self.entries: dict[str, Entry] = {}
        self.spine: list[str] = []
        self._folder = folder
        self._name = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take a file, its place in the order, or a property."""
        name = local_of(tag)
        self._name = ""
        if name == "item":
            kind = attributes.get("media-type", "")
            contents = "nav" in attributes.get("properties", "").split() or "ncx" in kind
            path = resolved(self._folder, attributes.get("href", ""))
            self.entries[attributes.get("id", "")] = Entry(path, kind, contents)
        elif name == "itemref":
            self.spine.append(attributes.get("idref", ""))
        elif name in _NAMED:
            self._name = _NAMED[name]
            self.said.setdefault(self._name, []).append("")

    def end(self, tag: str) -> None:  # noqa: ARG002  an event
        """A property ends."""
        self._name = ""

    def data(self, text: str) -> None:
        """Take the words of a property."""
        if self._name:
            self.said[self._name][-1] += text

    def chapters(self) -> list[Entry]:
        """Return what is to be read, in its order and each file once; pictures are not."""
        named = (self.entries[name] for name in self.spine if name in self.entries)
        return list(dict.fromkeys(entry for entry in named if _is_text(entry)))


def _is_text(entry: Entry) -> bool:
    return "html" in entry.kind or entry.path.lower().endswith((".html", ".htm", ".xhtml", ".xml"))


class Container(Tolerant):
    """Finds the place of the package document."""

    def __init__(self) -> None:
        self.path = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the first one that is named."""
        if local_of(tag) == "rootfile" and not self.path:
            self.path = resolved("", attributes.get("full-path", ""))


class Encryption(Tolerant):
    """Collects the places of files that are locked."""

    def __init__(self) -> None:
        self.locked: set[str] = set()
        self._is_font = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take how a file is encrypted, and which."""
        name = local_of(tag)
        if name == "EncryptedData":
            self._is_font = False
        elif name == "EncryptionMethod" and attributes.get("Algorithm") in _HIDDEN_FONTS:
            self._is_font = True
        elif name == "CipherReference" and not self._is_font:
            self.locked.add(resolved("", attributes.get("URI", "")))


class Contents(Tolerant):
    """Collects the names of the chapters by their files, from either form of the contents."""

    def __init__(self, folder: str) -> None:
        self.names: dict[str, str] = {}
        self._folder = folder
        self._target = ""
        self._words: list[str] = []
        self._listening = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A name begins: that of a link, or of a point; the target of a point follows it."""
        name = local_of(tag)
        if name in {"a", "navLabel"}:
            self._words.clear()
            self._listening = True
            self._target = attributes.get("href", "")
        elif name == "content":
            self._keep(attributes.get("src", ""))

    def end(self, tag: str) -> None:
        """A name ends."""
        name = local_of(tag)
        if name in {"a", "navLabel"}:
            self._listening = False
        if name == "a" and self._target:
            self._keep(self._target)

    def data(self, text: str) -> None:
        """Take the words of a name."""
        if self._listening:
            self._words.append(text)

    def _keep(self, target: str) -> None:
        words = " ".join("".join(self._words).split())
        if words and target:
            self.names.setdefault(resolved(self._folder, target), words)


def resolved(folder: str, target: str) -> str:
    """Return the place in the archive that ``target`` leads to from ``folder``."""
    path = unquote(target.partition("#")[0])
    return posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")
