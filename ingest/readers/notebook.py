"""Jupyter notebooks: their prose, their code, and what it printed, within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from memctl.ingest.document import Document
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.json import load
from memctl.ingest.readers.markdown import put_markdown
from memctl.ingest.readers.textual import begin, raw_text_of

_LONGEST_OUTPUT = 2_000  # characters
_MOST_OUTPUTS = 20  # of one cell


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; pictures and HTML that a cell gave are left out.

    Raises:
        UnreadableError: ``bad_format`` where it is not a notebook.
    """
    raw, notes = raw_text_of(source.read_bytes())
    book = _object(load(raw))
    builder = begin(notes)
    title = _describe(builder, _object(book.get("metadata")))
    cells = _objects(book.get("cells"))
    for sheet in _objects(book.get("worksheets")):  # version 3 of the format
        cells.extend(_objects(sheet.get("cells")))
    if "cells" not in book and "worksheets" not in book:
        raise UnreadableError("bad_format", "not a notebook: it has no cells")
    for cell in cells:
        _put(builder, cell)
    yield builder.build(source, title=title)


def _describe(builder: TextBuilder, metadata: dict[str, object]) -> str:
    """Take the authors; return the title."""
    for author in _objects(metadata.get("authors")):
        builder.describe("author", _text(author.get("name")))
    return _text(metadata.get("title"))


def _put(builder: TextBuilder, cell: dict[str, object]) -> None:
    text = _text(cell.get("source", cell.get("input")))
    kind = cell.get("cell_type")
    if kind == "markdown":
        put_markdown(builder, text)
    elif kind == "heading":
        level = cell.get("level")
        builder.heading(level if isinstance(level, int) else 1, text)
    elif kind == "code":
        builder.code(text)
        outputs = _objects(cell.get("outputs"))
        for output in outputs[:_MOST_OUTPUTS]:
            builder.paragraph(_bounded(_printed(output)))
    else:
        builder.paragraph(text)


def _printed(output: dict[str, object]) -> str:
    """Return the text of an output: what was printed, a value, the name of an error."""
    if output.get("output_type") in {"error", "pyerr"}:
        return f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}"
    shown = _object(output.get("data")).get("text/plain")
    return _text(output.get("text") if shown is None else shown)


def _bounded(text: str) -> str:
    return text if len(text) <= _LONGEST_OUTPUT else text[:_LONGEST_OUTPUT] + " …"


def _text(value: object) -> str:
    """Return a string, which may be stored as its lines."""
    if isinstance(value, list):
        return "".join(map(_text, cast("list[object]", value)))
    return value if isinstance(value, str) else ""


def _object(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, object]]:
    return list(map(_object, cast("list[object]", value))) if isinstance(value, list) else []


READER = Reader("notebook", (".ipynb",), read=read)
