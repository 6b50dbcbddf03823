"""Search by vectors in a built index."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memctl.index import manifest as manifests
from memctl.index.errors import IndexDamagedError
from memctl.index.library import faiss
from memctl.index.manifest import Manifest
from memctl.ingest import Store, Vectors

Rows = NDArray[np.int64]

CODES = "codes.faiss"
ROWS = "rows.i64"


class DenseIndex:
    """An open generation of an index. Its ids are rows of the store's vector file."""

    def __init__(self, manifest: Manifest, faiss_index: Any, rows: Rows) -> None:  # noqa: ANN401  untyped
        self.manifest = manifest
        self._index = faiss_index
        self._rows = rows

    @classmethod
    def open(cls, store: Store, name: str = manifests.DEFAULT) -> DenseIndex:
        """Open the current generation of the index ``name``, every file of it checked first.

        Raises:
            IndexNotFoundError: there is no such index.
            IndexDamagedError: a file is not what was built, or the vectors are another embedder's.
        """
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
        codes = _checked(folder / CODES, manifest)
        rows = np.frombuffer(_checked(folder / ROWS, manifest), dtype="<i8").astype(np.int64)
        index = faiss().deserialize_index(np.frombuffer(codes, dtype=np.uint8))
        return cls(manifest, index, rows)

    def search(
        self, queries: Vectors, k: int, *, allowed: Rows | None = None
    ) -> tuple[Rows, Vectors]:
        """Return rows (n, k) and cosines (n, k) of the k nearest, best first, for each query.

        ``allowed`` are the only rows to find, sorted. Where fewer than k are found, the rest of
        a line is -1.
        """
        k = max(min(k, len(self._rows)), 1)
        parameters = None
        if allowed is not None:
            mask = np.packbits(np.isin(self._rows, allowed), bitorder="little")
            selector = faiss().IDSelectorBitmap(mask)
            parameters = faiss().SearchParameters(sel=selector)
        scores, positions = self._index.search(queries, k, params=parameters)
        rows = np.where(positions >= 0, self._rows[positions], -1)
        return rows, scores

    def missing_from(self, live: Rows) -> int:
        """Return how many of the ``live`` rows the index does not hold yet."""
        return int(np.isin(live, self._rows, invert=True).sum())


def _checked(file: Path, manifest: Manifest) -> bytes:
    """Return the bytes of a file of the index, which are those that were built."""
    try:
        data = file.read_bytes()
    except OSError:
        data = b""
    fact = manifest.files.get(file.name)
    if fact is None or hashlib.sha256(data).hexdigest() != fact.sha256:
        raise IndexDamagedError(
            f"{file} is missing or damaged", hint="Run: memctl index build --force"
        )
    return data
