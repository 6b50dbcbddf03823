from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from test_rerank import hit

from memctl.query.diversity import collapsed, diverse

NEWS = "Маяк на острове построили в 1911 году, и он светит на сорок километров до сих пор."


def test_near_duplicates_are_one_hit_that_names_the_others() -> None:
    hits = [hit(1, NEWS), hit(2, "The gull tower is high."), hit(3, NEWS + " Вот.", ordinal=7)]
    found = collapsed(hits)
    assert [each.chunk.text for each in found] == [NEWS, "The gull tower is high."]
    assert found[0].alike == ("маяк.md 7",)
    assert [each.rank for each in found] == [1, 2]
    assert collapsed([]) == []


def test_passages_that_differ_in_a_number_stay_apart() -> None:
    later = NEWS.replace("1911", "1912")
    assert [each.chunk.text for each in collapsed([hit(1, NEWS), hit(2, later)])] == [NEWS, later]


def test_short_different_texts_stay_apart() -> None:
    hits = [hit(1, "Да."), hit(2, "Нет."), hit(3, "?!"), hit(4, "да")]
    assert [each.chunk.text for each in collapsed(hits)] == ["Да.", "Нет.", "?!"]


def test_the_second_hit_is_one_that_differs() -> None:
    hits = [hit(1, "a"), hit(2, "b"), hit(3, "c")]
    vectors = np.array([[1, 0], [0.999, 0.045], [0, 1]], dtype=np.float32)
    mixed = diverse(hits, vectors, 3, weight=0.3)
    assert [each.chunk.text for each in mixed] == ["a", "c", "b"]
    assert [each.rank for each in mixed] == [1, 2, 3]


@given(st.integers(1, 8), st.integers(1, 10), st.integers(0, 99))
def test_with_all_weight_on_relevance_the_order_stays(size: int, k: int, seed: int) -> None:
    hits = [hit(rank, f"t{rank}") for rank in range(1, size + 1)]
    vectors = np.random.default_rng(seed).normal(size=(size, 4)).astype(np.float32)
    assert diverse(hits, vectors, k, weight=1) == hits[:k]
    assert len(diverse(hits, vectors, k, weight=0)) == min(k, size)


def test_nothing_is_mixed_to_nothing() -> None:
    assert diverse([], np.empty((0, 4), dtype=np.float32), 3, weight=0.5) == []
