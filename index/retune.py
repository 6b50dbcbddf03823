"""Find again how an index is best searched, without building it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from memctl.index import manifest as manifests
from memctl.index.certify import certified, probes
from memctl.index.dense import DenseIndex
from memctl.index.errors import TargetMissedError
from memctl.index.manifest import Manifest
from memctl.index.sample import Rows, RowSource, draw
from memctl.index.tuning import Point, explore, reaches
from memctl.ingest import Store, Vectors, writing_to


@dataclass(frozen=True, slots=True)
class Retuned:
    """The manifest with its new effort, and the front that it was chosen from, fast to slow."""

    manifest: Manifest
    front: tuple[Point, ...]


def retune(
    store: Path,
    name: str = manifests.DEFAULT,
    *,
    target: float | None = None,
    questions: Vectors | None = None,
) -> Retuned:
    """Choose the fastest effort that reaches recall@10 of ``target``, and write it down.

    None keeps the target that the index was built for. ``questions`` are vectors of real
    questions, float32 (n, dimension).

    Raises:
        IndexNotFoundError: there is no such index.
        IndexDamagedError: the index is not what was built.
        TargetMissedError: no effort reaches the target; the index stays as it was.
    """
    with Store.write(store) as opened:
        index = DenseIndex.open(opened, name)
        old = index.manifest
        wish = old.wish if target is None else replace(old.wish, target_recall=target)
        with opened.catalog.snapshot():
            live: Rows = np.fromiter(opened.catalog.live_rows(), dtype=np.int64)
            source = RowSource(opened, opened.rows)
        here = np.intersect1d(live, index.engine.rows)
        index.engine.restrict(here)
        drawn = draw(here, nlist=old.spec.lists, seed=wish.seed)
        few = old.spec.type == "flat"
        found = probes(drawn, source, live=here, questions=questions, few=few)
        front = explore(index.engine, found.tuning, source=source, target=wish.target_recall)
        best = next((point for point in front if reaches(point, wish.target_recall)), None)
        if best is None:
            raise TargetMissedError(
                f"recall@10 is {front[-1].recall:.3f} at best, below {wish.target_recall}",
                hint="Build it with more codes, or with --refine sq8: memctl index build --help",
            )
        done = certified(index.engine, best.effort, found, source=source, wish=wish)
        manifest = replace(
            old,
            wish=wish,
            effort=done.effort,
            certificate=done.certificate,
            costs=replace(
                old.costs, latency_ms=done.latency_ms, latency_p95_ms=done.latency_p95_ms
            ),
        )
        with writing_to(opened.layout.root):
            manifest.write(opened.layout.indexes / name)
        return Retuned(manifest, tuple(front))
