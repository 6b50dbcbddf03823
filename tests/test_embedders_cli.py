from __future__ import annotations

import json
from collections.abc import Generator

import pytest
from embedders_support import Provider, serving, status
from support import Run
from typer.testing import CliRunner

from memctl.cli.app import app

KEY = "sk-SECRET-0123456789"


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's own settings."""
    for name in ("BASE_URL", "API_KEY"):
        monkeypatch.delenv(f"OPENAI_{name}", raising=False)
        monkeypatch.delenv(f"MEMCTL_OPENAI_{name}", raising=False)
    for name in ("OLLAMA_HOST", "MEMCTL_PROVIDER_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Generator[Provider]:
    with serving() as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{provider.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield provider


def listed(run: Run) -> dict[str, dict[str, object]]:
    fields = run("embedders", "--json").json
    assert fields["schema"] == "memctl.embedders/1"
    return {each["form"]: each for each in fields["embedders"]}


def test_every_embedder_is_listed_with_what_it_needs(run: Run) -> None:
    found = listed(run)
    assert {form.partition(":")[0] for form in found} >= {
        "e5-small",
        "hashing",
        "onnx",
        "sentence-transformers",
        "llama-index",
        "ollama",
        "openai",
    }
    assert found["e5-small"]["dimension"] == 384
    assert found["e5-small"]["max_tokens"] == 512
    assert found["hashing"]["ready"] is True
    assert found["e5-small"]["ready"] is True
    assert found["openai:MODEL"]["ready"] is False
    assert found["ollama:MODEL"]["ready"] is None
    assert found["llama-index:MODULE.CLASS"]["ready"] is None
    assert "MEMCTL_OPENAI_API_KEY" in str(found["openai:MODEL"]["missing"])
    assert found["ollama:MODEL"]["needs"] == "an Ollama at http://127.0.0.1:11434"


def test_listing_calls_nobody_and_shows_no_key(run: Run, provider: Provider) -> None:
    result = run("embedders")
    assert provider.inputs == []
    assert KEY not in result.out + result.err
    assert listed(run)["openai:MODEL"]["ready"] is None
    assert listed(run)["openai:MODEL"]["needs"] == f"the endpoint {provider.url}"


def test_a_setting_that_is_wrong_is_told_in_its_row(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMCTL_OPENAI_BASE_URL", "http://user:hunter2@host/v1")
    monkeypatch.setenv("OLLAMA_HOST", "host:port")
    found = listed(run)
    assert "holds a password" in str(found["openai:MODEL"]["missing"])
    assert "OLLAMA_HOST" in str(found["ollama:MODEL"]["missing"])
    assert "hunter2" not in str(found)


def test_the_table_fits_eighty_columns(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = run("embedders").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["embedder", "dim", "tokens", "ready", "needs"]
    assert "openai: set MEMCTL_OPENAI_API_KEY or MEMCTL_OPENAI_BASE_URL" in lines
    assert "384" in next(line for line in lines if line.startswith("e5-small"))


def test_the_embedder_of_the_store_is_named(filled: Run) -> None:
    assert filled("embedders", "--json").json["used"] == "hashing"
    assert filled("embedders").out.rstrip().endswith("is embedded with hashing.")


def bench(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["embedders", "bench", *words])
    return result.exit_code, result.stdout, result.stderr


def test_a_bench_measures_an_endpoint_as_any_other(provider: Provider) -> None:
    code, out, _ = bench("openai:m", "hashing", "--json")
    assert code == 0
    fields = json.loads(out)
    assert fields["schema"] == "memctl.embedders_bench/1"
    remote, hashing = fields["embedders"]
    assert (remote["name"], remote["dimension"]) == ("openai:m", 8)
    assert (hashing["name"], hashing["dimension"]) == ("hashing", 256)
    assert all(each["tokens_per_second"] > 0 for each in (remote, hashing))
    assert hashing["cosine"] is None
    languages = "".join(text for texts in provider.inputs for text in texts)
    assert "маяка" in languages
    assert "keeper" in languages


def test_a_bench_that_fails_says_why(provider: Provider) -> None:
    provider.plan = [status(401, "bad key")]
    code, _, err = bench("openai:m")
    assert code == 1
    assert "status 401: bad key" in err
    assert KEY not in err


def test_a_bench_of_an_unknown_embedder_names_the_nearest() -> None:
    code, _, err = bench("hashin")
    assert code == 1
    assert "Did you mean 'hashing'?" in err
