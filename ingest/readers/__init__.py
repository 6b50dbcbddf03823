"""Readers: one file format each, found by a file's name and checked by its first bytes."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.text import shown_bytes

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["GROUP", "HEAD", "SUFFIXES", "Reader", "Source", "reader_for", "suffix_of"]

# The bytes that a caller hands over to have a file recognised.
HEAD = 1024
# The entry points under which other packages offer a Reader; the name is the suffix that
# it is for, as in: epub = "package.module:READER".
GROUP = "memctl.readers"

# Which module reads what, so that only the module that is needed is imported.
_MODULES = {
    ".adoc": "asciidoc",
    ".asc": "asciidoc",
    ".asciidoc": "asciidoc",
    ".ass": "subtitles",
    ".bash": "code",
    ".bz2": "packed",
    ".c": "code",
    ".cc": "code",
    ".cfg": "plain",
    ".conf": "plain",
    ".cpp": "code",
    ".cs": "code",
    ".csv": "tables",
    ".cxx": "code",
    ".docm": "docx",
    ".docx": "docx",
    ".eml": "eml",
    ".epub": "epub",
    ".fb2": "fb2",
    ".fb2.zip": "fb2",
    ".go": "code",
    ".gz": "packed",
    ".h": "code",
    ".hh": "code",
    ".hpp": "code",
    ".htm": "html",
    ".html": "html",
    ".ini": "plain",
    ".ipynb": "notebook",
    ".java": "code",
    ".js": "code",
    ".json": "json",
    ".jsonl": "jsonlines",
    ".jsonl.gz": "jsonlines",
    ".jsx": "code",
    ".kt": "code",
    ".latex": "latex",
    ".log": "plain",
    ".ltx": "latex",
    ".lua": "code",
    ".markdown": "markdown",
    ".mbox": "mbox",
    ".md": "markdown",
    ".mdown": "markdown",
    ".mediawiki": "mediawiki",
    ".mjs": "code",
    ".msg": "outlook",
    ".ndjson": "jsonlines",
    ".ndjson.gz": "jsonlines",
    ".nxml": "xml",
    ".odp": "odf",
    ".ods": "odf",
    ".odt": "odf",
    ".org": "orgmode",
    ".pdf": "pdf",
    ".php": "code",
    ".ppsx": "pptx",
    ".pptm": "pptx",
    ".pptx": "pptx",
    ".py": "code",
    ".pyi": "code",
    ".rb": "code",
    ".rest": "rst",
    ".rs": "code",
    ".rss": "xml",
    ".rst": "rst",
    ".rtf": "rtf",
    ".scala": "code",
    ".sh": "code",
    ".sql": "plain",
    ".srt": "subtitles",
    ".ssa": "subtitles",
    ".swift": "code",
    ".tab": "tables",
    ".tar": "tar",
    ".tar.bz2": "tar",
    ".tar.gz": "tar",
    ".tar.xz": "tar",
    ".tbz2": "tar",
    ".tex": "latex",
    ".text": "plain",
    ".tgz": "tar",
    ".toml": "plain",
    ".ts": "code",
    ".tsv": "tables",
    ".tsx": "code",
    ".txt": "plain",
    ".txz": "tar",
    ".typ": "typst",
    ".vtt": "subtitles",
    ".wiki": "mediawiki",
    ".xhtml": "html",
    ".xls": "xls",
    ".xlsm": "xlsx",
    ".xlsx": "xlsx",
    ".xml": "xml",
    ".xz": "packed",
    ".yaml": "plain",
    ".yml": "plain",
    ".zip": "zip",
}
SUFFIXES = frozenset(_MODULES)

# How a file begins whose suffix says nothing, such as a mailbox called Inbox; what else is text
# is plain.
_BEGINNINGS = (
    (re.compile(rb"\s*%PDF-"), "pdf"),
    (re.compile(rb"PK\x03\x04"), "zip"),
    (re.compile(rb"\{\\rtf"), "rtf"),
    (re.compile(rb"From [^\r\n]{1,200}\d{4}\r?\n(?:[A-Za-z-]{1,60}:|>From)"), "mbox"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE), "html"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\s"), "xml"),
    (re.compile(rb"\xff\xfe|\xfe\xff|[^\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]*\Z"), "plain"),
)


def reader_for(name: str, head: bytes) -> Reader | None:
    """Return the reader for a file called ``name`` that begins with ``head``, or None.

    The longest suffix that is known decides, whatever its case. Readers of other packages come
    after memctl's own. A file whose suffix is unknown, or that has none, is known by how it
    begins; what is packed as ZIP under a suffix of its own is a program's, and has no reader.

    Raises:
        UnreadableError: the name says one format, and the first bytes say that it is not.
    """
    if suffix := _suffix(name, SUFFIXES):
        reader = _own(_MODULES[suffix])
    elif suffix := _suffix(name, frozenset(_plugins())):
        reader = _foreign(_plugins()[suffix])
    elif module := _module_of(name, head[:HEAD]):
        return _own(module)
    else:
        return None
    if reader.magic and not any(magic in head[:HEAD] for magic in reader.magic):
        raise UnreadableError("bad_format", _refusal(suffix, head))
    return reader


def suffix_of(name: str) -> str:
    """Return the suffix that ``reader_for`` chooses by; empty where it is none."""
    return _suffix(name, SUFFIXES) or _suffix(name, frozenset(_plugins())) or ""


def reads_as(name: str) -> str:
    """Return which of memctl's own readers the suffix of a name chooses; empty for none."""
    return _MODULES.get(_suffix(name, SUFFIXES) or "", "")


@cache
def _plugins() -> dict[str, EntryPoint]:
    """Return the readers of other packages by suffix; looking for them takes milliseconds."""
    from importlib.metadata import entry_points

    return {f".{point.name.lower().lstrip('.')}": point for point in entry_points(group=GROUP)}


def _suffix(name: str, known: frozenset[str]) -> str | None:
    """Return the longest of ``known`` that ``name`` ends with, with something before it."""
    lower = name.rpartition("/")[2].lower()
    dots = [at for at, character in enumerate(lower) if character == "." and at]
    return next((lower[at:] for at in dots if lower[at:] in known), None)


def _module_of(name: str, head: bytes) -> str | None:
    """Return the module for a name such as README, Makefile or settings.properties."""
    module = next((module for pattern, module in _BEGINNINGS if pattern.match(head)), None)
    return None if module == "zip" and "." in name.rpartition("/")[2] else module


def _own(module: str) -> Reader:
    reader = import_module(f"{__name__}.{module}").READER
    if not isinstance(reader, Reader):
        raise TypeError(f"{module}.READER is not a Reader")
    return reader


def _foreign(point: EntryPoint) -> Reader:
    reader = point.load()
    if not isinstance(reader, Reader):
        raise TypeError(f"the entry point {point.name} of {GROUP} is not a Reader: {point.value}")
    return reader


def _refusal(suffix: str, head: bytes) -> str:
    kind = suffix.removeprefix(".").upper()
    if not head.strip(b"\0 \t\r\n"):
        return f"not a {kind}: it is empty"
    return f"not a {kind}: it begins with {shown_bytes(head)}"
