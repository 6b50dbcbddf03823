"""Search by vectors in a built index."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from memctl.index import manifest as manifests
from memctl.index.effort import Effort
from memctl.index.engine import Engine
from memctl.index.errors import IndexDamagedError, IndexNotFoundError
from memctl.index.files import CODES, REFINE, ROWS, check, damaged, read_bytes, read_index
from memctl.index.library import FaissObject, faiss
from memctl.index.manifest import Manifest
from memctl.index.sample import Rows, RowSource
from memctl.index.spec import Spec
from memctl.ingest import Store, Vectors


class DenseIndex:
    """An open generation of an index. Its ids are rows of the store's vector file."""

    def __init__(self, manifest: Manifest, engine: Engine) -> None:
        self.manifest = manifest
        self.engine = engine

    @classmethod
    def open(cls, store: Store, name: str = manifests.DEFAULT) -> DenseIndex:
        """Open the current generation of the index ``name``, its files checked first.

        Raises:
            IndexNotFoundError: there is no such index.
            IndexDamagedError: a file is not what was built, or the vectors are another embedder's.
            StoreError: since the store was opened, its embedder was changed, and the old discarded.
        """
        try:
            return cls._current(store, name)
        except (IndexNotFoundError, IndexDamagedError, FileNotFoundError):
            store.check_kept()
            raise

    @classmethod
    def _current(cls, store: Store, name: str) -> DenseIndex:
        while True:
            manifest = manifests.load(store.layout, name)
            try:
                return cls._open(store, manifest)
            except IndexDamagedError:
                # A build may just have put another generation in its place.
                if manifests.load(store.layout, name) == manifest:
                    raise

    @classmethod
    def _open(cls, store: Store, manifest: Manifest) -> DenseIndex:
        if manifest.embedder != store.fingerprint:
            raise IndexDamagedError(
                f"the index {manifest.name!r} is of {manifest.embedder}, the store of "
                f"{store.fingerprint}",
                hint="Run: memctl index build",
            )
        folder = store.layout.indexes / manifest.name / manifest.folder
        files = manifest.files
        rows = np.frombuffer(read_bytes(folder / ROWS, files.get(ROWS)), dtype="<i8")
        base = _base(folder, manifest)
        refine = None
        if REFINE in files:
            flags = faiss().IO_FLAG_MMAP_IFC
            refine = read_index(folder / REFINE, files[REFINE], flags=flags)
        total = store.rows
        if not base.ntotal == len(rows) == manifest.vectors or (rows.size and rows.max() >= total):
            raise damaged(folder / ROWS)
        engine = Engine(
            manifest.spec,
            base,
            refine=refine,
            rows=rows.astype(np.int64),
            source=RowSource(store, total),
        )
        return cls(manifest, engine)

    def search(
        self,
        queries: Vectors,
        k: int,
        *,
        allowed: Rows | None = None,
        effort: Effort | None = None,
    ) -> tuple[Rows, Vectors]:
        """Return rows (n, k) and cosines (n, k) of the k nearest, best first, for each query.

        ``allowed`` are the only rows to find. ``effort`` is the one that the index was tuned to
        unless it is given. Where fewer than k are found, the rest of a line is -1.
        """
        chosen = effort or self.manifest.effort
        return self.engine.search(queries, k, effort=chosen, allowed=allowed)

    def missing_from(self, live: Rows) -> int:
        """Return how many of the ``live`` rows the index does not hold yet."""
        return int(np.isin(live, self.engine.rows, invert=True).sum())


def verify(store: Store, name: str = manifests.DEFAULT) -> Manifest:
    """Read every byte of the index ``name`` and return its manifest.

    Raises:
        IndexNotFoundError: there is no such index.
        IndexDamagedError: a file is not what was built.
    """
    manifest = manifests.load(store.layout, name)
    for file, fact in manifest.files.items():
        check(store.layout.indexes / name / manifest.folder / file, fact)
    return manifest


def _base(folder: Path, manifest: Manifest) -> FaissObject:
    file, fact = folder / CODES, manifest.files.get(CODES)
    flags = _flags(manifest.spec)
    base = read_index(file, fact, flags=flags)
    if flags and manifest.spec.lists:
        # Its threads that read ahead make a mapped search up to 4.5 times slower.
        library = faiss()
        lists = library.downcast_InvertedLists(library.extract_index_ivf(base).invlists)
        if hasattr(lists, "prefetch_nthread"):
            lists.prefetch_nthread = 0
    return base


def _flags(spec: Spec) -> int:
    if not spec.mapped:
        return 0
    return int(faiss().IO_FLAG_MMAP if spec.lists else faiss().IO_FLAG_MMAP_IFC)
