"""Tune an index that was assembled, and measure what it finds and takes."""

from __future__ import annotations

import math
import time
from dataclasses import KW_ONLY, dataclass
from functools import partial

import numpy as np

from memctl.index.assembly import Assembly
from memctl.index.certificate import DEPTHS, Certificate, Recall
from memctl.index.choose import Wish
from memctl.index.effort import Effort
from memctl.index.engine import Engine
from memctl.index.errors import TargetMissedError
from memctl.index.library import one_thread
from memctl.index.progress import Progress
from memctl.index.recall import Trial, interval, recalls, trial
from memctl.index.sample import Draw, Rows, RowSource
from memctl.index.spec import COARSE, Spec
from memctl.index.tuning import tune
from memctl.ingest import Vectors

_TIMED = 200  # single queries
_FEW = 100  # queries for an index that is exact by construction
_AGAIN = 2  # times that more is tried
_LEAST_QUESTIONS = 100  # of fewer, none can be spared for the tuning


@dataclass(frozen=True, slots=True)
class Certified:
    """How an index is to be searched, and what that finds and takes."""

    effort: Effort
    certificate: Certificate
    _: KW_ONLY
    latency_ms: float
    latency_p95_ms: float


@dataclass(frozen=True, slots=True)
class Probes:
    """Queries to tune an index by, and others to certify it with."""

    tuning: Trial
    vectors: Trial
    _: KW_ONLY
    questions: Trial | None


def probes(
    drawn: Draw, source: RowSource, *, live: Rows, questions: Vectors | None, few: bool
) -> Probes:
    """Find the exact neighbours of the drawn vectors, and of ``questions``, among ``live`` rows.

    With enough questions every other one tunes and the rest certify. ``few`` queries will do for
    an index that is exact by construction.
    """
    asked, kept = _halves(questions)
    sizes = (1, _FEW) if few else (len(drawn.tuning), len(drawn.certifying))
    return Probes(
        _known(drawn.tuning[: sizes[0]], source, live=live)
        if asked is None
        else _asked(asked, source, live=live),
        _known(drawn.certifying[: sizes[1]], source, live=live),
        questions=None if kept is None else _asked(kept, source, live=live),
    )


def certify(
    made: Assembly,
    source: RowSource,
    *,
    live: Rows,
    wish: Wish,
    questions: Vectors | None,
    progress: Progress,
) -> Certified:
    """Find the least effort that reaches the wish, and measure with queries it was not found by.

    Where these say that it is too little, as much more is asked of those that it is found by, twice
    at most: of few queries the cheapest choice is the luckiest one, too.

    Raises:
        TargetMissedError: the recall or the latency that was wished for is not reached.
    """
    engine = Engine(
        made.spec, made.pair.base, refine=made.pair.refine, rows=made.rows, source=source
    )
    if len(live) < len(made.rows):
        engine.restrict(live)
    progress.stage("measuring", 0)
    found = probes(made.drawn, source, live=live, questions=questions, few=made.spec.type == "flat")
    aim = wish.target_recall
    effort = tune(engine, found.tuning, source=source, target=aim)
    done = _measured(engine, effort, found, source=source, wish=wish)
    for _ in range(_AGAIN):
        if done.certificate.met:
            break
        aim = min(aim + wish.target_recall - done.certificate.decisive.at[10].mean, 1.0)
        effort = tune(engine, found.tuning, source=source, target=aim)
        if effort == done.effort:
            break
        done = _measured(engine, effort, found, source=source, wish=wish)
    _check(done, wish, engine.spec)
    return done


def certified(
    engine: Engine, effort: Effort, found: Probes, *, source: RowSource, wish: Wish
) -> Certified:
    """Measure an index that is searched with ``effort``.

    Raises:
        TargetMissedError: the recall or the latency that was wished for is not reached.
    """
    done = _measured(engine, effort, found, source=source, wish=wish)
    _check(done, wish, engine.spec)
    return done


def _measured(
    engine: Engine, effort: Effort, found: Probes, *, source: RowSource, wish: Wish
) -> Certified:
    measured = partial(measure, engine, effort, source=source, seed=wish.seed)
    certificate = Certificate(
        wish.target_recall,
        measured(found.vectors),
        questions=None if found.questions is None else measured(found.questions),
    )
    median, high = latency(engine, effort, found.vectors)
    return Certified(effort, certificate, latency_ms=median, latency_p95_ms=high)


def _check(done: Certified, wish: Wish, spec: Spec) -> None:
    if not done.certificate.met:
        got = done.certificate.decisive.at[10].mean
        raise TargetMissedError(
            f"recall@10 is {got:.3f}, below the target of {wish.target_recall}",
            hint=advice(spec, got),
        )
    if wish.max_latency and done.latency_ms > wish.max_latency:
        raise TargetMissedError(
            f"a query takes {done.latency_ms:.2f} ms, more than the {wish.max_latency} ms wanted",
            hint="Lower --target-recall, or choose --type pq-fs (ivf-pq-fs for millions).",
        )


def advice(spec: Spec, got: float) -> str:
    """Return what to change where recall@10 is ``got``, or a target that it passes."""
    if spec.refine == "none" and (spec.type in COARSE or spec.factory):
        advice = "Codes alone lose too much: add --refine sq8"
    elif spec.pq_m:
        advice = "Choose more codes (--pq-m), another --type"
    else:
        advice = "Choose another --type"
    passing = math.floor(round(100 * got, 4)) / 100
    return f"{advice}, or accept --target-recall {passing}" if passing else advice


def _halves(questions: Vectors | None) -> tuple[Vectors | None, Vectors | None]:
    """Part questions into those to tune by and those to certify with."""
    if questions is None or len(questions) < _LEAST_QUESTIONS:
        return None, questions
    return questions[0::2], questions[1::2]


def _known(own: Rows, source: RowSource, *, live: Rows) -> Trial:
    return trial(source.take(own), own, source=source, rows=live, k=max(DEPTHS))


def _asked(questions: Vectors, source: RowSource, *, live: Rows) -> Trial:
    nobody = np.full(len(questions), -1, dtype=np.int64)
    return trial(questions, nobody, source=source, rows=live, k=max(DEPTHS))


def measure(
    engine: Engine,
    effort: Effort,
    done: Trial,
    *,
    source: RowSource,
    seed: int,
) -> Recall:
    """Measure an index with queries whose exact neighbours are known."""

    def search(queries: Vectors, k: int) -> Rows:
        return engine.search(queries, k, effort=effort)[0]

    at = {k: interval(recalls(done, search, source=source, k=k), seed=seed) for k in DEPTHS}
    return Recall(len(done.queries), at)


def latency(engine: Engine, effort: Effort, done: Trial) -> tuple[float, float]:
    """Return the median and the 95th percentile of a single query, in milliseconds, one thread."""
    taken: list[float] = []
    with one_thread():
        for query in done.queries[:_TIMED]:
            begun = time.perf_counter()
            engine.search(query[None], 10, effort=effort)
            taken.append(1000 * (time.perf_counter() - begun))
    median, high = np.percentile(taken, [50, 95])
    return round(float(median), 3), round(float(high), 3)
