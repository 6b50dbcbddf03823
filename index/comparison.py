"""What another embedder changes: which neighbours it finds, how good they are, what they cost."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import NDArray

from memctl.index import manifest as manifests
from memctl.index.judged import DEPTH, MEASURES, Judged, worth
from memctl.index.recall import Interval, Scores, Trial, interval, trial
from memctl.index.sample import Rows, RowSource
from memctl.ingest import Embedder, Store, Vectors

_SEED = 20_240_501
_SAMPLE = 1_000  # stored passages to take for questions
_DEEP = 200  # neighbours that the first documents are taken from
_TIMED = 20  # questions


@dataclass(frozen=True, slots=True)
class Side:
    """What a generation is and costs; ``index`` holds the bytes on disk and in memory.

    ``question_ms`` is what the embedding of one question takes, None where none was given.
    """

    embedder: str
    fingerprint: str
    _: KW_ONLY
    dimension: int
    vector_bytes: int
    index_bytes: int
    memory_bytes: float
    search_ms: float
    question_ms: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """A measure before and after, and the difference of the pairs with its 95 % interval."""

    measure: str
    old: float
    _: KW_ONLY
    new: float
    difference: Interval

    @property
    def verdict(self) -> str:
        """What the interval says: it is clear of zero on one side, or it is not."""
        if self.difference.low > 0:
            return "better"
        return "worse" if self.difference.high < 0 else "no clear change"


@dataclass(frozen=True, slots=True)
class Overlap:
    """The mean share of the ten exact neighbours that both embedders find, over ``sample``."""

    sample: int
    share: Interval


@dataclass(frozen=True, slots=True)
class Comparison:
    """The old embedder against the new one.

    ``vectors`` is over stored passages, each left out of its own neighbours, ``questions`` over
    the questions, if there are any. ``changes`` is over the ``judged`` ones of them, by exact
    search. ``unknown`` are gold names that no document has.
    """

    old: Side
    new: Side
    _: KW_ONLY
    vectors: Overlap
    questions: Overlap | None
    changes: tuple[Change, ...]
    judged: int
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions with their vectors, float32 (n, dimension), by one embedder."""

    vectors: Vectors
    ms: float


@dataclass(frozen=True, slots=True)
class Exam:
    """The questions, by both embedders, and the gold names that each document has, by path."""

    questions: Sequence[Judged]
    old: Asked
    _: KW_ONLY
    new: Asked
    names: Mapping[str, frozenset[str]]
    unknown: frozenset[str]


def ask(embedder: Embedder, questions: Sequence[Judged]) -> Asked:
    """Embed the questions, and take the time of a single one."""
    texts = [question.text for question in questions]
    vectors = embedder.embed(texts, role="query")
    taken: list[float] = []
    for text in texts[:_TIMED]:
        begun = time.perf_counter()
        embedder.embed([text], role="query")
        taken.append(1000 * (time.perf_counter() - begun))
    return Asked(vectors, float(np.median(taken)))


def compare(old: Store, new: Store, *, index: str, exam: Exam | None) -> Comparison:
    """Compare two generations of one store; ``index`` is that whose costs are told."""
    with old.catalog.snapshot():
        live: Rows = np.fromiter(old.catalog.live_rows(), dtype=np.int64)
        sources = RowSource(old, old.rows), RowSource(new, new.rows)
    picked = np.sort(np.random.default_rng(_SEED).permutation(live)[:_SAMPLE])
    stored = [
        trial(source.take(picked), picked, source=source, rows=live, k=DEPTH) for source in sources
    ]
    questions, changes, judged = None, tuple[Change, ...](), 0
    if exam is not None:
        asked = [
            _exact(side.vectors, source, live)
            for side, source in zip((exam.old, exam.new), sources, strict=True)
        ]
        questions = overlap(asked[0], asked[1])
        changes, judged = _changes(old, asked[0], asked[1], exam=exam)
    return Comparison(
        _side(old, index, None if exam is None else exam.old),
        _side(new, index, None if exam is None else exam.new),
        vectors=overlap(stored[0], stored[1]),
        questions=questions,
        changes=changes,
        judged=judged,
        unknown=() if exam is None else tuple(sorted(exam.unknown)),
    )


def overlap(old: Trial, new: Trial) -> Overlap:
    """Return which share of the exact neighbours of the one the other has, at ``DEPTH``."""
    depth = min(DEPTH, old.rows.shape[1])
    shares = [
        np.isin(one, other).mean()
        for one, other in zip(old.rows[:, :depth], new.rows[:, :depth], strict=True)
    ]
    return Overlap(len(shares), interval(np.array(shares, dtype=np.float64), seed=_SEED))


def _exact(queries: Vectors, source: RowSource, live: Rows) -> Trial:
    nobody = np.full(len(queries), -1, dtype=np.int64)
    return trial(queries, nobody, source=source, rows=live, k=_DEEP)


def _changes(store: Store, old: Trial, new: Trial, *, exam: Exam) -> tuple[tuple[Change, ...], int]:
    """Measure the questions that have gold documents, in pairs."""
    at = [number for number, question in enumerate(exam.questions) if question.gold]
    if not at:
        return (), 0
    ranks = _Documents(store, exam.names)
    found = [
        np.array([worth(ranks.of(each.rows[n]), exam.questions[n].gold) for n in at])
        for each in (old, new)
    ]
    changes = (_change(*line) for line in zip(MEASURES, found[0].T, found[1].T, strict=True))
    return tuple(changes), len(at)


def _change(measure: str, old: Scores, new: Scores) -> Change:
    return Change(
        measure,
        round(float(old.mean()), 4),
        new=round(float(new.mean()), 4),
        difference=interval(new - old, seed=_SEED),
    )


class _Documents:
    """From rows to documents, each at its best chunk, as the gold names that they have."""

    def __init__(self, store: Store, names: Mapping[str, frozenset[str]]) -> None:
        self._store = store
        self._names = names
        self._paths: dict[int, list[str]] = {}

    def of(self, rows: NDArray[np.int64]) -> list[frozenset[str]]:
        """Return the first ``DEPTH`` documents of a ranking."""
        paths: dict[str, None] = {}
        for row in rows.tolist():
            if row >= 0 and len(paths) < DEPTH:
                paths.update(dict.fromkeys(self._of(row)))
        return [self._names.get(path, frozenset()) for path in list(paths)[:DEPTH]]

    def _of(self, row: int) -> list[str]:
        if row not in self._paths:
            chunks = self._store.catalog.chunks_at([row])
            self._paths[row] = [each.chunk.document for each in chunks.get(row, [])]
        return self._paths[row]


def _side(store: Store, index: str, asked: Asked | None) -> Side:
    manifest = manifests.load(store.layout, index)
    return Side(
        store.generation.embedder,
        store.fingerprint,
        dimension=store.vectors.dimension,
        vector_bytes=store.rows * store.vectors.row_bytes,
        index_bytes=sum(fact.bytes for fact in manifest.files.values()),
        memory_bytes=manifest.resident_bytes,
        search_ms=manifest.costs.latency_ms,
        question_ms=None if asked is None else round(asked.ms, 3),
    )
