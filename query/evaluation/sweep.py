"""Many ways to cut, index and search tried on the same questions, to choose one."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

from memctl.index import Request, TargetMissedError, Wish, build
from memctl.index.progress import Silent
from memctl.ingest import (
    ChunkRules,
    MemctlError,
    Options,
    Settings,
    Store,
    UsageError,
    copy_store,
    ingest,
)
from memctl.query.answers.asker import Asker, Asking
from memctl.query.evaluation.case import Case
from memctl.query.evaluation.grid import Grid, Setup, Values
from memctl.query.evaluation.kept import evaluate_once
from memctl.query.evaluation.measure import Measure
from memctl.query.evaluation.report import Report
from memctl.query.evaluation.run import DEPTH, Plan
from memctl.query.evaluation.statistics import compare
from memctl.query.search import Searcher

_TARGETS = (0.95, 0.8, 0.5, 0.01)  # recall@10 that an index is to reach, one after the other


@dataclass(frozen=True, slots=True)
class Trial:
    """A setup and what it is worth: its report, and the bytes on disk that it searches."""

    setup: Setup
    report: Report
    bytes: int

    def value(self, measure: Measure) -> float:
        """Return the value of a measure."""
        return self.report.value(str(measure))

    @property
    def seconds(self) -> float:
        """What half of the searches stay under."""
        return float(self.report.timings.get("p50", 0.0))


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is swept, with which measures, and where it is made.

    ``work`` keeps the stores that are built: a second sweep goes on where the first one stopped.
    ``answer`` asks for answers too. ``tell`` is told, in words, what is being done.
    """

    grid: Grid
    measures: tuple[Measure, ...]
    _: KW_ONLY
    store: Path
    work: Path
    answer: bool = False
    lenient: bool = False
    tell: Callable[[str], None] = lambda _: None


def sweep(cases: Sequence[Case], plan: Sweep) -> Iterator[Trial]:
    """Yield the trials of all setups, each as soon as it is measured.

    What was made and measured before, and has not changed since, is taken as it is.

    Raises:
        MemctlError: a store, an index or an evaluation cannot be made, or the first measure told.
    """
    places: dict[str, Path] = {}
    for setup in plan.grid.setups():
        made = json.dumps([dict(setup.chunking), setup.index])
        if made not in places:
            places[made] = _place(plan, setup)
        trial = _trial(cases, plan, setup, places[made])
        if not math.isfinite(trial.value(plan.measures[0])):
            raise MemctlError(
                f"{plan.measures[0]} cannot be told: no question speaks of it",
                hint="Choose by another: --measure",
            )
        yield trial


def front(trials: Sequence[Trial], measure: Measure) -> list[Trial]:
    """Return the trials that no other beats: by quality, time of a search, and bytes on disk."""

    def costs(trial: Trial) -> tuple[float, float, float]:
        return (-trial.value(measure), trial.seconds, float(trial.bytes))

    def beaten(trial: Trial) -> bool:
        own = costs(trial)
        return any(
            all(a <= b for a, b in zip(costs(other), own, strict=True)) and costs(other) != own
            for other in trials
        )

    return [trial for trial in trials if not beaten(trial)]


def winner(trials: Sequence[Trial], measure: Measure) -> Trial:
    """Return the trial with the highest quality; of equals the fastest, then the smallest."""
    return min(trials, key=lambda each: (-each.value(measure), each.seconds, each.bytes))


def behind(trial: Trial, best: Trial, measure: Measure) -> float:
    """Return the chance of so large a lead of ``best`` were both as good (paired randomisation)."""
    name = str(measure)
    (found,) = compare([best.report.tally(name)], [trial.report.tally(name)])
    return found.p_lower


def _place(plan: Sweep, setup: Setup) -> Path:
    """Return a store that is cut and indexed as ``setup`` says, made where it is not there yet."""
    place = plan.store
    if setup.chunking:
        place = _cut(plan, setup.chunking)
    elif setup.index:
        place = _copied(plan)
    if setup.index or setup.chunking:
        name = _name(setup)
        plan.tell(f"index {name}")
        _build(place, name, setup.index or "auto")
    return place


def _build(place: Path, name: str, kind: str) -> None:
    """Build an index; one that cannot reach the usual recall is tried as well as it can be.

    What is lost by it shows in the measures.
    """
    *targets, last = _TARGETS
    for target in targets:
        with suppress(TargetMissedError):
            build(place, Request(name, Wish(kind, target_recall=target)), progress=Silent())
            return
    build(place, Request(name, Wish(kind, target_recall=last)), progress=Silent())


def _name(setup: Setup) -> str:
    """Return the name of the index that is searched."""
    return (setup.index or "auto") if setup.index or setup.chunking else "default"


def _cut(plan: Sweep, chunking: Values) -> Path:
    with Store.open(plan.store) as opened:
        embedder = opened.settings.embedder
    mark = json.dumps([dict(chunking), embedder.name, list(map(str, plan.grid.sources))])
    place = plan.work / f"cut-{hashlib.sha256(mark.encode()).hexdigest()[:12]}"
    plan.tell(f"cut: {', '.join(f'{name}={value}' for name, value in chunking.items())}")
    settings = Settings(ChunkRules(**chunking), embedder)
    if not (place / "memctl.toml").exists():
        place.mkdir(parents=True, exist_ok=True)
        (place / "memctl.toml").write_text(settings.to_toml(), encoding="utf-8")
    ingest(plan.grid.sources, place, options=Options(embedder.name, prune=True))
    return place


def _copied(plan: Sweep) -> Path:
    """Return a copy of the store, of this state of it: its own indexes are left alone."""
    with Store.open(plan.store) as opened:
        names = hashlib.sha256(str(opened.catalog.revision).encode())
        for each in opened.catalog.document_names():
            names.update("\0".join(each).encode("utf-8", "surrogatepass"))
    place = plan.work / f"copy-{names.hexdigest()[:12]}"
    if not place.exists():
        plan.tell("copy of the store")
        copy_store(plan.store, place)
    return place


def _trial(cases: Sequence[Case], plan: Sweep, setup: Setup, place: Path) -> Trial:
    how = setup.how()
    with Searcher.open(place, _name(setup), mode=how.mode) as searcher:
        reranker = setup.search.get("reranker", "")
        if setup.search.get("rerank") or reranker:
            how = how.reranked_by(searcher.reranker(reranker))
        k = setup.search.get("k", 0)
        asking = Asking(None, k or 8, how=how)
        made = Plan(
            plan.measures,
            how,
            depth=max(k or DEPTH, *(each.depth for each in plan.measures)),
            asker=Asker(searcher, asking) if plan.answer else None,
            lenient=plan.lenient,
        )
        plan.tell(setup.label)
        evaluation, _ = evaluate_once(searcher, cases, made, settings=_settings(setup, searcher))
        return Trial(setup, evaluation.report, _bytes(searcher))


def _settings(setup: Setup, searcher: Searcher) -> Mapping[str, Any]:
    return {
        **{f"chunking.{name}": value for name, value in setup.chunking.items()},
        "index": searcher.dense.manifest.type if searcher.dense else "",
        **setup.search,
        "embedder": searcher.store.fingerprint,
    }


def _bytes(searcher: Searcher) -> int:
    """Return the bytes on disk of the indexes that are searched."""
    manifests = [each.manifest for each in (searcher.dense, searcher.lexical) if each is not None]
    return sum(fact.bytes for manifest in manifests for fact in manifest.files.values())


def check_measure(measure: Measure) -> None:
    """Refuse to choose by what has no single best value.

    Raises:
        UsageError: it is a measure of the time.
    """
    if measure.kind == "time":
        raise UsageError(f"{measure} is no quality", hint="Choose by one such as nDCG@10 or CitR.")
