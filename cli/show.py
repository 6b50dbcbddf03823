"""``memctl show``: one document with its chunks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.dump import chunk_fields
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import bold, command, count, dim, emit, laid_out, safe, say, yellow
from memctl.cli.render import page_words

if TYPE_CHECKING:
    from memctl.ingest import DocumentRecord, StoredChunk
    from memctl.ingest.records import NoteRecord


@command
def show_cli(
    document: Annotated[str, typer.Argument(help="The document, as memctl list names it.")],
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Show one document with its chunks: where they lie and what they hold.

    Example: memctl show papers/rag.pdf
    """
    from memctl.ingest import Store, UsageError
    from memctl.ingest.nearnames import near_hint

    with Store.open(store) as opened, opened.catalog.snapshot():
        document = opened.catalog.named(document)
        record = opened.catalog.document(document)
        if record is None:
            paths = (path for path, _, _ in opened.catalog.document_names())
            hint = near_hint(document, paths, otherwise="See: memctl list")
            raise UsageError(f"no document {document!r}", hint=hint)
        chunks = list(opened.catalog.chunks_of(document))
        notes = [note for note in opened.catalog.notes(file=record.file) if note.path == document]
    if as_json:
        emit("memctl.document/1", document_fields(record, notes, chunks))
        return
    say(f"{bold(safe(record.path))}  {safe(record.title)}".rstrip())
    for name, values in record.metadata.items():
        for line in laid_out(f"{name}: {', '.join(values)}", indent="   "):
            say(dim(line))
    for note in notes:
        page = "" if note.page is None else f"page {note.page}: "
        say(f"   {yellow('note')}  {page}{safe(note.reason)} {dim(f'[{note.code}]')}")
    for stored in chunks:
        chunk = stored.chunk
        tokens = count(chunk.tokens, "token")
        where = f"{chunk.start:,}–{chunk.end:,}, {tokens}{page_words(chunk.pages)}"
        say()
        say(f"{bold(str(stored.ordinal))}  {dim(where)}")
        for line in laid_out(chunk.text, indent="   "):
            say(line)


def document_fields(
    record: DocumentRecord, notes: Iterable[NoteRecord], chunks: Iterable[StoredChunk]
) -> dict[str, object]:
    """Return what ``memctl.document/1`` says of a document."""
    return {
        "document": record.path,
        "document_id": record.id,
        "title": record.title,
        "language": record.language,
        "sha256": record.sha256,
        "metadata": {name: list(values) for name, values in record.metadata.items()},
        "notes": [{"code": note.code, "reason": note.reason, "page": note.page} for note in notes],
        "chunks": [chunk_fields(stored) for stored in chunks],
    }
