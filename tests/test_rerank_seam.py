"""The law of rerankers behind their seam, whoever judges, and the names of all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rerank_support import hits

from memctl.ingest import UsageError
from memctl.ingest.embedders import get
from memctl.query import Hit
from memctl.query.rerank import BUILT_IN, Reranker, RerankError, rerank, reranker
from memctl.query.rerank.base import checked


@dataclass
class Judge:
    """Gives these scores, whatever is asked."""

    scores: list[float]
    name: str = "judge"

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:  # noqa: ARG002  a stand-in
        return checked(self.name, self.scores, hits)


def named(spec: str) -> Reranker:
    return reranker(spec, embedder=get("hashing"), lexical=None)


def test_hits_are_ranked_by_their_new_scores_and_keep_what_was_said_before() -> None:
    found = rerank(Judge([0.1, 0.9, 0.5]), "маяк", hits("one", "два", "three"), first=3)
    assert [each.chunk.text for each in found] == ["два", "three", "one"]
    assert [each.rank for each in found] == [1, 2, 3]
    assert [each.score for each in found] == [0.9, 0.5, 0.1]
    last = found[0].stages[-1]
    assert (last.name, last.rank, last.score) == ("reranked", 1, 0.9)
    assert found[0].stages[0].name == "fused"


def test_of_equal_scores_the_old_order_decides() -> None:
    found = rerank(Judge([1.0, 2.0, 1.0, 2.0]), "q", hits("a", "b", "c", "d"), first=4)
    assert [each.chunk.text for each in found] == ["b", "d", "a", "c"]


def test_hits_beyond_the_first_follow_in_their_old_order() -> None:
    found = rerank(Judge([-7.0, -5.0]), "q", hits("a", "b", "c", "d"), first=2)
    assert [each.chunk.text for each in found] == ["b", "a", "c", "d"]
    assert [each.rank for each in found] == [1, 2, 3, 4]
    assert [len(each.stages) for each in found] == [2, 2, 1, 1]


@given(st.lists(st.floats(-50, 50), max_size=8), st.integers(0, 9))
def test_nothing_is_lost_or_made_and_scores_never_rise_down_the_list(
    scores: list[float], first: int
) -> None:
    given_hits = hits(*(f"text {n}" for n in range(len(scores)))) if scores else []
    found = rerank(Judge(scores[:first]), "q", given_hits, first=first)
    assert sorted(each.chunk.text for each in found) == sorted(
        each.chunk.text for each in given_hits
    )
    assert [each.rank for each in found] == list(range(1, len(scores) + 1))
    assert all(one.score >= two.score for one, two in pairwise(found))


def test_no_hits_are_reranked_to_none() -> None:
    assert rerank(Judge([]), "q", [], first=50) == []


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_number_is_refused(wrong: float) -> None:
    with pytest.raises(RerankError, match="judge gave a score that is no number"):
        rerank(Judge([1.0, wrong]), "q", hits("a", "b"), first=2)


def test_too_few_scores_are_refused() -> None:
    with pytest.raises(RerankError, match="judge gave 1 score for 2 passages"):
        rerank(Judge([1.0]), "q", hits("a", "b"), first=2)


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("crossencoder:x", "Did you mean cross-encoder:NAME_OR_FOLDER?"),
        ("cross-encoder", "Did you mean cross-encoder:NAME_OR_FOLDER?"),
        ("llama-index:", "Did you mean llama-index:MODULE.CLASS?"),
        ("lat", f"Did you mean {BUILT_IN}?"),
        ("htp:x", "http:URL"),
        ("перемешать", "Names: late, "),
        ("", "Names: late, "),
    ],
)
def test_a_name_that_nobody_has_is_refused_with_the_near_one(spec: str, hint: str) -> None:
    with pytest.raises(UsageError, match="no reranker") as caught:
        named(spec)
    assert hint in caught.value.hint


def test_the_built_in_one_asks_for_the_index_of_words() -> None:
    with pytest.raises(UsageError, match="needs the index of words"):
        named(BUILT_IN)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("http:localhost:8080", "http:http://localhost:8080"),
        ("http:https://rerank.example/v2", "http:https://rerank.example/v2"),
        ("http://localhost:8080/v1", "http:http://localhost:8080/v1"),
        ("https://rerank.example/v2", "http:https://rerank.example/v2"),
    ],
)
def test_a_url_is_taken_with_and_without_its_kind(
    spec: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEMCTL_RERANK_API_KEY", raising=False)
    assert named(spec).name == name
