"""What an export holds of each chunk, and what it says of itself: an import reads both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, asdict, dataclass, field
from itertools import chain, islice
from typing import Any

import numpy as np

from memctl.index.sample import BLOCK, RowSource
from memctl.ingest import (
    Chunk,
    DocumentRecord,
    MemctlError,
    Section,
    Sections,
    Store,
    StoredChunk,
    Vectors,
)

VECTORS, INDEX, IDS, TABLE = "vectors.npy", "index.faiss", "ids.jsonl", "chunks.parquet"
ORIGIN = "export.json"
SCHEMA = "memctl.vectors/1"
CHANGED = "Export again; or, for vectors of your own, remove export.json and name their --embedder."
_LARGEST = 2**40  # of what is counted: characters, pages, tokens, chunks

Row = dict[str, Any]


class TableError(MemctlError):
    """What is to be imported is missing, damaged, or not vectors with texts."""


class ServerError(MemctlError):
    """A server that was to take vectors does not answer, or refuses them."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where exported vectors come from; ``files`` are the sha256 of those that go together."""

    embedder: str
    fingerprint: str
    _: KW_ONLY
    dimension: int
    chunks: int
    files: Mapping[str, str] = field(default_factory=dict[str, str])

    def to_json(self) -> str:
        """Return the text of ``export.json``."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, ensure_ascii=False, indent=2) + "\n"


def origin_from(text: str, where: str) -> Origin:
    """Return what an export says of itself; ``where`` it says so is for the message.

    Raises:
        TableError: it is not as an export has it.
    """
    try:
        return _origin(json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise TableError(
            f"{where} is not what an export writes: {error}",
            hint=CHANGED,
        ) from error


def _origin(found: Row) -> Origin:
    if found["schema"] != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    return Origin(
        _text(found, "embedder"),
        _text(found, "fingerprint"),
        dimension=_number(found["dimension"]),
        chunks=_number(found["chunks"]),
        files={str(name): str(digest) for name, digest in dict(found["files"]).items()},
    )


@dataclass(frozen=True, slots=True)
class Exported:
    """A chunk that is taken out, with its document."""

    stored: StoredChunk
    document: DocumentRecord

    @property
    def facts(self) -> Row:
        """What a vector stands for."""
        metadata = {name: list(values) for name, values in self.document.metadata.items()}
        text = self.stored.chunk.text
        return {**self.stored.place(), "title": self.stored.title, "text": text} | {
            "metadata": metadata
        }

    @property
    def row(self) -> Row:
        """The facts, and what else makes the same store again."""
        chunk, document = self.stored.chunk, self.document
        last = chunk.end == document.characters
        starts = [
            [number, first]
            for number, first in document.pages
            if chunk.start <= first < chunk.end or (last and first >= chunk.end)
        ]
        return self.facts | {
            "tokens": chunk.tokens,
            "context": list(chunk.context),
            "sections": _told(chunk.sections),
            "page_starts": starts,
            "file": document.file,
            "document_language": document.language,
            "sha256": document.sha256,
            "recipe": document.recipe,
        }


@dataclass(frozen=True, slots=True)
class Sheet:
    """Every chunk of a store with its vector, float32 (n, dimension), a block at a time."""

    blocks: Iterator[tuple[list[Exported], Vectors]]
    origin: Origin


def sheet(store: Store) -> Sheet:
    """Return all chunks of an open store.

    Outside of a snapshot what changes while they are read may be in it or not.
    """
    total = store.rows
    source = RowSource(store, total)
    origin = Origin(
        store.generation.embedder,
        store.fingerprint,
        dimension=source.dimension,
        chunks=store.catalog.chunks_known,
    )
    return Sheet(_blocks(store, source, total), origin)


def _blocks(
    store: Store, source: RowSource, total: int
) -> Iterator[tuple[list[Exported], Vectors]]:
    catalog = store.catalog
    chunks = chain.from_iterable(
        (Exported(each, document) for each in catalog.chunks_of(document.path) if each.row < total)
        for document in catalog.documents()
    )
    while block := list(islice(chunks, BLOCK)):
        yield block, source.take(np.array([each.stored.row for each in block], dtype=np.int64))


def chunk_of(row: Row) -> Chunk:
    """Return the chunk of a row that an export wrote.

    Raises:
        KeyError, TypeError, ValueError: it is not as an export has it.
    """
    first, last = row["context"]
    return Chunk(
        _text(row, "document"),
        _number(row["start"]),
        end=_number(row["end"]),
        text=_text(row, "text"),
        tokens=_number(row["tokens"]),
        pages=tuple(map(_number, row["pages"])),
        headings=tuple(map(str, row["headings"])),
        sections=_sections(row.get("sections")),
        language=_text(row, "language"),
        context=(_number(first), _number(last)),
    )


def _told(sections: Sections) -> list[Row] | None:
    return None if sections is None else [asdict(each) for each in sections]


def _sections(told: list[Row] | None) -> Sections:
    if told is None:
        return None
    return tuple(Section(_number(each["start"]), _text(each, "title")) for each in told)


def document_of(rows: list[Row], *, signature: bytes) -> DocumentRecord:
    """Return the document whose chunks are ``rows``, as an export wrote them.

    Raises:
        KeyError, TypeError, ValueError: they are not as an export has them.
    """
    first = rows[0]
    if _text(first, "document").partition("#")[0] != _text(first, "file").partition("#")[0]:
        raise ValueError(f"its document is none of the file {first['file']!r}")
    starts = {_number(number): _number(at) for row in rows for number, at in row["page_starts"]}
    metadata: Mapping[str, list[str]] = dict(first["metadata"])
    return DocumentRecord(
        _text(first, "document"),
        _text(first, "document_id"),
        file=_text(first, "file"),
        title=_text(first, "title"),
        language=_text(first, "document_language"),
        sha256=_text(first, "sha256"),
        recipe=_text(first, "recipe"),
        characters=_number(rows[-1]["end"]),
        pages=tuple(starts.items()),
        metadata={str(name): tuple(map(str, values)) for name, values in metadata.items()},
        signature=signature,
    )


def _text(row: Row, name: str) -> str:
    if not isinstance(row[name], str):
        raise TypeError(f"its {name} is no text")
    return str(row[name])


def _number(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise ValueError(f"{value!r} is no number of it")
    return value
