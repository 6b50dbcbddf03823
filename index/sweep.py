"""Several types of index over the same vectors, measured side by side; nothing is kept."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

import numpy as np

from memctl.index.assembly import Assembly, anew
from memctl.index.choose import Wish, resident_bytes
from memctl.index.effort import Effort, ladder
from memctl.index.engine import Engine
from memctl.index.files import CODES, REFINE, write_index
from memctl.index.library import one_thread
from memctl.index.progress import Progress, Silent
from memctl.index.recall import Interval, Search, Trial, interval, recalls, trial
from memctl.index.sample import Rows, RowSource, draw
from memctl.index.spec import Spec
from memctl.ingest import Store, StoreError, Vectors
from memctl.ingest.amounts import counted

TYPES = ("flat", "sq8", "hnsw", "pq-fs", "ivf-sq8", "ivf-pq-fs", "rabitq")
_MOST_POINTS = 10  # of a type
_QUERIES, _TIMED = 400, 100
_ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class Measured:
    """One type searched with one effort: recall@10 with its 95 % interval, and what it takes.

    ``milliseconds`` is the median of single queries on one thread.
    """

    type: str
    spec: str
    effort: Effort
    _: KW_ONLY
    recall: Interval
    milliseconds: float
    bytes_on_disk: float
    bytes_in_memory: float
    build_seconds: float


@dataclass(frozen=True, slots=True)
class Swept:
    """The measurements, a type after the other, each from little effort to much."""

    vectors: int
    dimension: int
    queries: int
    _: KW_ONLY
    points: tuple[Measured, ...]


def sweep(
    store: Path,
    types: Sequence[str] = TYPES,
    *,
    sample: int = 100_000,
    questions: Vectors | None = None,
    seed: int = 20_240_501,
    progress: Progress | None = None,
) -> Swept:
    """Build each type over the store's vectors, or over ``sample`` of them, in a temporary place.

    Recall is against exact search over the same vectors, for ``questions`` (n, dimension) or for
    vectors that no type has trained with. The store is only read.

    Raises:
        StoreError: there is no store, or it holds fewer than two chunks.
        UsageError: a type is unknown, or cannot be built with so many vectors.
    """
    teller = progress or Silent()
    with Store.open(store) as opened:
        with opened.catalog.snapshot():
            live: Rows = np.fromiter(opened.catalog.live_rows(), dtype=np.int64)
            total = opened.rows
        live = live[live < total]
        if live.size < 2:
            raise StoreError(
                f"the store {store} holds {counted(live.size, 'vector')}: too few to compare",
                hint="Run: memctl ingest FOLDER",
            )
        rows = np.sort(np.random.default_rng(seed).permutation(live)[:sample])
        source = RowSource(opened, total)
        done = _queries(rows, source, questions, seed=seed)
        points: list[Measured] = []
        for kind in types:
            wish = Wish(kind, seed=seed)
            with tempfile.TemporaryDirectory() as made:
                found = _built(wish, source, rows, opened.fingerprint, Path(made), teller)
                points += _points(found, source, done=done, seed=seed, progress=teller)
        return Swept(len(rows), source.dimension, len(done.queries), points=tuple(points))


@dataclass(frozen=True, slots=True)
class _Built:
    type: str
    made: Assembly
    _: KW_ONLY
    bytes_on_disk: float
    seconds: float


def _queries(rows: Rows, source: RowSource, questions: Vectors | None, *, seed: int) -> Trial:
    if questions is not None:
        nobody = np.full(len(questions[:_QUERIES]), -1, dtype=np.int64)
        return trial(questions[:_QUERIES], nobody, source=source, rows=rows, k=10)
    own = draw(rows, nlist=0, seed=seed).certifying[:_QUERIES]
    return trial(source.take(own), own, source=source, rows=rows, k=10)


def _built(
    wish: Wish, source: RowSource, rows: Rows, fingerprint: str, place: Path, progress: Progress
) -> _Built:
    folder = place / "building"
    folder.mkdir()
    begun = time.process_time()
    made = anew(wish, source, rows=rows, fingerprint=fingerprint, folder=folder, progress=progress)
    seconds = time.process_time() - begun
    write_index(made.pair.base, place / CODES)
    if made.pair.refine is not None:
        write_index(made.pair.refine, place / REFINE)
    size = sum((place / name).stat().st_size for name in (CODES, REFINE) if (place / name).exists())
    return _Built(wish.type, made, bytes_on_disk=size / len(rows) + _ID_BYTES, seconds=seconds)


def _points(
    built: _Built, source: RowSource, *, done: Trial, seed: int, progress: Progress
) -> Iterator[Measured]:
    made = built.made
    engine = Engine(
        made.spec, made.pair.base, refine=made.pair.refine, rows=made.rows, source=source
    )
    efforts = _spread(ladder(made.spec, len(made.rows)))
    progress.stage(f"measuring {built.type}", len(efforts))
    for effort in efforts:
        found = recalls(done, _searching(engine, effort), source=source, k=10)
        progress.advance(1)
        yield Measured(
            built.type,
            str(made.spec),
            effort,
            recall=interval(found, seed=seed),
            milliseconds=_milliseconds(engine, effort, done),
            bytes_on_disk=round(built.bytes_on_disk, 1),
            bytes_in_memory=round(_resident(made.spec, source.dimension, built), 1),
            build_seconds=round(built.seconds, 2),
        )


def _searching(engine: Engine, effort: Effort) -> Search:
    return lambda queries, k: engine.search(queries, k, effort=effort)[0]


def _resident(spec: Spec, dimension: int, built: _Built) -> float:
    return built.bytes_on_disk if spec.factory else resident_bytes(spec, dimension)


def _spread(efforts: Sequence[Effort]) -> list[Effort]:
    """Return at most ten efforts, from little to much of each kind."""
    if len(efforts) <= _MOST_POINTS:
        return list(efforts)
    places = np.linspace(0, len(efforts) - 1, _MOST_POINTS).round().astype(int)
    return [efforts[place] for place in dict.fromkeys(places.tolist())]


def _milliseconds(engine: Engine, effort: Effort, done: Trial) -> float:
    taken: list[float] = []
    with one_thread():
        for query in done.queries[:_TIMED]:
            begun = time.perf_counter()
            engine.search(query[None], 10, effort=effort)
            taken.append(1000 * (time.perf_counter() - begun))
    return round(float(np.median(taken)), 4)
