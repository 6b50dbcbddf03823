"""What goes to the parsing of a file and what comes from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import KW_ONLY, asdict, dataclass
from typing import Any

from memctl.ingest.chunk import Chunk
from memctl.ingest.document import Note, Problem
from memctl.ingest.walk import Entry


@dataclass(frozen=True, slots=True)
class Task:
    """A file to parse.

    With a sha256 among ``known`` it need not be read again; of its documents, those whose
    ``row_mark`` is in ``rows`` need not be cut again.
    """

    entry: Entry
    known: tuple[str, ...] = ()
    _: KW_ONLY
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """One file to read; bytes whose sha256 is among ``known`` need no reading again.

    Documents of it that are among ``rows``, marks of path and content, need no cutting again.

    ``seconds`` of processor time are for each of its documents, ``total`` for all of them.
    ``readers`` maps suffixes to readers of LlamaIndex, ``lost`` parts that are not to be read
    again to what became of them. ``redact`` are kinds of what is taken out.
    """

    file: str
    path: str
    known: list[str]
    rows: list[str]
    rules: dict[str, Any]
    seconds: int
    total: int
    max_bytes: int
    readers: dict[str, str]
    lost: Mapping[str, tuple[str, str]]
    redact: list[str]

    def to_line(self) -> bytes:
        """Return the line that a worker reads."""
        return json.dumps(asdict(self)).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document that was read and cut; its text is that of its chunks."""

    path: str
    id: str
    _: KW_ONLY
    title: str
    language: str
    sha256: str
    characters: int
    pages: tuple[tuple[int, int], ...]
    metadata: Mapping[str, tuple[str, ...]]
    notes: tuple[Note, ...]
    signature: bytes
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A document that is as it was, and was not cut again."""

    path: str
    notes: tuple[Note, ...]


Result = Parsed | Kept | Problem


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the reading of a file ended; ``code`` is empty when all of it was read."""

    sha256: str
    _: KW_ONLY
    unchanged: bool = False
    code: str = ""
    reason: str = ""
