"""Where cited documents lie, and what their pages call themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from memctl.ingest import Catalog
from memctl.ingest.readers.builder import PAGE_LABEL


def files_of(documents: Iterable[str], catalog: Catalog) -> dict[str, Path]:
    """Return the file of each document that is still there: of a part, the file it is part of."""
    found: dict[str, Path] = {}
    for path in dict.fromkeys(documents):
        record = catalog.document(path)
        file = catalog.file(record.file) if record else None
        if file is not None and (whole := Path(file.root) / file.path).is_file():
            found[path] = whole
    return found


def printed_pages(documents: Iterable[str], catalog: Catalog) -> dict[str, Sequence[str]]:
    """Return what the pages of documents call themselves, of those that do."""
    found: dict[str, Sequence[str]] = {}
    for path in dict.fromkeys(documents):
        record = catalog.document(path)
        labels = record.metadata.get(PAGE_LABEL, ()) if record else ()
        if labels:
            found[path] = labels
    return found
