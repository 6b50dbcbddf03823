"""The systems that ``bench.index`` compares, each behind the same few calls.

A system is built in one process and opened in another. Each has the same budget: three ways to
build it, and a ladder of at most twelve ways to search each of them, from cheap to dear. memctl is
searched with the effort that its own ``retune`` finds by the same queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from bench.common import Row
from bench.index_vectors import K
from memctl.ingest import Vectors

Found = NDArray[np.int64]
EFS = (10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)


class System(Protocol):
    """An index in a folder; rows are numbers of the vectors that it was built from."""

    BUILDS: ClassVar[Sequence[Row]]  # ways to build it
    PACKAGES: ClassVar[Sequence[str]]  # whose memory is not the index's

    def files(self, folder: Path) -> Path:
        """Return the folder of what has to be kept for searching."""
        ...

    def build(self, base: Vectors, folder: Path, how: Row) -> None:
        """Build it and write it."""
        ...

    def open(self, folder: Path) -> None:
        """Open what was written."""
        ...

    def settings(self) -> Sequence[Row]:
        """Return the ways to search it, from cheap to dear."""
        ...

    def use(self, setting: Row, threads: int) -> None:
        """Search so from now on; a call for many queries may use so many threads."""
        ...

    def one(self, query: Vectors) -> Found:
        """Return the rows (10) nearest to a query (dimension)."""
        ...

    def many(self, queries: Vectors) -> Found | None:
        """Return the rows (n, 10) nearest to queries in one call; None if there is none."""
        ...


class Peer:
    """What the peers have in common: all that they keep lies in their folder."""

    def files(self, folder: Path) -> Path:
        """Return the folder of what has to be kept for searching."""
        return folder


class Exact(Peer):
    """Every vector compared, by plain FAISS."""

    PACKAGES: ClassVar[Sequence[str]] = ("faiss",)
    BUILDS: ClassVar[Sequence[Row]] = ({},)

    def build(self, base: Vectors, folder: Path, how: Row) -> None:  # noqa: ARG002  one way
        """Build it and write it."""
        import faiss

        index = faiss.IndexFlatIP(base.shape[1])
        index.add(base)
        faiss.write_index(index, str(folder / "index"))

    def open(self, folder: Path) -> None:
        """Open what was written."""
        import faiss

        self._library: Any = faiss
        self._index: Any = faiss.read_index(str(folder / "index"))

    def settings(self) -> Sequence[Row]:
        """Return the ways to search it."""
        return ({},)

    def use(self, setting: Row, threads: int) -> None:  # noqa: ARG002  one way
        """Search so from now on."""
        self._library.omp_set_num_threads(threads)

    def one(self, query: Vectors) -> Found:
        """Return the rows nearest to a query."""
        return np.asarray(self._index.search(query[None], K)[1][0])

    def many(self, queries: Vectors) -> Found | None:
        """Return the rows nearest to queries, where one call can."""
        return np.asarray(self._index.search(queries, K)[1])


class Hnswlib(Peer):
    """hnswlib, 32-bit floats."""

    PACKAGES: ClassVar[Sequence[str]] = ("hnswlib",)
    BUILDS: ClassVar[Sequence[Row]] = (
        {"M": 16, "ef_construction": 100},
        {"M": 16, "ef_construction": 200},
        {"M": 32, "ef_construction": 200},
    )

    def build(self, base: Vectors, folder: Path, how: Row) -> None:
        """Build it and write it."""
        hnswlib: Any = import_module("hnswlib")
        index: Any = hnswlib.Index(space="ip", dim=base.shape[1])
        index.init_index(max_elements=len(base), **how)
        index.add_items(base, np.arange(len(base)))
        index.save_index(str(folder / "index"))
        (folder / "dim").write_text(str(base.shape[1]), encoding="utf-8")

    def open(self, folder: Path) -> None:
        """Open what was written."""
        hnswlib: Any = import_module("hnswlib")
        dimension = int((folder / "dim").read_text(encoding="utf-8"))
        self._index: Any = hnswlib.Index(space="ip", dim=dimension)
        self._index.load_index(str(folder / "index"))

    def settings(self) -> Sequence[Row]:
        """Return the ways to search it."""
        return [{"ef": ef} for ef in EFS]

    def use(self, setting: Row, threads: int) -> None:
        """Search so from now on."""
        self._index.set_ef(setting["ef"])
        self._threads = threads

    def one(self, query: Vectors) -> Found:
        """Return the rows nearest to a query."""
        return self._index.knn_query(query, K, num_threads=1)[0][0].astype(np.int64)

    def many(self, queries: Vectors) -> Found | None:
        """Return the rows nearest to queries, where one call can."""
        return self._index.knn_query(queries, K, num_threads=self._threads)[0].astype(np.int64)


class Usearch(Peer):
    """USearch, in three widths."""

    PACKAGES: ClassVar[Sequence[str]] = ("usearch.index",)
    BUILDS: ClassVar[Sequence[Row]] = (
        {"dtype": "f32", "connectivity": 16, "expansion_add": 128},
        {"dtype": "bf16", "connectivity": 16, "expansion_add": 128},
        {"dtype": "bf16", "connectivity": 32, "expansion_add": 200},
    )

    def build(self, base: Vectors, folder: Path, how: Row) -> None:
        """Build it and write it."""
        kind: Any = import_module("usearch.index").Index
        index = kind(ndim=base.shape[1], metric="ip", **how)
        index.add(np.arange(len(base)), np.asarray(base))
        index.save(str(folder / "index"))

    def open(self, folder: Path) -> None:
        """Open what was written."""
        kind: Any = import_module("usearch.index").Index
        self._index: Any = kind.restore(str(folder / "index"))

    def settings(self) -> Sequence[Row]:
        """Return the ways to search it."""
        return [{"expansion_search": ef} for ef in EFS]

    def use(self, setting: Row, threads: int) -> None:
        """Search so from now on."""
        self._index.expansion_search = setting["expansion_search"]
        self._threads = threads

    def one(self, query: Vectors) -> Found:
        """Return the rows nearest to a query."""
        return filled(self._index.search(query, K, threads=1).keys)

    def many(self, queries: Vectors) -> Found | None:
        """Return the rows nearest to queries, where one call can."""
        return np.asarray(self._index.search(queries, K, threads=self._threads).keys).astype(
            np.int64
        )


def filled(rows: Any) -> Found:  # noqa: ANN401  a list or an array of any integers
    """Return ten rows, -1 where there are fewer."""
    found: Found = np.full(K, -1, dtype=np.int64)
    known = np.asarray(rows, dtype=np.int64)[:K]
    found[: len(known)] = known
    return found
