"""Plain text, and files of settings and queries, which are read as they stand."""

from __future__ import annotations

from collections.abc import Iterator

from memctl.ingest.document import Document
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.textual import as_it_stands, text_of

_SUFFIXES = (".txt .text .log .cfg .conf .ini .sql .toml .yaml .yml").split()


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; its text is the file's, with unified line ends."""
    text, notes = text_of(source)
    yield as_it_stands(source, text, notes=notes)


READER = Reader("plain", tuple(_SUFFIXES), read=read)
