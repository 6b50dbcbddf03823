from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from vector_store import add_vectors, clustered, make_store, remove_rows

from memctl.index import DenseIndex, Manifest, Request, Wish, build, load
from memctl.index import filling as parts
from memctl.ingest import Store, UsageError

DIMENSION = 32
TYPES = ["flat", "pq-fs", "ivf-pq-fs", "hnsw"]


def _live(root: Path) -> np.ndarray:
    with Store.open(root) as opened:
        return np.fromiter(opened.catalog.live_rows(), dtype=np.int64)


def _check(root: Path, kind: str) -> None:
    """Whatever is found is there now, and the chunk found is the one whose vector it is."""
    with Store.open(root) as opened:
        live = _live(root)
        stored = opened.vectors.map(opened.catalog.rows).astype(np.float32)
        index = DenseIndex.open(opened, kind)
        picks = np.random.default_rng(3).choice(live, 30)
        rows, scores = index.search(stored[picks], 5, allowed=live)
        assert np.isin(rows, live).all()
        if not index.missing_from(live):
            assert (rows[:, 0] == picks).mean() > 0.9
        for line, cosines, pick in zip(rows, scores, picks, strict=True):
            assert np.allclose(cosines, stored[line] @ stored[pick], atol=0.15), kind
            ((found,),) = opened.catalog.chunks_at([int(line[0])]).values()
            assert found.chunk.text == f"text {line[0]}"


@pytest.mark.parametrize("kind", TYPES)
def test_rounds_of_change_never_find_what_was_removed(tmp_path: Path, kind: str) -> None:
    chance = random.Random(7)
    root = make_store(tmp_path / "store", clustered(600, DIMENSION))
    build(root, Request(kind, Wish(kind, target_recall=0.7)))
    for turn in range(30):
        live = _live(root)
        if len(live) > 300:
            remove_rows(root, chance.sample(live.tolist(), chance.choice([1, 20, 80])))
        _check(root, kind)
        add_vectors(root, clustered(chance.choice([1, 30, 100]), DIMENSION, seed=100 + turn))
        if chance.random() < 0.7:
            manifest = build(root, Request(kind, force=chance.random() < 0.2))
            assert manifest.type == kind
        _check(root, kind)


def _grown(root: Path, count: int, *, seed: int) -> Manifest:
    add_vectors(root, clustered(count, DIMENSION, seed=seed))
    return build(root)


def test_what_is_new_is_added_without_training(tmp_path: Path) -> None:
    root = make_store(tmp_path / "store", clustered(1_000, DIMENSION))
    first = build(root, Request(wish=Wish("ivf-pq-fs")))
    second = _grown(root, 200, seed=2)
    assert second.vectors == 1_200
    assert second.trained_on == first.trained_on == 1_000
    assert second.costs.training_seconds == 0
    assert second.spec == first.spec


def test_an_index_that_has_doubled_is_trained_again(tmp_path: Path) -> None:
    root = make_store(tmp_path / "store", clustered(1_000, DIMENSION))
    build(root, Request(wish=Wish("ivf-pq-fs")))
    assert _grown(root, 1_001, seed=2).trained_on == 2_001


def test_an_index_that_outgrows_its_memory_is_chosen_again_or_refused(tmp_path: Path) -> None:
    root = make_store(tmp_path / "store", clustered(1_000, DIMENSION))
    first = build(root, Request(wish=Wish("ivf-pq-fs", max_memory=22_000)))
    assert first.resident_bytes == 20_000
    add_vectors(root, clustered(200, DIMENSION, seed=2))
    with pytest.raises(UsageError, match=r"1,200 vectors takes 24\.0 kB"):
        build(root)
    with Store.open(root) as opened:
        assert load(opened.layout) == first


def test_vectors_of_another_kind_make_it_train_again(tmp_path: Path) -> None:
    root = make_store(tmp_path / "store", clustered(1_000, DIMENSION))
    build(root, Request(wish=Wish("ivf-pq-fs")))
    corner = np.random.default_rng(5).normal(1, 0.6, (900, DIMENSION)).astype(np.float32)
    elsewhere = corner / np.linalg.norm(corner, axis=1, keepdims=True)
    add_vectors(root, elsewhere)
    assert build(root).trained_on == 1_900


def test_removed_chunks_go_at_compaction(tmp_path: Path) -> None:
    root = make_store(tmp_path / "store", clustered(1_000, DIMENSION))
    build(root, Request(wish=Wish("pq-fs")))
    remove_rows(root, range(50))
    few = build(root)
    assert (few.vectors, few.trained_on) == (1_000, 1_000)
    remove_rows(root, range(50, 120))
    many = build(root)
    assert (many.vectors, many.trained_on) == (880, 1_000)


def test_a_grown_index_finds_as_much_as_one_built_at_once(tmp_path: Path) -> None:
    root = make_store(tmp_path / "store", clustered(1_500, DIMENSION))
    build(root, Request(wish=Wish("ivf-pq-fs")))
    grown = _grown(root, 500, seed=2)
    fresh = build(root, Request("fresh", Wish("ivf-pq-fs")))
    both = [m.certificate.vectors.at[10] for m in (grown, fresh)]
    assert min(interval.mean for interval in both) >= 0.95


def test_parts_that_are_merged_are_the_index_built_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_store(tmp_path / "store", clustered(2_000, DIMENSION))
    for kind in ("ivf-pq-fs", "pq-fs", "sq8", "ivf-flat"):
        whole = build(root, Request(kind, Wish(kind)))
        monkeypatch.setattr(parts, "PART", 600)
        pieces = build(root, Request(kind, Wish(kind), force=True))
        monkeypatch.undo()
        assert pieces.files == whole.files
        _check(root, kind)


def test_a_killed_build_goes_on_with_the_next_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_store(tmp_path / "store", clustered(2_000, DIMENSION))
    monkeypatch.setattr(parts, "PART", 600)
    added: list[int] = []
    real = parts.add

    def ends_after_two(*arguments: object, **named: object) -> None:
        if len(added) == 2:
            raise KeyboardInterrupt
        added.append(1)
        real(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(parts, "add", ends_after_two)
    with pytest.raises(KeyboardInterrupt):
        build(root, Request(wish=Wish("ivf-pq-fs")))
    added.clear()

    def counts(*arguments: object, **named: object) -> None:
        added.append(1)
        real(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(parts, "add", counts)
    resumed = build(root, Request(wish=Wish("ivf-pq-fs")))
    assert len(added) == 2
    again = build(root, Request(wish=Wish("ivf-pq-fs"), force=True))
    assert resumed.files == again.files


_BUILD = """
import sys
from pathlib import Path
from memctl.index import Request, Wish, build
build(Path(sys.argv[1]), Request(wish=Wish("ivf-pq-fs"), force=True))
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of this kind are POSIX")
@pytest.mark.parametrize("kills", [12, pytest.param(100, marks=pytest.mark.slow)])
def test_a_build_killed_at_any_moment_leaves_an_index_that_serves(
    tmp_path: Path, kills: int
) -> None:
    chance = random.Random(11)
    root = make_store(tmp_path / "store", clustered(1_500, DIMENSION))
    build(root, Request(wish=Wish("ivf-pq-fs")))
    for _ in range(kills):
        process = subprocess.Popen([sys.executable, "-c", _BUILD, str(root)])
        time.sleep(chance.uniform(0.1, 1.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        _check(root, "default")
    with Store.open(root) as opened:
        before = load(opened.layout).generation
    assert build(root, Request(force=True)).generation > before
    assert [path.name for path in (root / "indexes/default").glob("gen-*")] == [
        f"gen-{before + 1:04d}"
    ]
