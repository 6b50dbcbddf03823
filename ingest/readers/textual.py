"""The text of a file that is nothing but text, and what was wrong with its bytes."""

from __future__ import annotations

from memctl.ingest.document import Block, Document, Heading, Note
from memctl.ingest.encoding import recover
from memctl.ingest.errors import UnreadableError
from memctl.ingest.language import detect
from memctl.ingest.readers.base import Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.text import clean, unify_newlines


def text_of(source: Source, *, declared: str | None = None) -> tuple[str, tuple[Note, ...]]:
    """Return the text, with unified line ends and cleaned, and a note on bytes that were bad.

    Raises:
        UnreadableError: ``encoding`` or ``too_large``.
    """
    text, notes = raw_text_of(source.read_bytes(), declared=declared)
    return clean(unify_newlines(text)), notes


def raw_text_of(data: bytes, *, declared: str | None = None) -> tuple[str, tuple[Note, ...]]:
    """Return the text of ``data`` as it stands, for a parser, and a note on bad bytes.

    Raises:
        UnreadableError: with the code ``encoding``.
    """
    decoded = recover(data, declared=declared)
    if not decoded.replaced:
        return decoded.text, ()
    bytes_are = "1 byte is" if decoded.replaced == 1 else f"{decoded.replaced} bytes are"
    were = "was" if decoded.replaced == 1 else "were"
    return decoded.text, (Note("encoding", f"{bytes_are} not UTF-8 and {were} replaced"),)


def begin(notes: tuple[Note, ...]) -> TextBuilder:
    """Return a builder that has ``notes`` already."""
    builder = TextBuilder()
    for note in notes:
        builder.note(note.code, note.reason, page=note.page)
    return builder


def as_it_stands(
    source: Source,
    text: str,
    *,
    notes: tuple[Note, ...],
    headings: tuple[Heading, ...] = (),
    blocks: tuple[Block, ...] = (),
) -> Document:
    """Return the document whose text is the file's own.

    Raises:
        UnreadableError: with the code ``no_text``.
    """
    if not text.strip():
        raise UnreadableError("no_text", "no text in it")
    return Document(
        source.path,
        source.path,
        text=text,
        sha256=source.sha256,
        language=detect(text),
        headings=headings,
        blocks=blocks,
        notes=notes,
    )
