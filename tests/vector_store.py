"""Stores that are made of vectors alone, a chunk each, without a document being read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from memctl.ingest import Chunk, Layout
from memctl.ingest.catalog import Catalog
from memctl.ingest.records import DocumentRecord
from memctl.ingest.vectors import VectorFile

Array = NDArray[np.float32]


def clustered(count: int, dimension: int, *, clusters: int = 20, seed: int = 1) -> Array:
    """Unit vectors around a few centres, which are the same for every ``seed``."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(0).standard_normal((clusters, dimension))
    vectors = centres[rng.integers(0, clusters, count)] + rng.standard_normal((count, dimension))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def make_store(root: Path, vectors: Array) -> Path:
    """Make a store whose chunk number i, in a document of that name, has vector i."""
    layout = Layout(root)
    root.mkdir(parents=True)
    layout.vectors.touch()
    catalog = Catalog.create(
        layout.catalog, embedder="test", fingerprint="test-1", dimension=vectors.shape[1]
    )
    catalog.close()
    add_vectors(root, vectors)
    return root


def add_vectors(root: Path, vectors: Array) -> None:
    """Add chunks to a store, one for each vector."""
    layout = Layout(root)
    catalog = Catalog.open(layout.catalog, writable=True)
    first = catalog.rows
    sha256 = VectorFile(layout.vectors, vectors.shape[1]).append(vectors, rows=first)
    keys = [f"key {first + i}".encode() for i in range(len(vectors))]
    with catalog.transaction():
        catalog.add_vectors(keys, first=first, sha256=sha256)
        for row in range(first, first + len(vectors)):
            catalog.put_document(_record(row), [(_chunk(row), row)])
    catalog.close()


def remove_rows(root: Path, rows: Iterable[int]) -> None:
    """Remove the documents of these vectors."""
    catalog = Catalog.open(Layout(root).catalog, writable=True)
    with catalog.transaction():
        for row in rows:
            catalog.remove_file(_name(row))
    catalog.close()


def _name(row: int) -> str:
    return f"{row:07d}.txt"


def _chunk(row: int) -> Chunk:
    text = f"text {row}"
    return Chunk(_name(row), 0, end=len(text), text=text, tokens=2)


def _record(row: int) -> DocumentRecord:
    return DocumentRecord(
        _name(row),
        _name(row),
        file=_name(row),
        title="",
        language="und",
        sha256=f"{row:064x}",
        recipe="test",
        characters=len(f"text {row}"),
        pages=(),
    )
