from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import Run

from memctl.ingest import Store, StoreError, copy_store
from memctl.ingest.settings import load

GRID = """
sources = ["docs"]
[chunking]
max_tokens = [32, 256]
[index]
type = ["flat", "sq8"]
[search]
mode = ["lexical", "dense"]
"""


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    rows: list[dict[str, Any]] = [
        {"_id": "a", "question": "Who built the gull tower?", "evidence": ["en/tower.md"]},
        {"_id": "b", "question": "Сколько птиц прилетает весной?", "evidence": ["ru/чайки.txt"]},
        {"_id": "c", "question": "hemp rope", "evidence": ["a1"]},
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return file


def _grid(tmp_path: Path, text: str = GRID) -> Path:
    file = tmp_path / "grid.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_all_combinations_are_tried_and_the_best_is_written(
    filled: Run, questions: Path, store: Path, tmp_path: Path
) -> None:
    grid, page = _grid(tmp_path), tmp_path / "sweep.html"
    words = ("eval", "sweep", questions, "--grid", grid, "--out", page, "--write", "--json")
    done = filled(*words)
    assert done.code == 0
    trials = done.json["trials"]
    # Words alone have no index of vectors: two ways to cut, each with one search by words and two.
    assert len(trials) == 2 * (1 + 2)
    assert [each["value"] for each in trials] == sorted(
        (each["value"] for each in trials), reverse=True
    )
    best = next(each for each in trials if each["best"])
    assert best["front"]
    assert best["value"] == trials[0]["value"]
    assert any(each["front"] for each in trials)
    settings = load(store / "memctl.toml")
    assert settings.search.mode == done.json["best"]["search"]["mode"]
    assert settings.chunking.max_tokens == done.json["best"]["chunking"]["max_tokens"]
    assert "<svg" in page.read_text("utf-8")
    again = filled(*words)
    assert again.json["trials"] == trials  # their timings too: nothing was measured again


def test_a_store_is_swept_in_a_copy_and_left_as_it_is(
    filled: Run, questions: Path, store: Path, tmp_path: Path
) -> None:
    before = {file: file.read_bytes() for file in store.rglob("*") if file.is_file()}
    grid = _grid(tmp_path, '[index]\ntype = ["flat", "sq8"]\n')
    done = filled("eval", "sweep", questions, "--grid", grid)
    assert done.code == 0
    assert "Best:" in done.out
    assert {file: file.read_bytes() for file in store.rglob("*") if file.is_file()} == before
    work = tmp_path / "grid.toml.work"
    (copied,) = work.iterdir()
    assert sorted(each.name for each in (copied / "indexes").iterdir()) == ["flat", "sq8"]


def test_a_search_alone_is_swept_on_the_store_itself(
    filled: Run, questions: Path, tmp_path: Path
) -> None:
    grid = _grid(tmp_path, '[search]\nmode = ["hybrid", "dense"]\nk = [2, 5]\n')
    done = filled("eval", "sweep", questions, "--grid", grid, "--measure", "Answered", "--json")
    assert done.code == 1
    assert "no question speaks of it" in done.err
    done = filled("eval", "sweep", questions, "--grid", grid, "--measure", "CitR", "--json")
    assert done.code == 0
    assert len(done.json["trials"]) == 4
    assert not (tmp_path / "grid.toml.work").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[search", "is not TOML"),
        ("[searching]\nmode = []", "'searching'"),
        ("[search]\nmodes = ['hybrid']", "search.modes"),
        ("[search]\nmode = ['both']", "both"),
        ("[search]\nmode = []", "search.mode"),
        ("[search]\nrerank = ['yes']", "search.rerank"),
        ("[search]\nk = [0]", "a k of 0"),
        ("[index]\ntype = ['annoy']", "annoy"),
        ("[chunking]\nmax_tokens = [256]", "names no documents"),
        ("sources = ['docs']\n[chunking]\nmax_tokens = [0]", "max_tokens"),
        ("sources = ['docs']\n[chunking]\nmethod = ['pages']", "pages"),
    ],
)
def test_a_grid_that_would_fail_is_refused_before_it_is_begun(
    filled: Run, questions: Path, tmp_path: Path, text: str, said: str
) -> None:
    refused = filled("eval", "sweep", questions, "--grid", _grid(tmp_path, text))
    assert refused.code == 2
    assert said in refused.err


def test_a_copy_of_a_store_holds_what_the_store_holds(
    filled: Run, store: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    copy_store(store, copy)
    assert filled("dump", at=copy).out == filled("dump").out
    with Store.open(store) as old, Store.open(copy) as new:
        assert old.rows == new.rows
    assert not (copy / "indexes").exists()
    assert filled("index", "build", at=copy).code == 0
    with pytest.raises(StoreError, match="is there already"):
        copy_store(store, copy)
