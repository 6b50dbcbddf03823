from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # bench is not installed

from bench import index_vectors
from bench.index import against_peers, of_made, row
from bench.index_memctl import Memctl
from bench.index_systems import Exact
from bench.index_turns import Entry
from bench.index_vectors import Points, clustered
from bench.index_worker import built, found


@pytest.fixture
def points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Points:
    monkeypatch.setattr(index_vectors, "TUNING", 20)
    monkeypatch.setattr(index_vectors, "SCORING", 30)
    monkeypatch.setattr(index_vectors, "_CENTRES", 50)
    return clustered(tmp_path, 1_000, dimension=16)


def test_exact_search_has_a_recall_of_one_and_each_wrong_row_costs_a_tenth(points: Points) -> None:
    queries = points.queries("scoring")
    exact = np.argsort(-(queries @ points.base.T), axis=1)[:, :10]
    assert points.recall("scoring", exact).tolist() == [1.0] * 30
    exact[:, 3] = np.argsort(-(queries @ points.base.T), axis=1)[:, 500]
    exact[:, 4] = -1
    assert points.recall("scoring", exact) == pytest.approx([0.8] * 30)
    exact[:] = exact[:, :1]
    assert points.recall("scoring", exact) == pytest.approx([0.1] * 30)


@pytest.mark.parametrize("make", [Exact, Memctl])
def test_a_system_that_is_built_and_opened_finds_the_exact_rows(
    points: Points, tmp_path: Path, make: type[Exact | Memctl]
) -> None:
    place = tmp_path / "made" / "one"
    said = built(make(), place, points, {})
    system = make()
    system.open(place)
    system.use(system.settings()[0], 1)
    queries = points.queries("scoring")
    assert points.recall("scoring", found(system, queries)).mean() > 0.99
    assert system.one(queries[0]).tolist() == found(system, queries)[0].tolist()
    files = [file for file in system.files(place).rglob("*") if file.is_file()]
    assert said["bytes"] == sum(file.stat().st_size for file in files)


def _entry(system: str, speed: float, *, bytes_: int, own: int, kind: str = "") -> Entry:
    made = Entry(system, system, Path(), {"bytes": bytes_, "cpu": 8.0}, {"type": kind}, {})
    made.opened = {"own": own, "resident": own, "open_cpu": 0.1, "recall": 0.96, "error": 0.001}
    made.speeds = {("one", 1): [speed], ("one", 2): [speed, 2 * speed, 9 * speed]}
    return made


def test_the_gates_are_of_the_fastest_index_that_is_small_enough() -> None:
    ours = [
        _entry("memctl", 900, bytes_=45_000, own=10_001),
        _entry("memctl", 300, bytes_=45_000, own=10_000),
        _entry("memctl", 200, bytes_=4_500, own=1_000),
    ]
    peer = _entry("hnswlib", 100, bytes_=0, own=0)
    gates = against_peers(ours, [*ours, peer], 100)
    assert [(gate.value, gate.met) for gate in gates] == [
        (3.0, True),
        (3.0, True),
        (450.0, True),
        (100.0, True),
        (1.0, False),
    ]
    assert against_peers(ours[:1], [ours[0], peer], 100)[3].met is False
    assert "| 600 |" in f"| {' | '.join(row(ours[1], 100))} |"


def test_an_index_that_reached_no_recall_misses_its_gate() -> None:
    exact = _entry("exact", 10, bytes_=0, own=0)
    fast = _entry("memctl", 5_000, bytes_=0, own=11_000, kind="ivf-pq-fs")
    by_name = {gate.name: gate.met for gate in of_made([exact, fast], 100)}
    assert by_name["ivf-pq-fs: times as fast as exact search"]
    assert not by_name["pq-fs: times as fast as exact search"]
