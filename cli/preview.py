"""``memctl ingest --preview``: the chunks of one file, before anything is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from memctl.cli.output import (
    bold,
    count,
    dim,
    emit,
    laid_out,
    paint,
    safe,
    say,
    talk,
    warn,
    wrapped,
)
from memctl.cli.render import page_words

if TYPE_CHECKING:
    from memctl.ingest import Chunk, Parsed, Preview, Skipped

_CYAN, _MAGENTA = "36", "35"  # of neighbours, on a light and on a dark ground
_INDENT = "    "


def show_preview(paths: list[Path], store: Path, *, method: str | None, as_json: bool) -> None:
    """Print the chunks of the one file among ``paths``; exit with 1 where nothing was read.

    Raises:
        UsageError: there is not one file.
    """
    from memctl.ingest import Preview, UsageError

    if len(paths) != 1:
        raise UsageError(f"a preview of {len(paths)} files", hint="Name one file.")
    preview = Preview.of(paths[0], store, method=method)
    read = _print_json(preview) if as_json else _print(preview)
    if not read:
        raise typer.Exit(1)


def _print(preview: Preview) -> int:
    """Print documents as they come and return their number."""
    from memctl.ingest import Skipped

    documents = chunks = 0
    for found in preview.read():
        if isinstance(found, Skipped):
            talk(f" {found.path}: {found.reason} [{found.code}]", label="skipped")
            continue
        for line in _document_lines(found):
            say(line)
        documents += 1
        chunks += len(found.chunks)
    if documents:
        rules = preview.rules
        talk(
            f"{count(chunks, 'chunk')} by {rules.method}, of {rules.max_tokens} tokens at most. "
            "Nothing was written."
        )
    else:
        warn("nothing was read")
    return documents


def _document_lines(document: Parsed) -> Iterator[str]:
    title = "" if document.title == document.path else document.title
    first, *rest = wrapped(f"{document.path}  {title}".rstrip()) or [""]
    yield bold(first)
    yield from map(bold, rest)
    for note in document.notes:
        where = "" if note.page is None else f"page {note.page}: "
        yield from map(dim, wrapped(f"{where}{note.reason} [{note.code}]", indent="  "))
    before = 0
    for number, chunk in enumerate(document.chunks, start=1):
        yield ""
        yield from _chunk_lines(chunk, number, before=before)
        before = chunk.end
    yield ""


def _chunk_lines(chunk: Chunk, number: int, *, before: int) -> Iterator[str]:
    """Yield a chunk; what it repeats of the one that ends at ``before`` is dim."""
    where = f"{chunk.start:,}–{chunk.end:,}, {count(chunk.tokens, 'token')}"
    yield f"{bold(f'{number}:')} {where}{page_words(chunk.pages)}"
    if chunk.context != (chunk.start, chunk.end):
        yield dim(f"{_INDENT}answers from {chunk.context[0]:,}–{chunk.context[1]:,}")
    yield from map(dim, wrapped(" › ".join(chunk.headings), indent=_INDENT))
    colour = _CYAN if number % 2 else _MAGENTA
    new = max(before - chunk.start, 0)
    yield from _painted(chunk.text[:new], "2")
    yield from _painted(chunk.text[new:], colour)


def _painted(text: str, style: str) -> Iterable[str]:
    lines = laid_out(text, indent=_INDENT) if text.strip() else ()
    return (paint(line, style) if line else "" for line in lines)


def _print_json(preview: Preview) -> int:
    from memctl.ingest import Skipped

    found = list(preview.read())
    documents = [each for each in found if not isinstance(each, Skipped)]
    skipped = [each for each in found if isinstance(each, Skipped)]
    fields = {
        "file": safe(str(preview.file)),
        "method": preview.rules.method,
        "max_tokens": preview.rules.max_tokens,
        "documents": [_document_fields(each) for each in documents],
        "failures": [_failure(each) for each in skipped],
    }
    emit("memctl.preview/1", fields)
    return len(documents)


def _document_fields(document: Parsed) -> dict[str, object]:
    return {
        "document": document.path,
        "document_id": document.id,
        "title": document.title,
        "language": document.language,
        "notes": [
            {"code": note.code, "reason": note.reason, "page": note.page} for note in document.notes
        ],
        "chunks": [
            {
                "chunk": number,
                "start": chunk.start,
                "end": chunk.end,
                "tokens": chunk.tokens,
                "pages": list(chunk.pages),
                "headings": list(chunk.headings),
                "language": chunk.language,
                "context": list(chunk.context),
                "text": chunk.text,
            }
            for number, chunk in enumerate(document.chunks, start=1)
        ],
    }


def _failure(skipped: Skipped) -> dict[str, str]:
    return {"path": skipped.path, "code": skipped.code, "reason": skipped.reason}
