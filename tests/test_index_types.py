from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vector_store import clustered, make_store

from memctl.index import (
    TYPES,
    DenseIndex,
    Request,
    TargetMissedError,
    Wish,
    build,
    load,
    retune,
)
from memctl.index.choose import choose
from memctl.index.effort import Effort
from memctl.ingest import Store, UsageError

COUNT, DIMENSION = 1_500, 32
LEARNT = [kind for kind in TYPES if kind != "factory"]


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    return clustered(COUNT, DIMENSION)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, vectors: np.ndarray) -> Path:
    return make_store(tmp_path_factory.mktemp("types") / "store", vectors)


@pytest.fixture(scope="module")
def built(store: Path) -> dict[str, str]:
    """An index of each type, named after it, that scores again from the store's own vectors."""
    for kind in LEARNT:
        refine = "none" if kind == "flat" else "exact"
        build(store, Request(kind, Wish(kind, refine=refine, nlist=8 * ("ivf" in kind))))
    return {kind: kind for kind in LEARNT}


def _exact(vectors: np.ndarray, queries: np.ndarray, k: int) -> np.ndarray:
    stored = vectors.astype(np.float16).astype(np.float32)
    return np.sort(queries @ stored.T, axis=1)[:, ::-1][:, :k]


@pytest.mark.parametrize("kind", LEARNT)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000), k=st.integers(1, 20))
def test_with_refine_and_full_probe_each_type_is_brute_force(
    built: dict[str, str], store: Path, vectors: np.ndarray, kind: str, seed: int, k: int
) -> None:
    del built
    queries = np.random.default_rng(seed).standard_normal((3, DIMENSION)).astype(np.float32)
    with Store.open(store) as opened:
        index = DenseIndex.open(opened, kind)
        # hnsw walks a graph: with every vector kept on the way it reaches all that can be reached
        everything = Effort(nprobe=8, k_factor=COUNT, ef=4 * COUNT)
        _, scores = index.search(queries, k, effort=everything)
    assert np.allclose(scores, _exact(vectors, queries, k), atol=1e-4)


@pytest.mark.parametrize("kind", LEARNT)
def test_each_type_says_how_much_it_finds(
    built: dict[str, str], store: Path, vectors: np.ndarray, kind: str
) -> None:
    """The certificate agrees with a measurement made here, within its interval."""
    del built
    with Store.open(store) as opened:
        manifest = load(opened.layout, kind)
        rows, _ = DenseIndex.open(opened, kind).search(vectors[:300], 11)
    exact = np.argsort(-(vectors[:300] @ vectors.T), axis=1)[:, :11]
    found = [
        len(set(line) - {own} & set(near) - {own}) / 10
        for own, (line, near) in enumerate(zip(rows.tolist(), exact.tolist(), strict=True))
    ]
    interval = manifest.certificate.vectors.at[10]
    assert interval.low <= interval.mean <= interval.high
    assert interval.mean >= 0.95
    assert abs(np.mean(found) - interval.mean) < 0.05


def test_an_index_that_finds_too_little_is_not_put_in_place(store: Path) -> None:
    good = build(store, Request("poor", Wish("flat")))
    with pytest.raises(TargetMissedError, match=r"below the target of 0\.95") as caught:
        build(store, Request("poor", Wish("pq-fs", refine="none")))
    assert caught.value.exit_code == 3
    assert "--refine" in caught.value.hint
    with Store.open(store) as opened:
        assert load(opened.layout, "poor") == good
        DenseIndex.open(opened, "poor")
    poor = build(store, Request("poor", Wish("pq-fs", refine="none", target_recall=0.1)))
    assert 0.1 <= poor.certificate.vectors.at[10].mean < 0.9


def test_where_a_lucky_choice_falls_short_more_is_read(tmp_path: Path) -> None:
    # By its 111 tuning queries two lists and four times the candidates find .964, by others .938.
    root = make_store(tmp_path / "store", clustered(1_000, DIMENSION))
    manifest = build(root, Request(wish=Wish("ivf-pq-fs")))
    assert manifest.certificate.decisive.at[10].mean >= 0.95
    assert manifest.effort > Effort(nprobe=2, k_factor=4)


def test_a_query_that_takes_too_long_is_told(store: Path) -> None:
    with pytest.raises(TargetMissedError, match="more than the 1e-06 ms"):
        build(store, Request("slow", Wish("flat", max_latency=1e-6)))


def test_the_same_vectors_and_seed_give_the_same_bytes(tmp_path: Path, vectors: np.ndarray) -> None:
    one, two = (make_store(tmp_path / name, vectors) for name in ("one", "two"))
    for kind in ("pq-fs", "ivf-pq", "hnsw"):
        first, second = (build(store, Request(kind, Wish(kind))) for store in (one, two))
        assert first.files == second.files
        assert first.certificate == second.certificate


@pytest.mark.parametrize("kind", LEARNT)
def test_no_type_takes_more_memory_than_was_given(
    built: dict[str, str], store: Path, kind: str
) -> None:
    """What it is said to take lies in its files, but for what is mapped and what was learnt."""
    del built
    with Store.open(store) as opened:
        manifest = load(opened.layout, kind)
        index = DenseIndex.open(opened, kind)
    codes = 0 if manifest.spec.mapped else manifest.files["codes.faiss"].bytes
    lists = manifest.spec.lists or 1
    learnt = 4 * DIMENSION * (lists + 256 + DIMENSION)  # centroids, codebooks, a rotation
    filled = 32 * lists * DIMENSION // 2  # fast scan fills the last block of a list
    need = manifest.resident_bytes
    assert len(index.engine.rows) * 8 <= need
    held = manifest.files["rows.i64"].bytes + codes
    assert 0.99 * need <= held <= need + learnt + filled
    wish = Wish(kind, refine=manifest.wish.refine, nlist=manifest.wish.nlist)
    fits = replace(wish, max_memory=int(need))
    assert choose(fits, count=COUNT, dimension=DIMENSION).spec == manifest.spec
    with pytest.raises(UsageError, match=f"{kind} of 1,500 vectors takes"):
        build(store, Request("small", replace(wish, max_memory=int(need) - 1)))


def test_an_index_in_faisss_own_words_is_held_to_its_memory_when_it_is_built(store: Path) -> None:
    whole = COUNT * (DIMENSION * 4 + 8)
    made = build(store, Request("own", Wish(factory="Flat", max_memory=whole + 1_000)))
    assert whole <= made.resident_bytes < whole + 1_000
    with pytest.raises(TargetMissedError, match="more than the 100") as caught:
        build(store, Request("own", Wish(factory="Flat", max_memory=100_000)))
    assert "--max-memory 205K" in caught.value.hint
    with Store.open(store) as opened:
        assert load(opened.layout, "own") == made


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Wish("ivf-pq", pq_m=7), "does not divide the dimension 32"),
        (Wish("ivf-flat", nlist=5_000), "learns from 5,000 vectors at least, there are 1,500"),
        (Wish(factory="nonsense"), "FAISS cannot make 'nonsense'"),
        (Wish(factory="IDMap,Flat"), "'IDMap' cannot stand in --factory"),
        (Wish("sq8", factory="Flat"), "not both"),
        (Wish("sq8", nlist=5), "has no use for --nlist"),
        (Wish("pq-fs", pq_bits=8), "codes of 4 bits, not 8"),
        (Wish("flat", opq=True), "the type flat has no use for --opq"),
        (Wish(factory="Flat", opq=True), "a --factory string has no use for --opq"),
    ],
)
def test_a_wish_that_cannot_be_built_is_refused(store: Path, wish: Wish, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        build(store, Request("wrong", wish))
    assert caught.value.hint not in {"", "See: --help"}


@pytest.mark.parametrize(
    ("count", "kind"), [(1, "auto"), (1, "hnsw"), (2, "sq8"), (3, "rabitq"), (20, "pq-fs")]
)
def test_a_handful_of_vectors_can_be_indexed(tmp_path: Path, count: int, kind: str) -> None:
    vectors = clustered(count, DIMENSION)
    root = make_store(tmp_path / "few", vectors)
    build(root, Request(wish=Wish(kind, target_recall=0.01)))
    with Store.open(root) as opened:
        rows, _ = DenseIndex.open(opened).search(vectors[:1], 1)
    assert rows[0, 0] == 0


def test_a_type_that_needs_more_vectors_says_how_many(tmp_path: Path) -> None:
    root = make_store(tmp_path / "few", clustered(20, DIMENSION))
    with pytest.raises(UsageError, match="learns from 256 vectors at least, there are 20"):
        build(root, Request(wish=Wish("ivf-pq")))


@pytest.mark.parametrize("kind", ["flat", "pq-fs", "ivf-pq-fs", "hnsw", "rabitq"])
def test_equal_vectors_are_no_trouble(tmp_path: Path, kind: str) -> None:
    vectors = np.repeat(clustered(1, DIMENSION), 400, axis=0)
    root = make_store(tmp_path / "equal", vectors)
    manifest = build(root, Request(wish=Wish(kind)))
    assert manifest.certificate.vectors.at[10].mean == 1.0


def test_no_warning_of_faiss_reaches_the_user(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = make_store(tmp_path / "few", clustered(300, DIMENSION))
    for kind in ("ivf-pq", "opq-ivf-pq", "ivf-pq-fs"):
        build(root, Request(kind, Wish(kind, nlist=20, target_recall=0.1)))
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


def test_tuning_again_changes_the_search_and_not_the_files(tmp_path: Path) -> None:
    root = make_store(tmp_path / "store", clustered(3_000, DIMENSION))
    before = build(root, Request(wish=Wish("ivf-pq-fs", target_recall=0.8)))
    done = retune(root, target=0.97)
    recalls = [point.recall for point in done.front]
    assert recalls == sorted(set(recalls))
    assert [p.milliseconds for p in done.front] == sorted(p.milliseconds for p in done.front)
    with Store.open(root) as opened:
        after = load(opened.layout)
    assert after == done.manifest
    assert after.files == before.files
    assert after.certificate.target == 0.97
    assert after.certificate.vectors.at[10].mean > before.certificate.vectors.at[10].mean
    poor = build(root, Request("poor", Wish("pq-fs", refine="none", target_recall=0.1)))
    with pytest.raises(TargetMissedError, match="at best"):
        retune(root, poor.name, target=0.99)


def test_questions_decide_where_there_are_any(tmp_path: Path) -> None:
    vectors = clustered(2_000, DIMENSION)
    root = make_store(tmp_path / "store", vectors)
    asked = clustered(300, DIMENSION, seed=9)
    manifest = build(root, Request(wish=Wish("pq-fs"), questions=asked))
    assert manifest.certificate.questions is not None
    assert manifest.certificate.questions.sample == 150
    assert manifest.certificate.decisive.at[10].mean >= 0.95
