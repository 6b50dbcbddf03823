"""One file that is packed by itself, as ``notes.txt.gz`` is: read as the file in it."""

from __future__ import annotations

from collections.abc import Iterator

from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.members import read_stream, safe_label
from memctl.ingest.readers.tar import open_packed


def read(source: Source) -> Iterator[Document | Problem]:
    """Yield what the file in it holds; its name is that of the packed one without the suffix.

    Raises:
        UnreadableError: ``bad_format`` where it is not packed.
    """
    with source.open() as raw:
        start = raw.read(6)
        raw.seek(0)
        stream = open_packed(raw, start)
        if stream is None:
            raise UnreadableError("bad_format", "not packed as its name says")
        with stream:
            yield from read_stream(source, safe_label(source.name).rpartition(".")[0], stream)


READER = Reader("packed", (".gz", ".bz2", ".xz"), read=read, streams=True)
