"""Language models that are read while they write, and how much they read themselves."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from chat_support import KEY, Chat

from memctl.ingest import UsageError
from memctl.ingest.tokens import count
from memctl.query import LanguageModelError, Writer, language_model
from memctl.query.llm.windows import tokens_of, window_of


def written(model: Writer, *, max_tokens: int = 50) -> str:
    return "".join(
        piece.text for piece in model.stream("Коротко.", "Где маяк?", max_tokens=max_tokens)
    )


@pytest.mark.parametrize("text", ["It stands on the cape.", "Маяк стоит на мысе Форос. 🗼"])
def test_what_is_written_comes_in_pieces(chat: Chat, text: str) -> None:
    chat.text = text
    pieces = list(language_model("openai:tiny").stream("a", "b", max_tokens=50))
    assert "".join(piece.text for piece in pieces) == text
    assert sum(bool(piece.text) for piece in pieces) > 3
    assert (pieces[-1].prompt_tokens, pieces[-1].completion_tokens) == (7, 3)
    assert chat.bodies[-1]["stream"] is True
    assert chat.bodies[-1]["max_tokens"] == 50
    assert chat.keys[-1] == f"Bearer {KEY}"


def test_an_endpoint_that_does_not_stream_answers_all_the_same(chat: Chat) -> None:
    chat.plan = ["whole"]
    assert written(language_model("openai:tiny")) == chat.text


def test_an_answer_that_may_be_no_longer_says_so(chat: Chat) -> None:
    chat.finish = "length"
    assert any(piece.cut for piece in language_model("openai:tiny").stream("a", "b", max_tokens=5))


@pytest.mark.parametrize("plan", [["429"], ["500", "503"], ["drop"]])
def test_a_fault_before_the_answer_is_waited_out(chat: Chat, plan: list[str]) -> None:
    chat.plan = list(plan)
    assert written(language_model("openai:tiny")) == chat.text
    assert len(chat.bodies) == len(plan) + 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [("cut", "broke off"), ("garbled", "not JSON"), ("error", "out of memory")],
)
def test_an_answer_that_breaks_off_is_an_error_after_what_came(
    chat: Chat, fault: str, words: str
) -> None:
    chat.plan = [fault]
    got: list[str] = []
    with pytest.raises(LanguageModelError, match=words):
        got.extend(
            piece.text for piece in language_model("openai:tiny").stream("a", "b", max_tokens=9)
        )
    assert len(chat.bodies) == 1


@pytest.mark.parametrize(
    ("fault", "words", "asked"),
    [("401", "401", 1), ("html", "not JSON", 1), ("empty", "not JSON", 1)],
)
def test_a_fault_that_stays_is_one_clear_error(
    chat: Chat, fault: str, words: str, asked: int
) -> None:
    chat.plan = [fault] * 9
    with pytest.raises(LanguageModelError, match=words) as caught:
        written(language_model("openai:tiny"))
    assert KEY not in caught.value.message + caught.value.hint
    assert len(chat.bodies) == asked


def test_a_model_that_hangs_is_given_up(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMCTL_PROVIDER_TIMEOUT", "0.4")
    chat.plan = ["hang", "hang", "hang"]
    with pytest.raises(LanguageModelError, match="in time"):
        written(language_model("openai:tiny"))


def test_no_model_server_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memctl.ingest.embedders.endpoint._PAUSE", 0.0)
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    with pytest.raises(LanguageModelError, match="cannot be reached") as caught:
        written(language_model("ollama:qwen"))
    assert "ollama serve" in caught.value.hint


def test_a_model_that_reasons_is_asked_in_its_own_way(chat: Chat) -> None:
    written(language_model("openai:o3-mini"), max_tokens=77)
    assert chat.bodies[-1]["max_completion_tokens"] == 77
    assert "temperature" not in chat.bodies[-1]


def test_a_model_of_llama_index_streams() -> None:
    model = language_model("llama-index:llama_index.core.llms.MockLLM")
    assert "Где маяк?" in written(model)
    assert model.window > 1_000
    assert language_model("llama-index:llama_index.core.llms.MockLLM", window=512).window == 512


# --- how much a model reads


@pytest.mark.parametrize(
    ("model", "window"),
    [
        ("gpt-4o-mini", 128_000),
        ("gpt-4-turbo", 128_000),
        ("gpt-4", 8_192),
        ("openai/gpt-4.1", 1_000_000),
        ("qwen2.5", 8_192),
    ],
)
def test_the_window_of_a_model_goes_by_its_name(model: str, window: int) -> None:
    assert window_of(model) == window


def test_the_user_knows_the_window_better(chat: Chat) -> None:
    del chat
    assert language_model("openai:tiny", window=1_000).window == 1_000
    assert language_model("ollama:tiny").window == 4_096


@pytest.mark.parametrize("text", ["The gull tower was built in 1911.", "Башню построили в 1911."])
def test_tokens_are_counted_by_the_models_table_or_rather_too_many(text: str) -> None:
    assert tokens_of("gpt-4o", text) == count(text)
    assert tokens_of("stranger", text) > count(text)


# --- a model in this process


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    file = tmp_path / "m.gguf"
    file.write_bytes(b"no model at all")
    with pytest.raises(LanguageModelError, match="no GGUF"):
        language_model(f"llamacpp:{file}")
    with pytest.raises(LanguageModelError, match="No such file"):
        language_model(f"llamacpp:{tmp_path / 'none'}")
    file.write_bytes(b"GGUF" + b"\x07" * 500)
    with pytest.raises(LanguageModelError, match="cannot be loaded"):
        written(language_model(f"llamacpp:{file}"))


def _nothing(_name: str) -> None:
    """No package is found."""


def test_without_its_package_a_local_model_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", _nothing)
    with pytest.raises(LanguageModelError, match="xllamacpp") as caught:
        language_model(f"llamacpp:{tmp_path / 'm.gguf'}")
    assert "memctl-rag[local]" in caught.value.hint


def test_a_kind_of_model_that_there_is_not() -> None:
    with pytest.raises(UsageError) as caught:
        language_model("lamacpp:x.gguf")
    assert "llamacpp:x.gguf" in caught.value.hint


LOCAL = Path(os.environ.get("MEMCTL_TEST_LLM", Path.home() / ".cache" / "memctl-test-llm"))


@pytest.mark.llm
@pytest.mark.skipif(not list(LOCAL.glob("*.gguf")), reason=f"no model in {LOCAL}")
def test_a_real_model_answers_in_this_process_and_nobody_else() -> None:
    import httpx

    pytest.importorskip("xllamacpp")
    model = language_model(f"llamacpp:{next(LOCAL.glob('*.gguf'))}", window=1_024)
    assert 3 <= model.tokens("Привет, мир!") <= 12
    pieces = list(model.stream("Answer in a word.", "The capital of France?", max_tokens=12))
    assert "Paris" in "".join(piece.text for piece in pieces)
    assert pieces[-1].completion_tokens > 0
    with pytest.raises(LanguageModelError, match="context"):
        model.complete("x", "word " * 3_000, max_tokens=5)
    url = model._url  # type: ignore[attr-defined]  # noqa: SLF001  who else may ask is tested
    assert httpx.post(f"{url}/v1/chat/completions", json={}).status_code == 401
