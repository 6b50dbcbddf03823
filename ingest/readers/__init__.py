"""Readers: one file format each, found by a file's name and checked by its first bytes."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import Reader, Source

__all__ = ["GROUP", "HEAD", "SUFFIXES", "Reader", "Source", "reader_for"]

# The bytes that a caller hands over to have a file recognised.
HEAD = 1024
# The entry points under which other packages offer a Reader; the name is the suffix that
# it is for, as in: epub = "package.module:READER".
GROUP = "memctl.readers"

# Which module reads what, so that only the module that is needed is imported.
_MODULES = {
    ".docm": "docx",
    ".docx": "docx",
    ".htm": "html",
    ".html": "html",
    ".jsonl": "jsonlines",
    ".jsonl.gz": "jsonlines",
    ".log": "plain",
    ".markdown": "markdown",
    ".md": "markdown",
    ".mdown": "markdown",
    ".ndjson": "jsonlines",
    ".ndjson.gz": "jsonlines",
    ".pdf": "pdf",
    ".text": "plain",
    ".txt": "plain",
    ".xhtml": "html",
}
SUFFIXES = frozenset(_MODULES)


def reader_for(name: str, head: bytes) -> Reader | None:
    """Return the reader for a file called ``name`` that begins with ``head``, or None.

    The longest suffix that is known decides, whatever its case. Readers of other packages come
    after memctl's own.

    Raises:
        UnreadableError: the name says one format, and the first bytes say that it is not.
    """
    if suffix := _suffix(name, SUFFIXES):
        reader = _own(_MODULES[suffix])
    elif suffix := _suffix(name, frozenset(_plugins())):
        reader = _foreign(_plugins()[suffix])
    else:
        return None
    if reader.magic and not any(magic in head[:HEAD] for magic in reader.magic):
        raise UnreadableError("bad_format", _refusal(suffix, head))
    return reader


@cache
def _plugins() -> dict[str, EntryPoint]:
    """Return the readers of other packages by suffix; looking for them takes milliseconds."""
    return {f".{point.name.lower().lstrip('.')}": point for point in entry_points(group=GROUP)}


def _suffix(name: str, known: frozenset[str]) -> str | None:
    """Return the longest of ``known`` that ``name`` ends with, with something before it."""
    lower = name.rpartition("/")[2].lower()
    dots = [at for at, character in enumerate(lower) if character == "." and at]
    return next((lower[at:] for at in dots if lower[at:] in known), None)


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
    return f"not a {kind}: it begins with {head[:8]!r}"
