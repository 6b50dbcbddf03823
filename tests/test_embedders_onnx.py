from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from support import Run
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from memctl.ingest import EmbedderError
from memctl.ingest.embedders import get

WORDS = ["[UNK]", "[CLS]", "[SEP]", "query", ":", "passage", "gull", "tower", "маяк", "й", "."]
NUMBERS = {word: number for number, word in enumerate(WORDS)}
TABLE = np.random.default_rng(5).normal(size=(len(WORDS), 6)).astype(np.float32)


def write_graph(file: Path, *, inputs: tuple[str, ...], output: str, pooled: bool) -> None:
    """A model whose tokens have the vectors of TABLE, with the place's number in the last one."""
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["tokens"])]
    if pooled:
        nodes.append(helper.make_node("ReduceMax", ["tokens", "axis"], [output], keepdims=0))
    else:
        nodes.append(helper.make_node("Identity", ["tokens"], [output]))
    shape = ["texts", 6] if pooled else ["texts", "length", 6]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "length"])
            for name in inputs
        ],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(TABLE, "table"), numpy_helper.from_array(np.array([1]), "axis")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, file)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as Hugging Face has them: six dimensions, eight tokens at once, mean pooling."""
    root = tmp_path / "tiny-model"
    (root / "1_Pooling").mkdir(parents=True)
    write_graph(
        root / "model.onnx",
        inputs=("input_ids", "attention_mask"),
        output="last_hidden_state",
        pooled=False,
    )
    tokenizer = Tokenizer(WordLevel(NUMBERS, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()  # type: ignore[assignment]
    tokenizer.post_processor = TemplateProcessing(  # type: ignore[assignment]
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    tokenizer.enable_truncation(4)  # as many folders have it, and it must not be obeyed
    tokenizer.enable_padding(length=4)
    tokenizer.save(str(root / "tokenizer.json"))
    write(root, "config.json", {"max_position_embeddings": 512, "model_type": "bert"})
    write(root, "sentence_bert_config.json", {"max_seq_length": 8})
    write(root, "1_Pooling/config.json", {"pooling_mode_mean_tokens": True})
    return root


def write(folder: Path, name: str, value: Any) -> None:
    (folder / name).write_text(json.dumps(value), encoding="utf-8")


def tokens(*words: str) -> np.ndarray:
    return TABLE[[NUMBERS[word] for word in ("[CLS]", *words, "[SEP]")]]


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def embed(folder: Path, *texts: str, role: Any = "document") -> np.ndarray:
    return get(f"onnx:{folder}").embed(texts, role=role)


def test_a_folder_gives_the_pooled_vectors_of_its_tokens(folder: Path) -> None:
    embedder = get(f"onnx:{folder}")
    vectors = embedder.embed(["gull tower", "маяк"], role="document")
    assert np.allclose(vectors[0], unit(tokens("gull", "tower").mean(0)), atol=1e-6)
    assert np.allclose(vectors[1], unit(tokens("маяк").mean(0)), atol=1e-6)
    assert (embedder.dimension, embedder.max_tokens) == (6, 8)


POOLED: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "cls": ("cls_token", lambda rows: rows[0]),
    "max": ("max_tokens", lambda rows: rows.max(0)),
    "mean": ("mean_tokens", lambda rows: rows.mean(0)),
    "mean_sqrt_len_tokens": ("mean_sqrt_len_tokens", lambda rows: rows.sum(0) / 2),
    "weightedmean": (
        "weightedmean_tokens",
        lambda rows: (rows * np.array([[1], [2], [3], [4]])).sum(0),
    ),
    "lasttoken": ("lasttoken", lambda rows: rows[-1]),
}


@pytest.mark.parametrize("mode", POOLED)
def test_the_pooling_is_the_one_that_the_folder_names(mode: str, folder: Path) -> None:
    flag, pool = POOLED[mode]
    expected = unit(pool(tokens("gull", "tower")))
    for config in (
        {"pooling_mode": mode},
        {"pooling_mode": [mode]},
        {f"pooling_mode_{flag}": True},
    ):
        write(folder, "1_Pooling/config.json", config)
        assert np.allclose(embed(folder, "gull tower")[0], expected, atol=1e-6)


def test_a_text_has_one_vector_whatever_else_is_in_its_batch(folder: Path) -> None:
    texts = ["gull", "маяк gull tower", "й", "tower tower", ""] * 30
    together = embed(folder, *texts)
    alone = np.concatenate([embed(folder, text) for text in texts[:5]])
    assert np.array_equal(together, np.tile(alone, (30, 1)))


def test_a_long_text_is_embedded_in_windows_and_none_of_it_is_lost(folder: Path) -> None:
    words = ["gull"] * 6 + ["маяк"] * 6
    (vector,) = embed(folder, " ".join(words))
    halves = [tokens(*words[:6]).mean(0), tokens(*words[6:]).mean(0)]
    assert np.allclose(vector, unit(unit(halves[0]) + unit(halves[1])), atol=1e-6)


def test_a_model_of_a_known_name_is_told_the_role(folder: Path) -> None:
    renamed = folder.rename(folder.with_name("multilingual-e5-tiny-e5-small"))
    expected = unit(tokens("query", ":", "gull").mean(0))
    assert np.allclose(embed(renamed, "gull", role="query")[0], expected, atol=1e-6)
    expected = unit(tokens("passage", ":", "gull").mean(0))
    assert np.allclose(embed(renamed, "gull")[0], expected, atol=1e-6)


def test_a_prompt_that_the_folder_declares_comes_before_the_known_one(folder: Path) -> None:
    plain = get(f"onnx:{folder}").fingerprint
    write(folder, "config_sentence_transformers.json", {"prompts": {"query": "маяк "}})
    expected = unit(tokens("маяк", "gull").mean(0))
    assert np.allclose(embed(folder, "gull", role="query")[0], expected, atol=1e-6)
    assert np.allclose(embed(folder, "gull")[0], unit(tokens("gull").mean(0)), atol=1e-6)
    assert get(f"onnx:{folder}").fingerprint != plain


def test_every_window_of_a_long_text_has_the_prompt(folder: Path) -> None:
    renamed = folder.rename(folder.with_name("e5-small"))
    (vector,) = embed(renamed, "gull gull gull gull tower tower tower tower")
    half = [tokens("passage", ":", *[word] * 4).mean(0) for word in ("gull", "tower")]
    assert np.allclose(vector, unit(unit(half[0]) + unit(half[1])), atol=1e-6)


def test_a_graph_that_pools_itself_needs_no_pooling(folder: Path) -> None:
    write_graph(
        folder / "model.onnx",
        inputs=("input_ids", "attention_mask", "token_type_ids", "position_ids"),
        output="sentence_embedding",
        pooled=True,
    )
    shutil.rmtree(folder / "1_Pooling")
    assert np.allclose(
        embed(folder, "gull tower")[0], unit(tokens("gull", "tower").max(0)), atol=1e-6
    )


def test_a_graph_may_lie_in_the_folder_onnx_or_be_named(folder: Path) -> None:
    before = embed(folder, "маяк")
    (folder / "onnx").mkdir()
    graph = (folder / "model.onnx").rename(folder / "onnx" / "model.onnx")
    assert np.array_equal(embed(folder, "маяк"), before)
    named = graph.rename(graph.with_name("model_O3.onnx"))
    assert np.array_equal(embed(named, "маяк"), before)
    with pytest.raises(EmbedderError, match=r"no model\.onnx"):
        get(f"onnx:{folder}")


def test_the_fingerprint_changes_with_each_file_that_a_vector_depends_on(folder: Path) -> None:
    seen = {get(f"onnx:{folder}").fingerprint}
    for name in ("model.onnx", "tokenizer.json", "1_Pooling/config.json"):
        with (folder / name).open("ab") as stream:
            stream.write(b"\n")
        seen.add(get(f"onnx:{folder}").fingerprint)
    assert len(seen) == 4


def test_the_name_holds_the_whole_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert get("onnx:tiny-model").name == f"onnx:{folder.resolve()}"


def test_any_text_has_a_vector(folder: Path) -> None:
    devils = [
        "",
        " ",
        "\x00",
        "\ud800",
        "\ufdfa" * 40,
        "👩‍🚀",
        "שלום",
        "x" * 100_000,
        "й й " * 50_000,
    ]
    vectors = embed(folder, *devils)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert np.array_equal(*embed(folder, "й", "и\u0306"))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("1_Pooling/config.json", {"pooling_mode": ["mean", "max"]}, "one way of pooling, but 2"),
        ("1_Pooling/config.json", {}, "one way of pooling, but 0"),
        ("1_Pooling/config.json", {"pooling_mode": "median"}, "unknown pooling 'median'"),
        ("1_Pooling/config.json", {"pooling_mode": "mean", "include_prompt": False}, "prompt"),
        ("modules.json", [{"type": "sentence_transformers.models.Dense"}], "names Dense"),
        ("modules.json", {}, "no JSON list"),
        ("config_sentence_transformers.json", [], "no JSON dict"),
    ],
)
def test_a_folder_that_memctl_would_get_wrong_is_refused(
    name: str, value: Any, message: str, folder: Path
) -> None:
    write(folder, name, value)
    with pytest.raises(EmbedderError, match=message):
        embed(folder, "gull")


def test_a_pooling_that_nobody_names_is_not_guessed(folder: Path) -> None:
    shutil.rmtree(folder / "1_Pooling")
    with pytest.raises(EmbedderError, match="does not say how the model pools") as caught:
        embed(folder, "gull")
    assert '{"pooling_mode": "mean"}' in caught.value.hint


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"", b"damaged"])
def test_a_damaged_file_is_told(name: str, content: bytes, folder: Path) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(EmbedderError, match=r"the ONNX model .*tiny-model"):
        embed(folder, "gull")


def test_a_graph_that_is_no_text_encoder_is_refused(folder: Path) -> None:
    write_graph(
        folder / "model.onnx", inputs=("input_ids", "pixels"), output="tokens_out", pooled=False
    )
    with pytest.raises(EmbedderError, match="pixels"):
        embed(folder, "gull")


def test_positions_of_roberta_begin_after_the_padding(folder: Path) -> None:
    (folder / "sentence_bert_config.json").unlink()
    write(
        folder,
        "config.json",
        {"max_position_embeddings": 514, "model_type": "xlm-roberta", "pad_token_id": 1},
    )
    assert get(f"onnx:{folder}").max_tokens == 512


def test_a_store_takes_the_folder_again_by_another_way_of_naming_it(
    folder: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("gull маяк", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run("ingest", "a.txt", "--embedder", "onnx:tiny-model").code == 0
    assert run("ingest", "a.txt", "--embedder", "onnx:./tiny-model/").code == 0
    assert run("status", "--json").json["embedder"]["name"] == f"onnx:{folder.resolve()}"
    (folder / "model.onnx").write_bytes((folder / "model.onnx").read_bytes() + b"\n")
    result = run("ingest", "a.txt")
    assert result.code == 1
    assert "the store was embedded with onnx/tiny-model/" in result.err
