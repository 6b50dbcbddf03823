"""Take the vectors of a store out, with what each of them stands for, into files of other tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np

from memctl.index.files import write_index
from memctl.index.library import faiss
from memctl.index.sample import BLOCK, RowSource
from memctl.index.spec import unknown
from memctl.ingest import Store, StoredChunk, StoreError, UsageError, Vectors

FORMATS = ("npy", "faiss", "parquet")
VECTORS, INDEX, IDS, TABLE = "vectors.npy", "index.faiss", "ids.jsonl", "chunks.parquet"

Chunks = list[StoredChunk]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Every chunk of a store with its vector, float32 (dimension), a block at a time."""

    blocks: Iterator[tuple[Chunks, Vectors]]
    total: int
    _: KW_ONLY
    dimension: int


def export(store: Path, out: Path, *, form: str) -> int:
    """Write every chunk with its vector into the new folder ``out``; return their number.

    Line i of ``ids.jsonl`` says what vector i stands for. ``npy`` is float32 (chunks, dimension);
    ``faiss`` is an exact index of inner products with the ids 0, 1, 2, …; ``parquet`` holds both
    in one table. Equal texts have equal vectors, each its own.

    Raises:
        UsageError: the format is unknown, or the folder is there and not empty.
        StoreError: there is no store, it holds no chunks, or the folder cannot be written.
    """
    if form not in _WRITERS:
        raise unknown("format", form, known=FORMATS)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is there and not empty", hint="Name a new folder.")
    with Store.open(store) as opened, opened.catalog.snapshot():
        total = opened.catalog.counts().chunks
        if not total:
            raise StoreError(f"the store {store} holds no chunks", hint="Run: memctl ingest FOLDER")
        source = RowSource(opened, opened.catalog.rows)
        try:
            out.mkdir(parents=True, exist_ok=True)
            _WRITERS[form](out, Sheet(_blocks(opened, source), total, dimension=source.dimension))
        except OSError as error:
            raise StoreError(
                f"cannot write {out}: {error.strerror or error}",
                hint="Check the disk and the path.",
            ) from error
        return total


def facts(stored: StoredChunk) -> dict[str, object]:
    """Return what a vector stands for."""
    return {**stored.place(), "title": stored.title, "text": stored.chunk.text}


def _blocks(store: Store, source: RowSource) -> Iterator[tuple[Chunks, Vectors]]:
    chunks = store.catalog.chunks()
    while block := list(islice(chunks, BLOCK)):
        yield block, source.take(np.array([each.row for each in block], dtype=np.int64))


def _write_npy(out: Path, sheet: Sheet) -> None:
    made = np.lib.format.open_memmap(
        out / VECTORS, mode="w+", dtype=np.float32, shape=(sheet.total, sheet.dimension)
    )
    at = 0
    with (out / IDS).open("w", encoding="utf-8") as ids:
        for chunks, vectors in sheet.blocks:
            made[at : at + len(chunks)] = vectors
            at += len(chunks)
            _write_ids(ids, chunks)
    made.flush()


def _write_faiss(out: Path, sheet: Sheet) -> None:
    index = faiss().IndexFlatIP(sheet.dimension)
    with (out / IDS).open("w", encoding="utf-8") as ids:
        for chunks, vectors in sheet.blocks:
            index.add(vectors)
            _write_ids(ids, chunks)
    write_index(index, out / INDEX)


def _write_parquet(out: Path, sheet: Sheet) -> None:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError(
            "parquet takes the package pyarrow", hint="Run: pip install 'memctl-rag[parquet]'"
        ) from error
    texts = ("document", "document_id", "language", "title", "text")
    numbers = ("chunk", "start", "end")
    schema = pa.schema(
        [(name, pa.string()) for name in texts]
        + [(name, pa.int64()) for name in numbers]
        + [("pages", pa.list_(pa.int64())), ("headings", pa.list_(pa.string()))]
        + [("vector", pa.list_(pa.float32(), sheet.dimension))]
    )
    with parquet.ParquetWriter(out / TABLE, schema) as writer:
        for chunks, vectors in sheet.blocks:
            rows = [
                {**facts(chunk), "vector": vector}
                for chunk, vector in zip(chunks, vectors, strict=True)
            ]
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def _write_ids(stream: TextIO, chunks: Chunks) -> None:
    for chunk in chunks:
        stream.write(json.dumps(facts(chunk), ensure_ascii=False) + "\n")


_WRITERS: dict[str, Callable[[Path, Sheet], None]] = {
    "npy": _write_npy,
    "faiss": _write_faiss,
    "parquet": _write_parquet,
}
