from __future__ import annotations

import json
import traceback
from threading import Thread

import numpy as np
import pytest
from embedders_support import (
    KEY,
    TEXTS,
    VARIABLES,
    WIDTH,
    Answer,
    Provider,
    altered,
    openai,
    provided,
    replied,
    slept,
    status,
    unit,
)

from memctl.ingest import EmbedderError
from memctl.ingest.embedders import get
from memctl.ingest.embedders.endpoint import batches
from memctl.ingest.embedders.ollama import where as ollama_where
from memctl.ingest.embedders.openai import where as openai_where

provider = pytest.fixture(provided)
pauses = pytest.fixture(slept)


def test_an_endpoint_gives_unit_vectors_in_the_order_of_the_texts(provider: Provider) -> None:
    vectors = openai().embed(TEXTS, role="document")
    assert vectors.dtype == np.float32
    assert np.allclose(vectors, unit(TEXTS), atol=1e-6)
    assert provider.bodies == [{"model": "some-model", "input": TEXTS, "encoding_format": "float"}]
    assert provider.paths == ["/v1/embeddings"]
    assert provider.keys == [f"Bearer {KEY}"]


def test_ollama_is_told_not_to_cut_a_text(provider: Provider) -> None:
    vectors = get("ollama:some-model").embed(TEXTS, role="document")
    assert np.allclose(vectors, unit(TEXTS), atol=1e-6)
    assert provider.bodies == [{"model": "some-model", "input": TEXTS, "truncate": False}]
    assert provider.paths == ["/api/embed"]
    assert provider.keys == [None]


@pytest.mark.parametrize("name", ["openai:m", "ollama:m"])
def test_making_an_embedder_calls_nobody(name: str, provider: Provider) -> None:
    embedder = get(name)
    assert embedder.fingerprint == f"{name.replace(':', '/')}/no-prompts/nfc"
    assert embedder.max_tokens is None
    assert provider.inputs == []


def test_the_dimension_is_asked_for_once_and_then_pinned(
    provider: Provider, pauses: list[float]
) -> None:
    embedder = openai()
    assert (embedder.dimension, embedder.dimension) == (WIDTH, WIDTH)
    assert len(provider.inputs) == 1
    longer = altered(lambda found: [each["embedding"].append(1.0) for each in found])
    provider.plan = [longer] * 9
    with pytest.raises(EmbedderError, match="9 numbers, not 8, came for the text 'the gull tower'"):
        embedder.embed(TEXTS, role="document")
    assert len(pauses) == 3


def test_a_dimension_that_a_store_knows_needs_no_call_and_holds(
    provider: Provider, pauses: list[float]
) -> None:
    embedder = get("openai:m", dimension=5)
    assert embedder.dimension == 5
    assert provider.inputs == []
    with pytest.raises(EmbedderError, match="8 numbers, not 5"):
        embedder.embed(["a"], role="document")
    assert pauses


def test_an_order_that_is_swapped_is_put_right(provider: Provider) -> None:
    provider.plan = [altered(lambda found: found.reverse())]
    assert np.allclose(openai().embed(TEXTS, role="document"), unit(TEXTS), atol=1e-6)


@pytest.mark.parametrize(
    "answer",
    [
        status(401, f"Incorrect API key provided: {KEY}"),
        status(400, KEY),
        replied(200, KEY.encode()),
        replied(200, json.dumps({"data": [{"index": KEY}]}).encode()),
        replied(403, f"plain {KEY}".encode()),
    ],
)
@pytest.mark.usefixtures("pauses")
def test_the_key_is_never_shown(answer: Answer, provider: Provider) -> None:
    provider.plan = [answer] * 9
    with pytest.raises(EmbedderError) as caught:
        openai().embed(TEXTS, role="document")
    assert KEY not in caught.value.message + caught.value.hint
    assert KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("key", ["1", "e", "none"])
def test_a_key_that_is_made_up_changes_no_answer(
    key: str, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    assert np.allclose(openai().embed(TEXTS, role="document"), unit(TEXTS), atol=1e-6)
    assert provider.keys == [f"Bearer {key}"]


def test_the_common_key_goes_only_where_the_common_url_points(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "common")
    assert openai_where() == ("https://api.openai.com/v1", "common")
    monkeypatch.setenv("MEMCTL_OPENAI_BASE_URL", "http://10.0.0.1/v1/")
    assert openai_where() == ("http://10.0.0.1/v1", "")
    monkeypatch.setenv("MEMCTL_OPENAI_API_KEY", " own\n")
    assert openai_where() == ("http://10.0.0.1/v1", "own")


def test_openai_itself_is_not_called_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(EmbedderError, match="needs a key"):
        openai().embed(["a"], role="document")


@pytest.mark.parametrize(
    "url", ["ftp://host/v1", "host:80", "http://", "http://host:port", "http://u:pw@host/v1"]
)
def test_a_base_url_that_is_none_is_told_and_shows_no_password(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMCTL_OPENAI_BASE_URL", url)
    with pytest.raises(EmbedderError, match="base URL") as caught:
        openai()
    assert "pw" not in caught.value.message


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("host", "http://host:11434"),
        (":8080", "http://127.0.0.1:8080"),
        ("0.0.0.0:1234", "http://127.0.0.1:1234"),
        ("http://host/", "http://host:80"),
        ("https://host/ollama", "https://host:443/ollama"),
        ("[::1]:5", "http://[::1]:5"),
    ],
)
def test_the_host_of_ollama_is_read_as_ollama_reads_it(
    value: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", value)
    assert ollama_where() == url


@pytest.mark.parametrize("value", ["http://u:pw@host", "host:port", "ftp://host"])
def test_a_host_of_ollama_that_is_none_is_told(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", value)
    with pytest.raises(EmbedderError, match="OLLAMA_HOST"):
        get("ollama:m")


def test_requests_are_bounded_by_texts_and_by_characters() -> None:
    texts = ["a" * 10] * 130 + ["b" * 95_995, "c" * 6, "д" * 500_000, "e"]
    made = list(batches(texts))
    assert [text for batch in made for text in batch] == texts
    assert [len(batch) for batch in made] == [64, 64, 2, 1, 1, 1, 1]


def test_texts_of_many_requests_come_back_in_order(provider: Provider) -> None:
    texts = [f"текст {number}" for number in range(150)]
    assert np.allclose(openai().embed(texts, role="document"), unit(texts), atol=1e-6)
    assert [len(texts) for texts in provider.inputs] == [64, 64, 22]


def test_a_query_and_a_passage_are_told_to_a_model_that_wants_it(provider: Provider) -> None:
    embedder = get("openai:intfloat/multilingual-e5-large")
    embedder.embed(["маяк"], role="query")
    embedder.embed(["маяк"], role="document")
    assert provider.inputs == [["query: маяк"], ["passage: маяк"]]
    assert "no-prompts" not in embedder.fingerprint


DEVILS = [
    "",
    "   ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\ufdfa" * 40,
    "👩‍🚀",
    "שלום עולם",
    "x" * 1_000_000,
]


@pytest.mark.parametrize("name", ["openai:m", "ollama:m"])
def test_any_text_has_a_vector(name: str, provider: Provider) -> None:
    vectors = get(name).embed(DEVILS, role="document")
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    sent = [text for texts in provider.inputs for text in texts]
    assert sent[:5] == [".", ".", ".", "a b", "."]
    assert np.array_equal(vectors[0], vectors[4])


def test_no_texts_are_no_request(provider: Provider) -> None:
    assert get("openai:m", dimension=3).embed([], role="document").shape == (0, 3)
    assert provider.inputs == []


def test_many_threads_may_ask_at_once(provider: Provider) -> None:
    embedder = get("openai:m", dimension=WIDTH)
    found: dict[int, np.ndarray] = {}

    def ask(number: int) -> None:
        found[number] = embedder.embed([f"text {number}"], role="query")

    threads = [Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.allclose(found[each], unit([f"text {each}"]), atol=1e-6) for each in range(40))
    assert len(provider.inputs) == 40
