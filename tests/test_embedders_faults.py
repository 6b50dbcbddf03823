from __future__ import annotations

import json
import math
import random
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import numpy as np
import pytest
from embedders_support import (
    TEXTS,
    WIDTH,
    Answer,
    Provider,
    altered,
    drip,
    drop,
    good,
    openai,
    provided,
    replied,
    serving,
    slept,
    status,
    unit,
)

from memctl.ingest import EmbedderError
from memctl.ingest.embedders import endpoint, get

provider = pytest.fixture(provided)
pauses = pytest.fixture(slept)


def set_all(value: object) -> Answer:
    return altered(lambda found: found[1].update(embedding=value))


BAD = {
    "not a number": (set_all([math.nan] * WIDTH), "'маяк у моря' is not finite"),
    "infinite": (set_all([math.inf] * WIDTH), "'маяк у моря' is not finite"),
    "too large": (set_all([10**400] * WIDTH), "too large"),
    "overflowing": (set_all([1e300] * WIDTH), "'маяк у моря' is not finite"),
    "zero": (set_all([0.0] * WIDTH), "'маяк у моря' is zero"),
    "null in it": (set_all([None] * WIDTH), "no list of numbers came for the text 'маяк у моря'"),
    "words": (set_all(["0.5"] * WIDTH), "no list of numbers came for the text 'маяк у моря'"),
    "truths": (set_all([True] * WIDTH), "no list of numbers came for the text 'маяк у моря'"),
    "no list": (set_all(None), "no list of numbers came for the text 'маяк у моря'"),
    "empty": (set_all([]), "no list of numbers came for the text 'маяк у моря'"),
    "shorter": (set_all([0.5] * 7), "7 numbers, not 8, came for the text 'маяк у моря'"),
    "one missing": (altered(lambda found: found.pop(1)), "no vector came for the text 'маяк у"),
    "one more": (altered(lambda found: found.append({"index": 3, "embedding": []})), "index 3"),
    "an index twice": (altered(lambda found: found[2].update(index=1)), "two vectors .* 'маяк у"),
    "no index": (altered(lambda found: found[0].pop("index")), "index None"),
    "a true index": (altered(lambda found: found[1].update(index=True)), "index True"),
    "no items": (altered(lambda found: found.__setitem__(0, {})), "index None"),
    "no data": (replied(200, b"[]"), "without a list of vectors"),
    "cut": (replied(200, b'{"data": [{"ind'), "not JSON"),
    "no bytes": (replied(200, b""), "not JSON"),
    "a web page": (replied(200, b"<html>log in</html>"), "not JSON"),
    "no UTF-8": (replied(200, b'{"data": "\xff"}'), "not JSON"),
    "deep": (replied(200, b"[" * 200_000), "not JSON"),
    "huge": (replied(200, b" " * (17 << 20)), "more than 16 MiB"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_answer_is_asked_for_again_and_healed(
    name: str, provider: Provider, pauses: list[float]
) -> None:
    provider.plan = [BAD[name][0]]
    vectors = get("openai:m", dimension=WIDTH).embed(TEXTS, role="document")
    assert np.allclose(vectors, unit(TEXTS), atol=1e-6)
    assert len(pauses) == 1


@pytest.mark.parametrize("name", BAD)
def test_an_answer_that_stays_wrong_is_an_error_that_names_the_fault(
    name: str, provider: Provider, pauses: list[float]
) -> None:
    wrong, message = BAD[name]
    provider.plan = [wrong] * 9
    with pytest.raises(EmbedderError, match=message) as caught:
        get("openai:m", dimension=WIDTH).embed(TEXTS, role="document")
    assert "(4 tries)" in caught.value.message
    assert len(provider.inputs) == 4
    assert len(pauses) == 3


@pytest.mark.parametrize("code", [408, 409, 429, 500, 502, 503, 529])
def test_a_fault_that_passes_is_waited_out(
    code: int, provider: Provider, pauses: list[float]
) -> None:
    provider.plan = [status(code)] * 6
    assert np.allclose(openai().embed(TEXTS, role="document"), unit(TEXTS), atol=1e-6)
    assert len(pauses) == 6
    longest = [0.5, 1, 2, 4, 8, 16]
    assert all(0 <= pause <= most for pause, most in zip(pauses, longest, strict=True))


def test_a_connection_that_breaks_is_made_again(provider: Provider, pauses: list[float]) -> None:
    provider.plan = [drop, drop]
    assert np.allclose(openai().embed(TEXTS, role="document"), unit(TEXTS), atol=1e-6)
    assert len(pauses) == 2


def test_the_wait_is_as_long_as_the_service_says_in_seconds_or_by_date(
    provider: Provider, pauses: list[float]
) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(seconds=100), usegmt=True)
    provider.plan = [
        status(429, Retry_After="7"),
        status(503, Retry_After=date),
        status(429, Retry_After=past),
        status(429, Retry_After="soon"),
    ]
    openai().embed(TEXTS, role="document")
    assert pauses[0] == 7
    assert 90 < pauses[1] <= 100
    assert pauses[2] == 0
    assert 0 <= pauses[3] <= 4


def test_a_wait_that_is_longer_than_the_patience_ends_at_once(
    provider: Provider, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMCTL_PROVIDER_TIMEOUT", "20")
    provider.plan = [status(429, "slow down", Retry_After="21")]
    with pytest.raises(EmbedderError, match="status 429: slow down") as caught:
        openai().embed(TEXTS, role="document")
    assert "MEMCTL_PROVIDER_TIMEOUT" in caught.value.hint
    assert pauses == []


def test_a_service_that_stays_down_is_given_up_when_the_patience_is_over(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr(endpoint, "monotonic", lambda: clock[0])
    monkeypatch.setattr(endpoint, "sleep", sleep)
    provider.plan = [status(503)] * 1000
    with pytest.raises(EmbedderError, match="status 503"):
        openai().embed(TEXTS, role="document")
    assert 250 < clock[0] < 300  # 30 seconds at most are left when there is no more waiting
    assert len(provider.inputs) < 80


@pytest.mark.parametrize("code", [400, 401, 402, 403, 404, 405, 413, 422])
def test_a_fault_that_stays_is_told_after_one_call(
    code: int, provider: Provider, pauses: list[float]
) -> None:
    provider.plan = [status(code, "what is wrong")]
    with pytest.raises(EmbedderError, match=f"status {code}: what is wrong") as caught:
        openai().embed(TEXTS, role="document")
    assert caught.value.exit_code == 1
    assert caught.value.hint
    assert len(provider.inputs) == 1
    assert pauses == []


def test_a_quota_that_is_spent_is_not_waited_for(provider: Provider, pauses: list[float]) -> None:
    body = {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}
    provider.plan = [replied(429, json.dumps(body).encode())]
    with pytest.raises(EmbedderError, match="You exceeded your quota"):
        openai().embed(TEXTS, role="document")
    assert pauses == []


def test_a_redirect_is_not_followed(provider: Provider) -> None:
    provider.plan = [status(302, Location=f"{provider.url}/elsewhere")]
    with pytest.raises(EmbedderError, match="redirect"):
        openai().embed(TEXTS, role="document")
    assert provider.paths == ["/v1/embeddings"]


def test_a_text_that_is_too_long_is_named_and_the_way_out_told(provider: Provider) -> None:
    provider.plan = [status(400, "This model's maximum context length is 8192 tokens")]
    with pytest.raises(EmbedderError, match="maximum context length") as caught:
        openai().embed(["short", "длинный " * 9000], role="document")
    assert "71,999 characters: 'длинный" in caught.value.message
    assert len(caught.value.message) < 400
    assert "memctl.toml" in caught.value.hint


def test_a_service_that_is_not_there_is_told_after_a_few_tries(
    provider: Provider, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as gone:
        monkeypatch.setenv("OPENAI_BASE_URL", gone.url)
    with pytest.raises(EmbedderError, match="cannot be reached") as caught:
        openai().embed(TEXTS, role="document")
    assert "MEMCTL_OPENAI_BASE_URL" in caught.value.hint
    assert len(pauses) == 3
    assert provider.inputs == []


@pytest.mark.parametrize("key", ["sk-SECRET\n1", "sk-SECRET 2", "sk-СЕКРЕТ3", "sk-SECRET\x7f"])
def test_a_key_that_no_header_takes_is_refused_and_not_shown(
    key: str, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(EmbedderError, match="no key has") as caught:
        openai().embed(TEXTS, role="document")
    assert key not in "".join(traceback.format_exception(caught.value))
    assert provider.inputs == []


def test_a_model_that_ollama_lacks_is_told_with_the_command_that_fetches_it(
    provider: Provider,
) -> None:
    provider.plan = [status(404, "model 'm' not found, try pulling it first")]
    with pytest.raises(EmbedderError, match="try pulling it first") as caught:
        get("ollama:m").embed(["a"], role="query")
    assert "ollama pull m" in caught.value.hint


@pytest.mark.parametrize("value", ["0", "-1", "inf", "nan", "long"])
def test_a_patience_that_is_none_is_told(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMCTL_PROVIDER_TIMEOUT", value)
    with pytest.raises(EmbedderError, match="MEMCTL_PROVIDER_TIMEOUT"):
        get("ollama:m")


def test_an_answer_that_drips_is_left(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    monkeypatch.setenv("MEMCTL_PROVIDER_TIMEOUT", "2")
    provider.plan = [drip]
    assert np.allclose(openai().embed(TEXTS, role="document"), unit(TEXTS), atol=1e-6)
    assert len(pauses) == 1


@pytest.mark.usefixtures("pauses")
def test_under_many_faults_no_vector_is_lost_or_changed(provider: Provider) -> None:
    chance = random.Random(7)
    faults = [status(503), status(429), drop, *(BAD[name][0] for name in ("not a number", "cut"))]
    provider.plan = [chance.choice(faults) if chance.random() < 0.3 else good for _ in range(900)]
    texts = [f"строка {number} of 400" for number in range(400)]
    embedder = get("openai:m", dimension=WIDTH)
    made = [embedder.embed(texts[at : at + 3], role="document") for at in range(0, 400, 3)]
    assert np.allclose(np.concatenate(made), unit(texts), atol=1e-6)
