"""Plain text, and files of settings and queries, which are read as they stand."""

from __future__ import annotations

from collections.abc import Iterator

from memctl.ingest.document import Document
from memctl.ingest.errors import UnreadableError
from memctl.ingest.language import detect
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.textual import text_of

_SUFFIXES = (".txt .text .log .cfg .conf .ini .sql .toml .yaml .yml").split()


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; its text is the file's, with unified line ends."""
    text, notes = text_of(source)
    if not text.strip():
        raise UnreadableError("no_text", "no text in it")
    yield Document(
        source.path,
        source.path,
        text=text,
        sha256=source.sha256,
        language=detect(text),
        notes=notes,
    )


READER = Reader("plain", tuple(_SUFFIXES), read=read)
