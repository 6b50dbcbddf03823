"""Whether what was forgotten is still somewhere in a store: its words, its vectors.

Every file is read. Words are looked for as they stand, in UTF-8 and UTF-16, and in what is
compressed; vectors in the vector files, in what the indexes can give back, and among centroids.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from memctl.index import manifest as manifests
from memctl.index.dense import DenseIndex
from memctl.index.library import FaissObject, faiss
from memctl.ingest import Store, Vectors

_NEAR = 0.01  # distance below which a vector is one that was forgotten
_LONG = 24  # characters of a piece of text that is looked for
_PIECES = 400  # that are looked for at most, drawn evenly from all texts
_BLOCK = 16_384
_COMPRESSED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_MOST = 8 << 20  # bytes of what is compressed


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What must not be found: pieces of text that no other text has, vectors by generation."""

    pieces: tuple[str, ...]
    vectors: tuple[tuple[int, Vectors], ...]


def gather(store: Store, texts: Sequence[str], rows: Sequence[int]) -> Forgotten:
    """Take down what is to be forgotten, before it is: texts, and the vectors of rows."""
    beside = store.beside()
    views = (store,) if beside is None else (store, beside)
    vectors: list[tuple[int, Vectors]] = []
    for view in views:
        total = view.rows
        own = np.array([row for row in rows if row < total], dtype=np.int64)
        vectors.append((view.vectors.dimension, view.vectors.map(total)[own].astype(np.float32)))
    return Forgotten(tuple(_pieces(texts)), tuple(vectors))


def search(store: Store, forgotten: Forgotten) -> tuple[int, list[str]]:
    """Return how many files of a store were read, and where something forgotten was found.

    A piece of text that also stands in a document that is there is nothing forgotten, and neither
    is the vector of such a text.
    """
    needles = list(_needles(store, forgotten.pieces))
    files = sorted(file for file in store.layout.root.rglob("*") if file.is_file())
    # Snapshots are named beside the proof, and what users have told is no document.
    kept = {store.layout.snapshots, store.layout.memories}
    files = [file for file in files if kept.isdisjoint(file.parents)]
    found = [str(file) for file in files if _holds(file, needles)]
    beside = store.beside()
    for view in (store,) if beside is None else (store, beside):
        for dimension, vectors in forgotten.vectors:
            if vectors.size and dimension == view.vectors.dimension:
                found += _vectors(view, vectors)
    return len(files), found


def _pieces(texts: Iterable[str]) -> Iterator[str]:
    every = [
        piece
        for text in texts
        for start in range(0, max(len(text) - _LONG, 0) + 1, _LONG)
        if len(piece := text[start : start + _LONG].strip()) >= _LONG // 2
    ]
    step = max(len(every) // _PIECES, 1)
    yield from every[::step]


def _needles(store: Store, pieces: Sequence[str]) -> Iterator[bytes]:
    for piece in pieces:
        if not store.catalog.says_text(piece):
            yield piece.encode("utf-8", "surrogatepass")
            yield piece.encode("utf-16-le", "surrogatepass")
            yield piece.encode("utf-16-be", "surrogatepass")


def _holds(file: Path, needles: Sequence[bytes]) -> bool:
    data = file.read_bytes()
    return any(needle in part for part in (data, *_unpacked(data)) for needle in needles)


def _unpacked(data: bytes) -> Iterator[bytes]:
    for start in _COMPRESSED.finditer(data):
        try:
            yield zlib.decompressobj(47).decompress(data[start.start() :], _MOST)
        except zlib.error:
            continue


def _vectors(view: Store, forgotten: Vectors) -> Iterator[str]:
    """Yield where a vector near one of the forgotten is, that no text in use has."""
    live = np.fromiter(view.catalog.live_rows(), dtype=np.int64)
    mapped = view.vectors.map(view.rows)
    dead = np.setdiff1d(np.arange(view.rows), live)
    theirs = mapped[live].astype(np.float32) if live.size else None
    if theirs is not None:  # those that a text in use has too are not to be missed
        forgotten = forgotten[[not _near(each, theirs) for each in forgotten]]
    if not forgotten.size:
        return
    for start in range(0, dead.size, _BLOCK):
        block = mapped[dead[start : start + _BLOCK]].astype(np.float32)
        if _any_near(forgotten, block):
            yield str(view.layout.vectors)
            break
    for name in manifests.names(view.layout):
        parts = DenseIndex.open(view, name).engine.parts
        if any(_holds_vector(part, forgotten) for part in parts):
            yield f"the index {name}"


def _holds_vector(part: FaissObject, vectors: Vectors) -> bool:
    """Tell whether an index gives back one of the vectors, or has it as a centroid."""
    library = faiss()
    inner = library.downcast_index(part)
    while isinstance(inner, library.IndexPreTransform):
        for at in range(inner.chain.size()):
            vectors = library.downcast_VectorTransform(inner.chain.at(at)).apply(vectors)
        inner = library.downcast_index(inner.index)
    if isinstance(inner, library.IndexIVF):
        quantizer = library.downcast_index(inner.quantizer)
        if _any_near(vectors, quantizer.reconstruct_n(0, quantizer.ntotal)):
            return True
        inner.make_direct_map()
    for start in range(0, inner.ntotal, _BLOCK):
        try:
            held = inner.reconstruct_n(start, min(_BLOCK, inner.ntotal - start))
        except RuntimeError:  # its codes give no vector back
            return False
        if _any_near(vectors, held):
            return True
    return False


def _any_near(vectors: Vectors, others: Vectors) -> bool:
    return any(_near(each, others) for each in vectors)


def _near(vector: Vectors, others: Vectors) -> bool:
    return bool((np.linalg.norm(others - vector, axis=1) < _NEAR).any())
