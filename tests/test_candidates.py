from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memctl.index import Rows
from memctl.query.candidates import Scores, unite


def rows(*numbers: int) -> Rows:
    return np.array(numbers, dtype=np.int64)


def scores(*numbers: float) -> Scores:
    return np.array(numbers, dtype=np.float32)


def cosines(of: Rows) -> Scores:
    return (of / 100).astype(np.float32)


def words(of: Rows) -> Scores:
    return (of * 2).astype(np.float32)


def test_what_one_leg_found_alone_the_other_scores() -> None:
    dense = (rows(7, 3), scores(0.9, 0.8))
    lexical = (rows(3, 5), scores(12, 11))
    found = unite(dense, lexical, meaning=cosines, words=words)
    assert found.rows.tolist() == [3, 5, 7]
    assert found.dense.tolist() == pytest.approx([0.8, 0.05, 0.9])
    assert found.lexical.tolist() == [12, 11, 14]
    assert found.dense_ranks.tolist() == [2, 0, 1]
    assert found.lexical_ranks.tolist() == [1, 2, 0]


def test_a_leg_that_was_not_asked_says_nothing() -> None:
    found = unite((rows(2, 1), scores(0.5, 0.4)), None, meaning=cosines, words=words)
    assert np.isnan(found.lexical).all()
    assert found.lexical_ranks.tolist() == [0, 0]
    assert len(unite(None, None, meaning=cosines, words=words)) == 0


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_every_row_stands_once_with_both_scores(one: set[int], other: set[int]) -> None:
    dense = (rows(*one), np.zeros(len(one), dtype=np.float32))
    lexical = (rows(*other), np.zeros(len(other), dtype=np.float32))
    found = unite(dense, lexical, meaning=cosines, words=words)
    assert found.rows.tolist() == sorted(one | other)
    assert not np.isnan(found.dense).any()
    assert not np.isnan(found.lexical).any()
    assert (found.dense_ranks > 0).sum() == len(one)
