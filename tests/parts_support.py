"""Files that hold other files, read into documents and the parts that were not read."""

from __future__ import annotations

from pathlib import Path

from readers_support import source

from memctl.ingest.document import Document, Problem
from memctl.ingest.readers import HEAD
from memctl.ingest.readers.base import Budget
from memctl.ingest.readers.llamaindex import find


def read_parts(
    folder: Path, name: str, data: bytes, *, max_bytes: int = 50_000_000
) -> tuple[list[Document], list[Problem]]:
    """Read ``data`` as a file called ``name``; return its documents and its problems."""
    reader = find(name, data[:HEAD], {})
    assert reader is not None
    given = source(folder / "input", data, name=name, max_bytes=max_bytes)
    documents: list[Document] = []
    problems: list[Problem] = []
    for found in reader.read(given):
        if isinstance(found, Problem):
            problems.append(found)
        else:
            documents.append(found)
    return documents, problems


def texts(documents: list[Document]) -> dict[str, str]:
    """Return the text of each document by its path; no two have one path."""
    found = {document.path: document.text for document in documents}
    assert len(found) == len(documents)
    return found


def codes(problems: list[Problem]) -> dict[str, str]:
    """Return the code of each problem by its path."""
    return {problem.path: problem.code for problem in problems}


def with_budget(folder: Path, name: str, data: bytes, budget: Budget) -> list[Document | Problem]:
    """Read ``data`` where its parts may cost no more than ``budget``."""
    from dataclasses import replace

    reader = find(name, data[:HEAD], {})
    assert reader is not None
    given = replace(source(folder / "input", data, name=name), budget=budget)
    return list(reader.read(given))
