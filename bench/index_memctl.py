"""memctl as ``bench.index`` measures it: a dense index over a store, and what is bare of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from bench.common import Row
from bench.index_systems import Found
from bench.index_vectors import K
from memctl.index import DenseIndex, Request, Rows, TargetMissedError, Wish, build, retune
from memctl.index.choose import choose
from memctl.index.sample import draw
from memctl.ingest import Chunk, DocumentRecord, Layout, Store, Vectors
from memctl.ingest.catalog import Catalog
from memctl.ingest.vectors import VectorFile

_CHUNKS = 1_000  # a document
_WARM, _TURNS = 100, 1_000  # queries
_TEXT = "A passage of the length that most passages have, number {}. " * 8


def make_store(root: Path, base: Vectors) -> None:
    """Make a store whose row i is of vector i, in documents of a thousand chunks."""
    layout = Layout(root)
    root.mkdir(parents=True)
    layout.vectors.touch()
    catalog = Catalog.create(
        layout.catalog, embedder="bench", fingerprint="bench-1", dimension=base.shape[1]
    )
    file = VectorFile(layout.vectors, base.shape[1])
    for first in range(0, len(base), _CHUNKS):
        part = np.asarray(base[first : first + _CHUNKS])
        sha256 = file.append(part, rows=first)
        keys = [f"{first + i}".encode() for i in range(len(part))]
        with catalog.transaction():
            catalog.add_vectors(keys, first=first, sha256=sha256)
            catalog.put_document(*_document(first, len(part)))
    catalog.close()


def _document(first: int, count: int) -> tuple[DocumentRecord, list[tuple[Chunk, int]]]:
    name, placed, at = f"{first:08d}.txt", list[tuple[Chunk, int]](), 0
    for row in range(first, first + count):
        text = _TEXT.format(*[row] * 8)
        placed.append((Chunk(name, at, end=at + len(text), text=text, tokens=100), row))
        at += len(text)
    record = DocumentRecord(
        name,
        name,
        file=name,
        title="",
        language="en",
        sha256=f"{first:064x}",
        recipe="bench",
        characters=at,
        pages=(),
    )
    return record, placed


class Memctl:
    """An index of memctl. Its store is made by the first build, and its vectors are shared."""

    PACKAGES: ClassVar[Sequence[str]] = ("faiss", "memctl.index", "memctl.ingest")
    BUILDS: ClassVar[Sequence[Row]] = (
        {"type": "auto"},
        {"type": "pq-fs", "pq_m": 192},
        {"type": "hnsw"},
    )

    def files(self, folder: Path) -> Path:
        """Return the folder of the index; the store's own vectors are beside it in any case."""
        store, name = _place(folder)
        return Layout(store).indexes / name

    def build(self, base: Vectors, folder: Path, how: Row) -> None:
        """Build as ``memctl index build`` does."""
        store, name = _place(folder)
        if not store.exists():
            make_store(store, base)
        build(store, Request(name, Wish(**how)))

    def tune(self, folder: Path, queries: Vectors) -> bool:
        """Tune as ``memctl index tune --questions`` does; tell whether the target is reached."""
        store, name = _place(folder)
        try:
            retune(store, name, questions=queries)
        except TargetMissedError:
            return False
        return True

    def open(self, folder: Path) -> None:
        """Open the store and the index."""
        store, name = _place(folder)
        self._held = ExitStack()
        self.store = self._held.enter_context(Store.open(store))
        self.index = DenseIndex.open(self.store, name)

    def settings(self) -> Sequence[Row]:
        """Return the effort that it was tuned to."""
        effort = self.index.manifest.effort
        words = {"nprobe": effort.nprobe, "k_factor": effort.k_factor, "ef": effort.ef}
        return [{"spec": str(self.index.manifest.spec)} | {n: v for n, v in words.items() if v}]

    def use(self, setting: Row, threads: int) -> None:  # noqa: ARG002  it was tuned
        """Have FAISS use so many threads."""
        import faiss

        faiss.omp_set_num_threads(threads)

    def one(self, query: Vectors) -> Found:
        """Return the rows nearest to a query."""
        return self.index.search(query[None], K)[0][0]

    def many(self, queries: Vectors) -> Found | None:
        """Return the rows nearest to queries."""
        return self.index.search(queries, K)[0]


def _place(folder: Path) -> tuple[Path, str]:
    """Return the store that all indexes of the points share, and the name of this one."""
    return folder.parent / "store", folder.name


def overhead(folder: Path, queries: Vectors) -> Row:
    """Return microseconds of CPU a query: of bare FAISS on the same files, and of memctl in steps.

    The works take turns, a query each, so that other load meets all of them.
    """
    system = Memctl()
    system.open(folder)
    manifest, catalog = system.index.manifest, system.store.catalog
    every: Rows = system.index.engine.rows
    half = every[::2]
    bare = _bare(system, None)
    barred = _bare(system, half)

    def chunks(query: Vectors) -> None:
        catalog.chunks_at(system.one(query).tolist())

    works: dict[str, Callable[[Vectors], object]] = {
        "FAISS with refine": bare,
        "memctl": system.one,
        "memctl, with chunks": chunks,
        "FAISS, half allowed": barred,
        "memctl, half allowed": lambda query: system.index.search(query[None], K, allowed=half),
    }
    taken = dict.fromkeys(works, 0.0)
    for query in queries[:_WARM]:
        for work in works.values():
            work(query)
    for query in queries[:_TURNS]:
        for name, work in works.items():
            begun = time.thread_time()
            work(query)
            taken[name] += time.thread_time() - begun
    micros = {name: 1e6 * seconds / len(queries[:_TURNS]) for name, seconds in taken.items()}
    return {"spec": str(manifest.spec), "micros": micros}


def _bare(system: Memctl, allowed: Rows | None) -> Callable[[Vectors], object]:
    """Return a search by FAISS alone in the files of the index."""
    import faiss

    manifest = system.index.manifest
    folder = system.store.layout.indexes / manifest.name / manifest.folder
    library: Any = faiss
    base = library.read_index(str(folder / "codes.faiss"))
    refined = library.read_index(str(folder / "refine.faiss"), library.IO_FLAG_MMAP_IFC)
    both = library.IndexRefine(base, refined)
    effort = manifest.effort
    selector = None
    if allowed is not None:
        mask = np.zeros(base.ntotal, dtype=np.uint8)
        mask[np.searchsorted(system.index.engine.rows, allowed)] = 1
        selector = library.IDSelectorBitmap(np.packbits(mask, bitorder="little"))
    inner = library.SearchParametersIVF(sel=selector, nprobe=max(effort.nprobe, 1))
    params = library.IndexRefineSearchParameters(k_factor=effort.k_factor, base_index_params=inner)
    return lambda query: (both, base, refined, both.search(query[None], K, params=params))


class _Stages:
    """Notes the CPU seconds at which each stage of a build begins."""

    def __init__(self) -> None:
        self.begun: dict[str, float] = {}

    def stage(self, name: str, total: int) -> None:  # noqa: ARG002  part of the seam
        self.begun[name] = time.process_time()

    def advance(self, steps: int) -> None:
        pass

    def tell(self, line: str) -> None:
        pass


def training(folder: Path, base: Vectors, how: Row) -> Row:
    """Return the CPU seconds of training and adding, by memctl and by plain FAISS.

    FAISS is given as many lists and parts, its own way of finding lists, and no map that turns.
    """
    import faiss

    stages, wish = _Stages(), Wish(**how)
    store, name = _place(folder)
    if not store.exists():
        make_store(store, base)
    with suppress(TargetMissedError):  # it was trained and filled all the same
        build(store, Request(name, wish, force=True), progress=stages)
    memctl = stages.begun["measuring"] - stages.begun["training"]
    spec = choose(wish, count=len(base), dimension=base.shape[1]).spec
    library: Any = faiss
    drawn = draw(np.arange(len(base)), nlist=spec.lists, seed=wish.seed).training
    begun = time.process_time()
    sample = base[drawn]
    plainly = f"IVF{spec.nlist},PQ{spec.pq_m}x{spec.pq_bits}fs"
    index = library.index_factory(base.shape[1], plainly, library.METRIC_INNER_PRODUCT)
    refine = library.index_factory(base.shape[1], "SQ8", library.METRIC_INNER_PRODUCT)
    for each in (index, refine):
        each.train(sample)
        each.add(base)
    plain = time.process_time() - begun
    return {"spec": str(spec), "memctl": memctl, "plain": plain}
