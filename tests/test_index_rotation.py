"""Vectors turned so that every part of a product code has as much to tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memctl.index import training
from memctl.index.rotation import balanced, width
from memctl.index.spec import Spec, parse
from memctl.ingest import UsageError, Vectors


def leaning(count: int, dimension: int, *, seed: int = 5) -> Vectors:
    """Unit vectors around a long common mean, most of whose differences lie in a few axes."""
    chance = np.random.default_rng(seed)
    spread = np.exp(-np.arange(dimension) / 12)
    made = chance.normal(size=(count, dimension)) * spread + 2 * np.ones(dimension) / dimension**0.5
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 90), st.sampled_from([(8, 2), (12, 12), (32, 8), (48, 6)]), st.integers(0, 9))
def test_scalar_products_stay_as_they_are(count: int, sizes: tuple[int, int], seed: int) -> None:
    dimension, parts = sizes
    vectors = leaning(count, dimension, seed=seed)
    turned = vectors @ balanced(vectors, parts).T
    assert turned.shape[1] == parts * width(dimension, parts)
    assert np.abs(turned @ turned.T - vectors @ vectors.T).max() < 1e-4


@pytest.mark.parametrize("vectors", [np.ones((9, 8)) / 8**0.5, np.eye(8)[:3], np.zeros((5, 8))])
def test_vectors_that_hardly_differ_can_be_turned(vectors: Vectors) -> None:
    made = balanced(vectors.astype(np.float32), 4)
    assert np.isfinite(made).all()
    assert np.abs(made @ made.T).max() < 1 + 1e-4
    assert np.allclose(made.T @ made, np.eye(8), atol=1e-4)


def test_the_same_vectors_give_the_same_map() -> None:
    vectors = leaning(300, 48)
    assert balanced(vectors, 12).tobytes() == balanced(vectors.copy(), 12).tobytes()


def test_a_balanced_code_finds_more_with_the_same_bytes() -> None:
    vectors, questions = leaning(4_000, 96), leaning(60, 96, seed=9)
    exact = np.argsort(-(questions @ vectors.T), axis=1)[:, :10]
    recall: list[float] = []
    for turn in (False, True):
        index = training.empty(Spec("pq-fs", pq_m=24, pq_bits=4, balanced=turn), 96)
        training.train(index, vectors)
        index.add(vectors)
        _, found = index.search(questions, 10)
        hits = [len(set(a) & set(b)) / 10 for a, b in zip(found, exact, strict=True)]
        recall.append(sum(hits) / len(hits))
    assert recall[1] > recall[0] + 0.05


def test_a_balanced_spec_is_read_as_it_is_written_and_only_of_its_type() -> None:
    spec = Spec("pq-fs", pq_m=96, pq_bits=4, refine="sq8", balanced=True)
    assert parse(str(spec)) == spec
    assert "balanced=yes" in str(spec)
    with pytest.raises(UsageError, match="cannot be balanced"):
        Spec("flat", balanced=True)
