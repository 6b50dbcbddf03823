"""Build an index over the vectors of a store."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from memctl.index import manifest as manifests
from memctl.index.dense import CODES, ROWS, Rows
from memctl.index.errors import IndexDamagedError, IndexNotFoundError
from memctl.index.library import faiss
from memctl.index.manifest import Certificate, FileFact, Manifest
from memctl.ingest import Store, StoreError, UsageError, Vectors, sync_folder, writing_to

TYPE = "flat"
# The codes are the 16-bit floats of the vector file, so that search is exact over what is stored.
FACTORY = "SQfp16"
_BLOCK = 16_384  # rows in memory at a time
_UNIT = 0.01  # how far from 1 rounding to 16 bits can take the length of a vector, amply
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def build(store: Path, name: str = manifests.DEFAULT, *, force: bool = False) -> Manifest:
    """Index every chunk of the store and return the manifest of what now serves.

    An index that is up to date stays as it is, unless ``force``. The old generation serves until
    the new one is whole.

    Raises:
        StoreError: there is no store, it holds no chunks, or another process writes to it.
        UsageError: the name is not one for a folder.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for an index", hint="Use letters, digits, dots and hyphens."
        )
    with Store.open(store):  # a build makes no store
        pass
    with Store.write(store) as opened:
        folder = opened.layout.indexes / name
        try:
            old = manifests.load(opened.layout, name)
        except IndexNotFoundError:
            old = None
        except IndexDamagedError:
            old, force = None, True
        if old and not force and _current(old, opened) and old.complete(folder):
            return old
        return _build(opened, folder, name, generation=_next_generation(folder, old))


def _current(old: Manifest, store: Store) -> bool:
    return (old.embedder, old.revision, old.type) == (
        store.fingerprint,
        store.catalog.revision,
        TYPE,
    )


def _next_generation(folder: Path, old: Manifest | None) -> int:
    """Return a number that no folder has had: also not one whose manifest was lost."""
    found = [int(path.name[4:]) for path in folder.glob("gen-[0-9]*") if path.name[4:].isdigit()]
    return max([0, *found, old.generation if old else 0]) + 1


def _build(store: Store, folder: Path, name: str, *, generation: int) -> Manifest:
    with store.catalog.snapshot():
        rows: Rows = np.fromiter(store.catalog.live_rows(), dtype=np.int64)
        revision, total = store.catalog.revision, store.catalog.rows
    if not rows.size:
        raise StoreError(
            f"the store {store.layout.root} holds no chunks", hint="Run: memctl ingest FOLDER"
        )
    partial = folder / "building"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with writing_to(store.layout.root):
            partial.mkdir(parents=True)
            blocks = _blocks(store, rows, total)
            _write_codes(blocks, partial / CODES, dimension=store.vectors.dimension)
            (partial / ROWS).write_bytes(rows.astype("<i8").tobytes())
            files = {name: _fact(partial / name) for name in (CODES, ROWS)}
            sync_folder(partial)
            partial.rename(folder / manifests.generation_folder(generation))
    except StoreError:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    manifest = Manifest(
        name,
        generation,
        type=TYPE,
        factory=FACTORY,
        embedder=store.fingerprint,
        dimension=store.vectors.dimension,
        vectors=len(rows),
        revision=revision,
        files=files,
        certificate=Certificate(recall_at_10=1.0, sample=0),
    )
    sync_folder(folder)
    with writing_to(store.layout.root):
        manifest.write(folder)
    _sweep(folder, keep=manifest.folder)
    return manifest


def _blocks(store: Store, rows: Rows, total: int) -> Iterator[Vectors]:
    mapped = store.vectors.map(total)
    for start in range(0, len(rows), _BLOCK):
        block = mapped[rows[start : start + _BLOCK]].astype(np.float32)
        # A comparison with NaN is false, so it is caught too.
        if not (np.abs(np.linalg.norm(block, axis=1) - 1) < _UNIT).all():
            raise StoreError(
                f"{store.layout.vectors} is damaged: a row is no unit vector",
                hint="Restore the store from a copy, or remove it and ingest again.",
            )
        yield block


def _write_codes(blocks: Iterator[Vectors], file: Path, *, dimension: int) -> None:
    library = faiss()
    index = library.IndexScalarQuantizer(
        dimension, library.ScalarQuantizer.QT_fp16, library.METRIC_INNER_PRODUCT
    )
    for block in blocks:
        index.add(block)
    try:
        library.write_index(index, str(file))
    except RuntimeError as error:  # FAISS's word for whatever the system refused
        raise OSError(f"FAISS could not write {file.name}") from error


def _fact(file: Path) -> FileFact:
    """Make a file durable and return its facts."""
    with file.open("r+b") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
    return FileFact(digest, file.stat().st_size)


def _sweep(folder: Path, *, keep: str) -> None:
    """Remove the generations that no manifest names; an open one stays readable until closed."""
    for old in folder.glob("gen-*"):
        if old.name != keep:
            with suppress(PermissionError):  # held open, where the system minds that
                shutil.rmtree(old)
