"""What the formats of Office share: relations between their parts, and properties."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.archive import Archive
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.titles import sane_title
from memctl.ingest.readers.xmlevents import Events, feed, local_of

_CORE = "docProps/core.xml"
_NAMED = {
    "creator": "author",
    "subject": "subject",
    "category": "category",
    "keywords": "keywords",
    "created": "created",
    "modified": "modified",
}
# Authors that a program or a template wrote.
_NOBODY = re.compile(
    r"python-docx|openpyxl|calc|apache poi|docx4j|xlsxwriter|unknown|author|user|пользователь"
    r"|(?:microsoft )?office user|пользователь microsoft office|windows user"
    r"|пользователь windows|admin|administrator|администратор",
    re.IGNORECASE,
)
_MOMENT = re.compile(
    r"([12]\d{3}(?:-[01]\d(?:-[0-3]\d(?:T\d\d:\d\d(?::\d\d)?)?)?)?)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?"
)


@dataclass(frozen=True, slots=True)
class Relation:
    """A part that another part refers to: ``kind`` is the last word of the relation's type."""

    id: str
    kind: str
    target: str


class _Relations(Events):
    """Collects what a part refers to inside the archive."""

    def __init__(self, folder: str) -> None:
        self.found: list[Relation] = []
        self._folder = folder

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take a relation; one that leads out of the archive is never followed."""
        if local_of(tag) == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = posixpath.join("/", self._folder, attributes.get("Target", ""))
            path = posixpath.normpath(target).lstrip("/")
            self.found.append(Relation(attributes.get("Id", ""), kind, path))


def relations(archive: Archive, part: str) -> list[Relation]:
    """Return what ``part`` refers to; the archive as a whole is the part without a name."""
    folder, file = posixpath.split(part)
    name = posixpath.join(folder, "_rels", f"{file}.rels")
    found = _Relations(folder)
    feed(archive.read(name), found, name=name)
    return found.found


def parts_by_kind(archive: Archive, part: str) -> dict[str, list[str]]:
    """Return the parts that ``part`` refers to by kind, each once and in the order of names."""
    found: dict[str, set[str]] = {}
    for relation in relations(archive, part):
        found.setdefault(relation.kind, set()).add(relation.target)
    return {kind: sorted(targets) for kind, targets in found.items()}


def main_part(archive: Archive, usual: str, *, kind: str) -> str:
    """Return the part that holds the document, which is called ``usual`` where nothing says so.

    Raises:
        UnreadableError: ``bad_format`` where the archive is no ``kind``.
    """
    found = parts_by_kind(archive, "").get("officeDocument", [])
    name = next((name for name in found if name in archive.names), usual)
    if name not in archive.names:
        raise UnreadableError("bad_format", f"a ZIP archive, but not {kind}")
    return name


class _Core(Events):
    """Collects the words of each property."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._name = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: ARG002  an event
        """Listen inside a property."""
        self._name = local_of(tag)

    def end(self, tag: str) -> None:  # noqa: ARG002  an event
        """Listen no more."""
        self._name = ""

    def data(self, text: str) -> None:
        """Take the words."""
        if self._name:
            self.found[self._name] = self.found.get(self._name, "") + text


def describe(archive: Archive, builder: TextBuilder) -> str:
    """Add the properties of the document to ``builder``, and return its title.

    Damaged properties are noted: the text beside them is read all the same.
    """
    core = _Core()
    try:
        found = parts_by_kind(archive, "").get("core-properties", [])
        name = next((name for name in found if name in archive.names), _CORE)
        feed(archive.read(name), core, name=name)
    except UnreadableError as error:
        builder.note("missing_part", f"its properties were not read: {error}")
        return ""
    for property_, name in _NAMED.items():
        builder.describe(name, *_values(name, core.found.get(property_, "")))
    return sane_title(core.found.get("title", ""))


def _values(name: str, text: str) -> list[str]:
    text = text.strip()
    if name in {"created", "modified"}:
        return [moment(text)]
    if name == "author":
        return people(text)
    return re.split("[,;\n]", text) if name == "keywords" else [text]


def moment(text: str) -> str:
    """Return a date, or a date and time, of ISO 8601 without parts of seconds; else nothing."""
    match = _MOMENT.fullmatch(text.strip())
    return match.group(1) + (match.group(2) or "") if match else ""


def people(text: str) -> list[str]:
    """Return the names in a property that holds authors; a program's or a template's is none."""
    names = [name.strip() for name in text.split(";")]
    return [name for name in names if name and not _NOBODY.fullmatch(name)]
