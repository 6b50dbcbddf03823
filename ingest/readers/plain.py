"""Plain text."""

from __future__ import annotations

from collections.abc import Iterator

from memctl.ingest.document import Document
from memctl.ingest.encoding import decode
from memctl.ingest.errors import UnreadableError
from memctl.ingest.language import detect
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.text import clean, unify_newlines


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; its text is the file's, with unified line ends."""
    text = clean(unify_newlines(decode(source.read_bytes())))
    if not text.strip():
        raise UnreadableError("no_text", "no text in it")
    yield Document(source.path, source.path, text=text, sha256=source.sha256, language=detect(text))


READER = Reader("plain", (".txt", ".text", ".log"), read=read)
