"""Vectors made again from their texts, where the vector file is not what was written."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from memctl.ingest.durable import sync_folder
from memctl.ingest.embedders import Embedder
from memctl.ingest.extents import damaged, uncovered
from memctl.ingest.records import Extent
from memctl.ingest.store import Store, writing_to
from memctl.ingest.vectors import STORED
from memctl.ingest.writer import embedding_text

_BATCH = 32  # texts a call of the embedder


def mend_vectors(view: Store, *, done: Callable[[int], None] = lambda _: None) -> int:
    """Embed anew the texts whose vectors are damaged, and return how many there were.

    The file is replaced whole, then the catalog told of it. ``done`` is told the texts of a batch.

    Raises:
        StoreError: the store cannot be written, or the embedder gives other vectors.
        EmbedderError: the embedder is not there.
    """
    bad = [*damaged(view), *uncovered(view)]
    if not bad:
        return 0
    live = np.fromiter(view.catalog.live_rows(), dtype=np.int64)
    rows = [int(row) for each in bad for row in live[_within(live, each)]]
    embedder = view.embedder() if rows else None
    with writing_to(view.layout.root):
        _rewrite(view, bad, _embedded(view, embedder, rows, done))
    with view.catalog.transaction():
        for each in bad:
            view.catalog.forget_unused(first=each.first, end=each.first + each.count)
        made = [_extent(view, each) for each in bad]
        view.catalog.put_extents(view.generation.number, made)
    return len(rows)


def mend_keys(store: Store) -> int:
    """Say again which text each vector is of, where that is lost, and return of how many."""
    lacking = store.catalog.rows_without_key()
    found = store.catalog.chunks_at(lacking)
    with store.catalog.transaction():
        for row, chunks in found.items():
            text = embedding_text(chunks[0].chunk, chunks[0].title)
            store.catalog.put_key(hashlib.sha256(text.encode("utf-8")).digest(), row)
    return len(found)


def _within(rows: np.ndarray[tuple[int], np.dtype[np.int64]], extent: Extent) -> slice:
    first, last = np.searchsorted(rows, (extent.first, extent.first + extent.count))
    return slice(int(first), int(last))


def _extent(view: Store, old: Extent) -> Extent:
    digest = view.vectors.digest(old.first, old.first + old.count)
    return Extent(old.first, old.count, sha256=digest)


def _embedded(
    view: Store, embedder: Embedder | None, rows: Sequence[int], done: Callable[[int], None]
) -> Iterator[tuple[int, bytes]]:
    """Yield rows and the bytes of their vectors, made anew."""
    waiting = iter(rows)
    while embedder is not None and (part := list(islice(waiting, _BATCH))):
        found = view.catalog.chunks_at(part)
        texts = [embedding_text(found[row][0].chunk, found[row][0].title) for row in part]
        vectors = embedder.embed(texts, role="document").astype(STORED)
        yield from zip(part, (vector.tobytes() for vector in vectors), strict=True)
        done(len(part))


def _rewrite(view: Store, bad: Sequence[Extent], made: Iterator[tuple[int, bytes]]) -> None:
    """Put in place a vector file whose bad extents hold what was made and are zero else."""
    file, width = view.layout.vectors, view.vectors.row_bytes
    partial = file.with_suffix(".new")
    partial.unlink(missing_ok=True)
    if file.exists():
        shutil.copyfile(file, partial)
    else:
        partial.touch(mode=0o600)
    with partial.open("r+b") as stream:
        stream.truncate(view.rows * width)
        for each in bad:
            stream.seek(each.first * width)
            for _ in range(each.count):
                stream.write(bytes(width))
        for row, data in made:
            stream.seek(row * width)
            stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(file)
    sync_folder(view.layout.root)
