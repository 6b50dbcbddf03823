"""What of a file was not read: the file, a part of it, or pages of a document that was read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from memctl.ingest.document import Note, Problem
from memctl.ingest.records import BAD_ROWS, NoteRecord
from memctl.ingest.walk import Kind, Skipped

_SAID = re.compile("^(most of it )?left out: ")


def failure(path: str, code: str, reason: str, *, before: bool = False) -> Iterator[Skipped]:
    """Yield a file as not read, or not all of its rows, if it has a code."""
    if code:
        kind: Kind = "partial" if code == BAD_ROWS else "file"
        yield Skipped(path, code, reason=reason, kind=kind, before=before)


def noted(file: str, path: str, notes: Iterable[Note]) -> Iterator[NoteRecord]:
    """Yield the notes on the document ``path`` of a file as the catalog has them."""
    for note in notes:
        yield NoteRecord(file, path, code=note.code, reason=note.reason, page=note.page)


def lost(file: str, problem: Problem) -> NoteRecord:
    """Return the note on a part of a file that was not read."""
    return NoteRecord(file, problem.path, code=problem.code, reason=problem.reason, lost=True)


def losses(notes: Iterable[NoteRecord], *, before: bool = False) -> Iterator[Skipped]:
    """Yield the parts that were not read, and one line for each document that misses pages.

    Notes on what was read all the same are passed over.
    """
    pages: list[NoteRecord] = []
    for note in notes:
        if note.lost:
            yield Skipped(note.path, note.code, reason=note.reason, kind="part", before=before)
        elif note.left_out:
            pages.append(note)
    pages.sort(key=lambda note: (note.path, note.code, note.page))
    for path, group in groupby(pages, lambda note: note.path):
        by_code = [list(alike) for _, alike in groupby(group, lambda note: note.code)]
        by_code.sort(key=len, reverse=True)
        reason = "; ".join(map(_left_out, by_code))
        code = by_code[0][0].code
        yield Skipped(path, code, reason=reason, kind="partial", before=before)


def _left_out(notes: list[NoteRecord]) -> str:
    why = _SAID.sub("", notes[0].reason)
    pages = {note.page for note in notes}
    named = f"page {notes[0].page}" if len(pages) == 1 else f"{len(pages):,} pages"
    return f"{named} left out: {why}"
