"""``memctl show``: one document with its chunks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.completion import documents
from memctl.cli.dump import chunk_fields
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import bold, command, count, dim, emit, laid_out, safe, say, yellow
from memctl.cli.render import page_words

if TYPE_CHECKING:
    from memctl.ingest import Catalog, DocumentRecord, StoredChunk
    from memctl.ingest.records import NoteRecord


@command
def show_cli(
    document: Annotated[
        str,
        typer.Argument(
            autocompletion=documents,
            help="The document, as memctl list names it, or a page: FILE#PAGE.",
        ),
    ],
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Show one document, or a page of it, with its chunks: where they lie and what they hold.

    Example: memctl show papers/rag.pdf
    """
    from memctl.ingest import Store

    with Store.open(store) as opened, opened.catalog.snapshot():
        record, page = _found(opened.catalog, document)
        chunks = list(opened.catalog.chunks_of(record.path))
        notes = [
            note for note in opened.catalog.notes(file=record.file) if note.path == record.path
        ]
    if page is not None:
        chunks, notes = _on_page(record, page, chunks, notes)
    if as_json:
        emit("memctl.document/1", document_fields(record, notes, chunks))
        return
    say(f"{bold(safe(record.path))}  {safe(record.title)}".rstrip())
    for name, values in record.metadata.items():
        for line in laid_out(f"{name}: {', '.join(values)}", indent="   "):
            say(dim(line))
    for note in notes:
        at = "" if note.page is None else f"page {note.page}: "
        say(f"   {yellow('note')}  {at}{safe(note.reason)} {dim(f'[{note.code}]')}")
    for stored in chunks:
        chunk = stored.chunk
        tokens = count(chunk.tokens, "token")
        where = f"{chunk.start:,}–{chunk.end:,}, {tokens}{page_words(chunk.pages)}"
        say()
        say(f"{bold(str(stored.ordinal))}  {dim(where)}")
        for line in laid_out(chunk.text, indent="   "):
            say(line)


def _found(catalog: Catalog, name: str) -> tuple[DocumentRecord, int | None]:
    """Return the document of a name, and the page if the name ends with one.

    Raises:
        UsageError: there is none.
    """
    from memctl.ingest import UsageError
    from memctl.ingest.nearnames import near_hint
    from memctl.query import parse_place

    record = catalog.document(catalog.named(name))
    if record is not None:
        return record, None
    bare, page = parse_place(name)
    record = catalog.document(catalog.named(bare))
    if record is None:
        paths = (path for path, _, _ in catalog.document_names())
        hint = near_hint(bare, paths, otherwise="See: memctl list")
        raise UsageError(f"no document {bare!r}", hint=hint)
    return record, page


def _on_page(
    record: DocumentRecord, page: int, chunks: list[StoredChunk], notes: list[NoteRecord]
) -> tuple[list[StoredChunk], list[NoteRecord]]:
    """Return the chunks that touch a page, and the notes on it.

    Raises:
        UsageError: the document has no such page with text, nor a note on it.
    """
    from memctl.ingest import UsageError

    chunks = [each for each in chunks if page in each.chunk.pages]
    notes = [note for note in notes if note.page == page]
    if not chunks and not notes:
        raise UsageError(
            f"{record.path!r} has no page {page} with text",
            hint="Pages are counted from 1, as a viewer does.",
        )
    return chunks, notes


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
