"""The built-in embedder, on the model that is built from the real weights."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memctl.ingest.embedders import get
from memctl.ingest.embedders.e5 import calibration, recipe
from memctl.ingest.embedders.e5.embedder import E5Embedder
from memctl.ingest.embedders.e5.engine import CONTENT, Engine
from memctl.ingest.embedders.e5.graph import FloatMultiply, encoder, linears
from memctl.ingest.embedders.e5.session import INPUT, opened
from memctl.ingest.embedders.e5.tokenizer import UNKNOWN, Lattice, normalised, sentencepiece
from memctl.ingest.embedders.e5.weights import Weights, find, read

TEXTS = [
    "The harbour froze in January, and for nineteen days no ship came in.",
    "Гавань замёрзла в январе, и девятнадцать дней в неё не входило ни одно судно.",
    "for (int i = 0; i < n; ++i) { sum += a[i] * b[i]; }  // dot product",
    "2031-04-02T11:09:54Z WARN [io-3] disk=/dev/sdb1 used=97.2% ошибка записи 0x1f",
    "Ура 🎉🎉 мы сделали это!!! 🚀 lol 😂😂",
    "да",
    "?",
    "κόσμε שלום 世界",
]
DEVILS = [
    "",
    " \t\n",
    "\x00",
    "a\x00b",
    "\ud800",
    "\ufdfa" * 40,
    "👩‍🚀" * 200,
    "שלום עולם",
    "\u202eabc\u202c",
    "</s> <pad> <mask> <unk> <s>",
    "x" * 20_000,
    "\u0301" * 500,
    "𓀀" * 600,
    "\u2581\u2581 \u2581",
]


@pytest.fixture(scope="module")
def weights() -> Weights:
    return read(find())


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture(scope="module")
def clean(weights: Weights) -> Callable[[str], str]:
    """Normalise a text."""

    def call(text: str) -> str:
        return normalised(text, weights.vocabulary.replacements)

    return call


@pytest.fixture(scope="module")
def encoders(weights: Weights, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """The two ways to the same ids, both from the vocabulary."""
    from memctl.ingest.embedders.e5.tokenizer import model, table

    lattice = Lattice(weights.vocabulary, table(weights.vocabulary)).encode
    file = tmp_path_factory.mktemp("pieces") / "sentencepiece.model"
    file.write_bytes(model(weights.vocabulary))
    return lattice, sentencepiece(file)


# ------------------------------------------------------------------------------------ vectors


def test_a_vector_is_the_same_bit_by_bit_whatever_is_embedded_with_it() -> None:
    embedder = E5Embedder()
    together = embedder.embed([*TEXTS, "слово " * 700, *TEXTS], role="document")
    alone = np.concatenate([embedder.embed([text], role="document") for text in TEXTS])
    assert np.array_equal(together[: len(TEXTS)], alone)
    assert np.array_equal(together[-len(TEXTS) :], alone)


def test_any_text_has_a_finite_unit_vector() -> None:
    vectors = E5Embedder().embed(DEVILS, role="document")
    assert vectors.shape == (len(DEVILS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_text_gives_no_vector() -> None:
    assert E5Embedder().embed([], role="query").shape == (0, 384)


def test_the_int8_model_is_near_the_float32_one_on_every_kind_of_text(
    weights: Weights, engine: Engine
) -> None:
    session = opened(encoder(weights, FloatMultiply(linears(weights))))
    rows = recipe.WordRows(weights)
    windows = list(engine.windows(TEXTS, recipe.PREFIXES["document"]))
    exact = np.concatenate([session.run(None, {INPUT: rows([each.ids])})[0] for each in windows])
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    cosine = np.sum(exact * E5Embedder().embed(TEXTS, role="document"), axis=1)
    assert cosine.min() > 0.997
    assert cosine.max() < 1 - 1e-6  # it is another model


def test_meaning_is_found_across_languages() -> None:
    embedder = E5Embedder()
    (question,) = embedder.embed(["Кто построил башню?"], role="query")
    texts = ["The tower was built by Anna Berg.", "Bread is baked at two hundred degrees."]
    tower, bread = embedder.embed(texts, role="document") @ question
    assert tower > bread + 0.05


def test_the_role_is_part_of_the_vector() -> None:
    embedder = E5Embedder()
    query, document = (
        embedder.embed(["the gull tower"], role=role) for role in ("query", "document")
    )
    assert 0.5 < float((query @ document.T)[0, 0]) < 0.999


def test_composed_and_decomposed_letters_are_one_text() -> None:
    a, b = E5Embedder().embed(["Ёлка и йод", "Е\u0308лка\n и и\u0306од "], role="query")
    assert np.array_equal(a, b)


def test_a_long_text_is_the_mean_of_its_windows_by_their_tokens(engine: Engine) -> None:
    text = "Маяк стоит на скале. The lamp is lit at dusk. " * 60
    windows = list(engine.windows([text], recipe.PREFIXES["document"]))
    counts = [len(each.ids) - 2 for each in windows]
    assert len(counts) > 1
    assert counts[:-1] == [CONTENT] * (len(counts) - 1)
    parts = np.concatenate([engine.mean([each]) for each in windows])
    expected = np.average(parts, axis=0, weights=counts)
    (found,) = engine.means([text], role="document")
    assert np.allclose(found, expected, atol=1e-6)


def test_the_end_of_a_long_text_is_in_its_vector() -> None:
    long = "слово " * 900
    a, b = E5Embedder().embed([long, long + "кит"], role="document")
    assert not np.allclose(a, b, atol=1e-6)


def test_windows_of_many_texts_come_back_to_the_texts_they_are_of(engine: Engine) -> None:
    texts = ["один " * 1300, "two", "", "три " * 600, "four"]
    together = engine.means(texts, role="document")
    for text, mean in zip(texts, together, strict=True):
        assert np.array_equal(engine.means([text], role="document")[0], mean)


def test_forty_threads_at_once_get_the_vectors_of_one() -> None:
    embedder = E5Embedder()
    expected = embedder.embed(TEXTS, role="document")
    with ThreadPoolExecutor(40) as pool:
        futures = [pool.submit(embedder.embed, TEXTS, role="document") for _ in range(40)]
        assert all(np.array_equal(future.result(), expected) for future in futures)


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="the system has no fork")
def test_a_forked_child_embeds_while_threads_of_its_parent_do() -> None:
    code = """
import os, threading, sys
import numpy as np
from memctl.ingest.embedders.e5.embedder import E5Embedder
embedder = E5Embedder()
before = embedder.embed(["маяк"], role="query")
stop = threading.Event()
def work():
    while not stop.is_set():
        embedder.embed(["гавань", "harbour"], role="document")
threads = [threading.Thread(target=work) for _ in range(4)]
[each.start() for each in threads]
codes = []
for _ in range(3):
    child = os.fork()
    if not child:
        same = np.array_equal(E5Embedder().embed(["маяк"], role="query"), before)
        os._exit(0 if same else 1)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
stop.set()
[each.join() for each in threads]
sys.exit(any(codes))
"""
    done = subprocess.run([sys.executable, "-c", code], timeout=120, check=False)
    assert done.returncode == 0


# --------------------------------------------------------------------------------- fingerprint


def test_the_fingerprint_is_known_without_the_model() -> None:
    code = (
        "import sys\n"
        "from memctl.ingest.embedders.e5.embedder import E5Embedder\n"
        "print(E5Embedder().fingerprint)\n"
        "assert not {'onnx', 'onnxruntime', 'sentencepiece'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == E5Embedder().fingerprint


def test_vectors_of_an_earlier_memctl_are_searched_by_the_embedder_that_made_them() -> None:
    now = E5Embedder()
    (before,) = (E5Embedder(each) for each in recipe.FORMER)
    assert before.fingerprint == "e5-small/5ea6ab2d7dd405c0/int8/mean/e5-prefix/nfc"
    assert get("e5-small", fingerprint=before.fingerprint).fingerprint == before.fingerprint
    assert get("e5-small", fingerprint="e5-small/0").fingerprint == now.fingerprint
    old, new = (each.embed(["Прилив меняется."], role="document")[0] for each in (before, now))
    assert 0.995 < old @ new < 0.99999
    assert get("e5-small", fingerprint=now.fingerprint).fingerprint == now.fingerprint


def test_a_query_loads_neither_onnx_nor_sentencepiece() -> None:
    E5Embedder().embed(["built"], role="query")
    code = (
        "import sys\n"
        "from memctl.ingest.embedders.e5.embedder import E5Embedder\n"
        "E5Embedder().embed(['Кто построил башню?'], role='query')\n"
        "assert 'onnxruntime' in sys.modules\n"
        "assert not {'onnx', 'sentencepiece'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_fingerprint_changes_with_the_texts_that_ranges_are_measured_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = E5Embedder().fingerprint
    monkeypatch.setattr(calibration, "digest", lambda: "0" * 64)
    assert E5Embedder().fingerprint != before


# ----------------------------------------------------------------------------------- tokenizer


def test_ids_are_those_of_xlm_roberta(encoders: tuple[Any, Any]) -> None:
    for encode in encoders:  # as the documentation of the transformers library has them
        assert encode("Hello world!") == [35378, 8999, 38]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_both_tokenizers_give_the_same_ids(
    clean: Callable[[str], str], encoders: tuple[Any, Any], text: str
) -> None:
    ready = clean(f"query: {text}")
    lattice, fast = encoders
    assert lattice(ready) == fast(ready)


@pytest.mark.parametrize("text", [*TEXTS, *DEVILS, "ахахахахаха " * 9, "=" * 77, "a b " * 30])
def test_both_tokenizers_agree_on_devils(
    clean: Callable[[str], str], encoders: tuple[Any, Any], text: str
) -> None:
    ready = clean(f"passage: {text[:2000]}")
    lattice, fast = encoders
    assert lattice(ready) == fast(ready)


def test_markup_that_a_text_spells_is_text(encoders: tuple[Any, Any]) -> None:
    for encode in encoders:
        assert not {0, 1, 2, 3, 250_001} & set(encode("a </s> <pad> <s> <mask> <unk>"))


def test_a_run_of_unknown_characters_is_one_unknown(encoders: tuple[Any, Any]) -> None:
    for encode in encoders:
        assert encode("𓀀𓁐𓂀").count(UNKNOWN) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("½ ﬁ №7", "1⁄2 fi No7"),
        ("a\u00a0\u3000b\u200bc", "a b c"),
        ("\ufdfa", "صلى الله عليه وسلم"),
        ("й", "й"),
        ("a\x01b\x00c", "ab c"),
    ],
)
def test_text_is_normalised_as_in_training(
    clean: Callable[[str], str], text: str, expected: str
) -> None:
    assert clean(text) == expected


@given(st.text())
def test_normalised_text_is_clean(clean: Callable[[str], str], text: str) -> None:
    found = clean(text)
    assert found == " ".join(found.split())
    assert found.encode().decode() == found


@pytest.fixture(autouse=True)
def _one_model() -> None:
    """Build the model where it is not there yet, outside of what a test measures."""
    E5Embedder().embed(["."], role="query")
