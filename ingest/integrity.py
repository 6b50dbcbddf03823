"""Whether a store is what it was written to be: every row, span, key and vector."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from memctl.ingest import extents, seal
from memctl.ingest.amounts import counted
from memctl.ingest.errors import MemctlError
from memctl.ingest.receipts import receipts
from memctl.ingest.records import StoredChunk
from memctl.ingest.store import Store
from memctl.ingest.writer import embedding_text

_ROWS = 16_384  # vectors that are looked at at once
_NORM = 0.01  # how far from 1 the length of a vector of 16-bit floats may be
_ENOUGH = 100  # faults of a kind that are told


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, where, and what mends it."""

    where: str
    what: str
    hint: str = ""


REPAIR = "Run: memctl repair"


def faults(store: Store, *, done: Callable[[int], None] = lambda _: None) -> Iterator[Fault]:
    """Yield what is wrong with the catalog and the vectors of a store, at most some of a kind.

    ``done`` is told how many chunks are compared.
    """
    checks = (
        _seal(store),
        _pages(store),
        _documents(store, done),
        *map(_vectors, _views(store)),
        _receipts(store),
    )
    for check in checks:
        found = 0
        try:
            for fault in check:
                yield fault
                found += 1
                if found == _ENOUGH:
                    yield Fault(fault.where, "and there is more of this kind", fault.hint)
                    break
        except (MemctlError, sqlite3.Error, ValueError, TypeError, OSError) as error:
            # What cannot even be read is a fault as well.
            yield Fault(str(store.layout.catalog), f"it cannot be read: {error}", REPAIR)


def _views(store: Store) -> Iterator[Store]:
    """Yield the store by each generation of vectors."""
    yield store
    beside = store.beside()
    if beside is not None:
        yield beside


def _seal(store: Store) -> Iterator[Fault]:
    """Yield a fault where the catalog is not, byte for byte, what a writer left."""
    found = seal.state(store.layout)
    if found not in {seal.State.WHOLE, seal.State.EARLIER} and store.catalog.is_current:
        yield Fault(str(store.layout.catalog), found.value, REPAIR)


def _pages(store: Store) -> Iterator[Fault]:
    """Yield what SQLite finds wrong: pages, indexes, rows that refer to none; and wrong sums."""
    where = str(store.layout.catalog)
    for said in store.catalog.damages():
        yield Fault(where, said, REPAIR)
    for table, number in store.catalog.unsound():
        yield Fault(where, f"{counted(number, 'row')} of the table {table} not as written", REPAIR)


def _documents(store: Store, done: Callable[[int], None]) -> Iterator[Fault]:
    """Yield documents whose chunks do not cover them, and chunks that are not what was embedded."""
    catalog = store.catalog
    keys, seen = dict(catalog.keys()), 0
    lengths = {record.path: record.characters for record in catalog.documents()}
    files = {record.path for root in catalog.roots() for record in catalog.files(root=root)}
    for record in catalog.documents():
        if record.file not in files:
            yield Fault(record.path, f"its file {record.file!r} is not known", REPAIR)
    for path, chunks in groupby(catalog.chunks(), key=lambda each: each.chunk.document):
        own = list(chunks)
        yield from _cover(path, own, lengths.pop(path, -1))
        for chunk in own:
            yield from _embedded(chunk, keys, store.rows)
        seen += len(own)
        done(seen)
    for path, characters in lengths.items():
        if characters:
            yield Fault(path, "it has no chunks", REPAIR)


def _cover(path: str, chunks: list[StoredChunk], characters: int) -> Iterator[Fault]:
    if characters < 0:
        yield Fault(path, "its chunks are of a document that is not there", REPAIR)
    reached = 0
    for number, stored in enumerate(chunks, start=1):
        chunk = stored.chunk
        if stored.ordinal != number:
            yield Fault(path, f"chunk {number} is numbered {stored.ordinal}", REPAIR)
        if len(chunk.text) != chunk.end - chunk.start or chunk.start > reached:
            yield Fault(path, f"chunk {number} does not fit its span", REPAIR)
        reached = max(reached, chunk.end)
    if 0 <= characters != reached:
        yield Fault(path, f"its chunks end at {reached:,} of {characters:,} characters", REPAIR)


def _embedded(stored: StoredChunk, keys: dict[int, bytes], rows: int) -> Iterator[Fault]:
    """Yield a fault where the row of a chunk is not that of its text."""
    where = f"{stored.chunk.document}, chunk {stored.ordinal}"
    if not 0 <= stored.row < rows:
        yield Fault(where, f"its row {stored.row} is none of {rows:,}", REPAIR)
        return
    text = embedding_text(stored.chunk, stored.title)
    if keys.get(stored.row) != hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest():
        yield Fault(where, "its text is not the one that was embedded", REPAIR)


def _receipts(store: Store) -> Iterator[Fault]:
    """Yield a fault where a receipt of what was forgotten was changed or taken out."""
    if store.layout.snapshot.exists():
        return  # they are the store's
    try:
        receipts(store)
    except ValueError as error:
        yield Fault(str(store.layout.receipts), str(error))


def _vectors(store: Store) -> Iterator[Fault]:
    """Yield vectors that are not what was written, and those in use that are no unit vectors."""
    for extent in extents.damaged(store):
        last = extent.first + extent.count - 1
        said = f"rows {extent.first} to {last} are not what was written"
        yield Fault(str(store.layout.vectors), said, REPAIR)
    live = np.fromiter(store.catalog.live_rows(), dtype=np.int64)
    live = live[live < store.rows]
    mapped = store.vectors.map(store.rows)
    for start in range(0, len(live), _ROWS):
        rows = live[start : start + _ROWS]
        with np.errstate(all="ignore"):
            norms = np.linalg.norm(mapped[rows].astype(np.float32), axis=1)
        bad = rows[~(np.abs(norms - 1) <= _NORM)]
        for row in bad.tolist():
            yield Fault(str(store.layout.vectors), f"row {row} is no unit vector", REPAIR)
