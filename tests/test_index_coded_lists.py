"""Lists that are found by 4-bit codes of their centroids, as there are from 1,024 lists on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from vector_store import clustered, make_store

from memctl.index import DenseIndex, Request, Wish, build, filling, load, retune, spec
from memctl.index.effort import Effort
from memctl.index.library import faiss
from memctl.ingest import Store

COUNT, DIMENSION, LISTS = 2_000, 32, 32
WISH = Wish("ivf-pq-fs", nlist=LISTS, refine="exact")


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spec, "_CODED_LISTS", 8)


@pytest.fixture
def vectors() -> np.ndarray:
    return clustered(COUNT, DIMENSION)


def _found(store: Path, queries: np.ndarray, effort: Effort) -> np.ndarray:
    with Store.open(store) as opened:
        return DenseIndex.open(opened).search(queries, 10, effort=effort)[1]


def test_all_lists_are_found_and_with_them_all_vectors(tmp_path: Path, vectors: np.ndarray) -> None:
    store = make_store(tmp_path / "store", vectors)
    build(store, Request(wish=WISH))
    queries = np.random.default_rng(3).standard_normal((20, DIMENSION)).astype(np.float32)
    found = _found(store, queries, Effort(nprobe=LISTS, k_factor=COUNT))
    stored = vectors.astype(np.float16).astype(np.float32)
    exact = np.sort(queries @ stored.T, axis=1)[:, ::-1][:, :10]
    assert np.allclose(found, exact, atol=1e-4)


def test_the_lists_that_are_read_are_those_with_the_nearest_centroids(
    tmp_path: Path, vectors: np.ndarray
) -> None:
    store = make_store(tmp_path / "store", vectors)
    build(store, Request(wish=WISH))
    library = faiss()
    with Store.open(store) as opened:
        base, *_ = DenseIndex.open(opened).engine.parts
    lists = library.extract_index_ivf(base)
    coarse = library.downcast_index(lists.quantizer)
    assert isinstance(coarse, library.IndexRefine)
    turned = base.chain.at(0).apply(np.ascontiguousarray(vectors[:200]))
    centroids = coarse.reconstruct_n(0, LISTS)
    nearest = (turned @ centroids.T).argmax(axis=1)
    _, first = coarse.search(turned, 1)
    assert np.mean(first[:, 0] == nearest) > 0.98
    assert np.allclose(np.linalg.norm(centroids, axis=1), 1, atol=1e-4)  # turning kept them whole


def test_it_is_built_the_same_from_the_same_vectors_also_in_parts(
    tmp_path: Path, vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = [make_store(tmp_path / name, vectors) for name in ("one", "two", "three")]
    first, second = (build(store, Request(wish=WISH)).files for store in stores[:2])
    assert first == second
    monkeypatch.setattr(filling, "PART", 700)
    assert build(stores[2], Request(wish=WISH)).files == first


def test_few_vectors_in_a_list_are_no_trouble_to_real_questions(
    tmp_path: Path, vectors: np.ndarray
) -> None:
    store = make_store(tmp_path / "store", vectors)
    build(store, Request(wish=Wish("ivf-flat", nlist=500)))
    asked = clustered(300, DIMENSION, seed=9)
    assert _found(store, asked, Effort(nprobe=1)).min() == -np.finfo(np.float32).max
    done = retune(store, questions=asked)
    assert done.manifest.certificate.decisive.at[10].mean >= 0.95
    with Store.open(store) as opened:
        assert load(opened.layout) == done.manifest
