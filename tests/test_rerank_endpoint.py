from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from rerank_support import TEXTS, Service, hits, results, serving

from memctl.ingest.embedders import endpoint
from memctl.query.rerank import RerankError
from memctl.query.rerank.endpoint import Endpoint

KEY = "rk-SECRET-0123456789"
GOOD = results([0.2, 0.9, -0.1])


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Generator[Service]:
    for name in ("MEMCTL_RERANK_MODEL", "MEMCTL_PROVIDER_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MEMCTL_RERANK_API_KEY", KEY)
    with serving() as made:
        yield made


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    made: list[float] = []
    monkeypatch.setattr(endpoint, "sleep", made.append)
    return made


def test_scores_come_in_the_order_of_the_passages(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMCTL_RERANK_MODEL", "reranker-m3")
    service.answers = [(200, GOOD)]
    assert Endpoint(f"{service.url}/v1").score("Когда построили маяк?", hits()) == [0.2, 0.9, -0.1]
    assert service.bodies == [
        {
            "query": "Когда построили маяк?",
            "documents": list(TEXTS),
            "top_n": 3,
            "model": "reranker-m3",
        }
    ]
    assert service.paths == ["/v1/rerank"]
    assert service.keys == [f"Bearer {KEY}"]


def test_a_url_that_names_the_path_keeps_it_and_no_model_is_made_up(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEMCTL_RERANK_API_KEY")
    service.answers = [(200, GOOD)]
    Endpoint(f"{service.url}/rerank/").score("q", hits())
    assert service.paths == ["/rerank"]
    assert "model" not in service.bodies[0]
    assert service.keys == [None]


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_fault_that_passes_is_waited_out(
    status: int, service: Service, pauses: list[float]
) -> None:
    service.answers = [(status, {"message": "busy"}), (status, {"message": "busy"}), (200, GOOD)]
    assert Endpoint(service.url).score("q", hits()) == [0.2, 0.9, -0.1]
    assert len(service.bodies) == 3
    assert len(pauses) == 2
    assert 0 <= pauses[0] <= 0.5
    assert 0 <= pauses[1] <= 1.0


def test_a_refusal_is_told_at_once_and_without_the_key(
    service: Service, pauses: list[float]
) -> None:
    service.answers = [(401, {"message": f"the key {KEY} is unknown"})]
    with pytest.raises(RerankError, match="status 401") as caught:
        Endpoint(service.url).score("q", hits())
    assert KEY not in f"{caught.value.message}{caught.value.hint}"
    assert pauses == []
    assert len(service.bodies) == 1


def test_patience_ends_and_says_so(
    service: Service, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMCTL_PROVIDER_TIMEOUT", "3")
    service.answers = [(503, {"message": "loading"})]
    with pytest.raises(RerankError, match=r"the reranker at .*status 503: loading") as caught:
        Endpoint(service.url).score("q", hits())
    assert len(service.bodies) == len(pauses) + 1 > 2
    assert "embedded" not in caught.value.hint


def result(index: object, score: object) -> dict[str, object]:
    return {"index": index, "relevance_score": score}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"data": []}, "an answer without a list of results"),
        ([], "an answer without a list of results"),
        ({"results": [result(0, 1.0), result(1, 1.0)]}, "2 results for 3 documents"),
        ({"results": [result(0, 1.0), result(1, 1), result(1, 2)]}, "3 results for 3 documents"),
        ({"results": [result(0, 1.0), result(1, 1.0), result(3, 1.0)]}, "the index 3 of 3"),
        ({"results": [result(0, 1.0), result(1, 1.0), result(-1, 1.0)]}, "the index -1 of 3"),
        ({"results": [{**result(0, 1.0), "index": True}]}, "the index True of 3"),
        ({"results": [result(0, None)]}, "no number: None"),
        ({"results": [result(0, "0.9")]}, "no number: '0.9'"),
        (b'{"results": [{"index": 0, "relevance_score": NaN}]}', "no number: nan"),
        (b'{"results": [{"index": 0, "relevance_score": 1e999}]}', "no number: inf"),
        ({"results": ["маяк"]}, "the index None of 3"),
        (b"<html>", "an answer that is not JSON"),
    ],
)
def test_an_answer_of_another_shape_is_refused(
    answer: Any, said: str, service: Service, pauses: list[float]
) -> None:
    service.answers = [(200, answer)]
    with pytest.raises(RerankError) as caught:
        Endpoint(service.url).score("q", hits())
    assert said in caught.value.message
    assert pauses


def test_of_no_hits_nobody_is_asked(service: Service) -> None:
    assert Endpoint(service.url).score("q", []) == []
    assert service.bodies == []


@pytest.mark.parametrize("url", ["ftp://example.org", "http://user:secret@example.org", "http://"])
def test_an_address_that_cannot_be_asked_is_refused(url: str) -> None:
    with pytest.raises(RerankError) as caught:
        Endpoint(url)
    assert "secret" not in caught.value.message


def test_nobody_at_the_address_is_told_with_what_to_check(pauses: list[float]) -> None:
    with serving() as gone:
        url = gone.url
    with pytest.raises(RerankError, match="cannot be reached") as caught:
        Endpoint(url).score("q", hits())
    assert "MEMCTL_RERANK_API_KEY" in caught.value.hint
    assert pauses
