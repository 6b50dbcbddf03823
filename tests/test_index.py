from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support import Run

from memctl.index import DenseIndex, IndexDamagedError, IndexNotFoundError, Request, build, load
from memctl.ingest import Options, Store, StoreError, UsageError, ingest


def _ingest(folder: Path, store: Path) -> None:
    ingest([folder], store, options=Options("hashing"))


def test_search_agrees_with_brute_force_over_the_stored_vectors(folder: Path, store: Path) -> None:
    _ingest(folder, store)
    build(store)
    rng = np.random.default_rng(7)
    queries = rng.standard_normal((20, 256)).astype(np.float32)
    with Store.open(store) as opened:
        vectors = opened.vectors.map(opened.catalog.rows).astype(np.float32)
        rows, scores = DenseIndex.open(opened).search(queries, 4)
    expected = queries @ vectors.T
    order = np.argsort(-expected, axis=1)[:, :4]
    assert np.array_equal(rows, order)
    assert np.allclose(scores, np.take_along_axis(expected, order, axis=1), atol=1e-4)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    allowed=st.sets(st.integers(0, 5)),
    query=hnp.arrays(np.float32, 256, elements=st.floats(-1, 1, width=32)),
)
def test_only_allowed_rows_are_found_and_all_of_them(
    filled: Run, store: Path, allowed: set[int], query: np.ndarray
) -> None:
    del filled
    with Store.open(store) as opened:
        index = DenseIndex.open(opened)
        rows, _ = index.search(query[None], 6, allowed=np.array(sorted(allowed), dtype=np.int64))
    assert {row for row in rows[0].tolist() if row >= 0} == allowed


def test_the_manifest_holds_no_clock_and_no_absolute_path(folder: Path, store: Path) -> None:
    _ingest(folder, store)
    build(store)
    text = (store / "indexes/default/manifest.json").read_text("utf-8")
    assert str(store) not in text
    assert json.loads(text)["vectors"] == 6
    (store / "indexes/default/manifest.json").unlink()
    again = build(store)
    assert again.generation == 2
    assert json.loads(text)["files"] == {
        name: {"sha256": fact.sha256, "bytes": fact.bytes} for name, fact in again.files.items()
    }


def test_a_build_without_a_change_keeps_the_generation(folder: Path, store: Path) -> None:
    _ingest(folder, store)
    assert build(store) == build(store)
    assert build(store, Request(force=True)).generation == 2


def test_a_new_generation_takes_the_place_of_the_old_one(folder: Path, store: Path) -> None:
    _ingest(folder, store)
    build(store)
    (folder / "new.txt").write_text("A new entry of the log.", encoding="utf-8")
    _ingest(folder, store)
    assert build(store).vectors == 7
    assert [path.name for path in (store / "indexes/default").iterdir() if path.is_dir()] == [
        "gen-0002"
    ]


def test_what_a_killed_build_left_is_in_nobodys_way(folder: Path, store: Path) -> None:
    _ingest(folder, store)
    build(store)
    for leftover in ("building", "gen-0007"):
        (store / "indexes/default" / leftover).mkdir()
        (store / "indexes/default" / leftover / "codes.faiss").write_bytes(b"half")
    assert load_generation(store) == 1
    assert build(store, Request(force=True)).generation == 8
    with Store.open(store) as opened:
        DenseIndex.open(opened)


def load_generation(store: Path) -> int:
    with Store.open(store) as opened:
        return load(opened.layout).generation


@pytest.mark.parametrize("name", ["codes.faiss", "rows.i64"])
def test_a_damaged_file_is_found_before_faiss_reads_it(
    folder: Path, store: Path, name: str
) -> None:
    _ingest(folder, store)
    build(store)
    file = store / "indexes/default/gen-0001" / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with Store.open(store) as opened, pytest.raises(IndexDamagedError, match=name):
        DenseIndex.open(opened)
    file.unlink()
    with Store.open(store) as opened, pytest.raises(IndexDamagedError, match="missing"):
        DenseIndex.open(opened)


def test_an_index_of_another_embedder_is_refused(folder: Path, store: Path) -> None:
    _ingest(folder, store)
    build(store)
    file = store / "indexes/default/manifest.json"
    file.write_text(file.read_text("utf-8").replace("hashing-1/256", "other"), encoding="utf-8")
    with Store.open(store) as opened, pytest.raises(IndexDamagedError, match="other"):
        DenseIndex.open(opened)


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 99}', '{"format": 1}'])
def test_a_manifest_that_is_none_is_refused(folder: Path, store: Path, text: str) -> None:
    _ingest(folder, store)
    build(store)
    (store / "indexes/default/manifest.json").write_text(text, encoding="utf-8")
    with Store.open(store) as opened, pytest.raises(IndexDamagedError, match="manifest"):
        load(opened.layout)
    assert build(store).generation == 2


def test_an_index_that_is_not_there_is_named_with_those_that_are(folder: Path, store: Path) -> None:
    _ingest(folder, store)
    with Store.open(store) as opened:
        with pytest.raises(IndexNotFoundError) as caught:
            load(opened.layout)
        assert caught.value.hint == "Run: memctl index build"
        build(store, Request("small"))
        with pytest.raises(IndexNotFoundError) as caught:
            load(opened.layout)
        assert caught.value.hint == "There are: small."


def test_wrong_names_and_empty_stores_are_errors(folder: Path, store: Path) -> None:
    with pytest.raises(StoreError, match="no store"):
        build(store)
    assert not store.exists()
    _ingest(folder, store)
    with pytest.raises(UsageError, match="no name"):
        build(store, Request("../elsewhere"))


def test_a_row_that_is_no_unit_vector_stops_a_build(folder: Path, store: Path) -> None:
    _ingest(folder, store)
    build(store)
    file = store / "vectors-0001.f16"
    data = bytearray(file.read_bytes())
    data[:512] = bytes(512)
    file.write_bytes(data)
    with pytest.raises(StoreError, match="damaged in rows"):
        build(store, Request(force=True))
    assert load_generation(store) == 1


def test_a_build_mends_an_index_whose_files_are_gone(folder: Path, store: Path) -> None:
    _ingest(folder, store)
    build(store)
    (store / "indexes/default/gen-0001/codes.faiss").unlink()
    assert build(store).generation == 2
    with Store.open(store) as opened:
        DenseIndex.open(opened)
