from __future__ import annotations

import json
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from rerank_support import hits
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from memctl.query.rerank import RerankError
from memctl.query.rerank.crossencoder import cross_encoder

WORDS = ["[UNK]", "[CLS]", "[SEP]", "маяк", "lamp", "gull"]
WORTH = np.array([0.0, 0.0, 0.0, 8.0, 4.0, 2.0], dtype=np.float32)


def write(
    folder: Path, *, name: str = "model.onnx", sign: float = 1.0, kind: int = TensorProto.INT64
) -> None:
    """A model whose score is the mean worth of the tokens of a pair, and its tokenizer."""
    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
    )
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    nodes = [
        helper.make_node("Gather", ["worth", "input_ids"], ["each"]),
        helper.make_node("ReduceMean", ["each", "axis"], ["logits"], keepdims=1),
    ]
    graph = helper.make_graph(
        nodes,
        "pairs",
        [
            helper.make_tensor_value_info(each, kind, ["n", "t"])
            for each in ("input_ids", "token_type_ids")
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 1])],
        [
            numpy_helper.from_array(sign * WORTH, "worth"),
            numpy_helper.from_array(np.array([1]), "axis"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, folder / name)


@pytest.mark.parametrize("kind", [TensorProto.INT64, TensorProto.INT32])
def test_the_model_reads_question_and_passage_as_one(tmp_path: Path, kind: int) -> None:
    write(tmp_path, kind=kind)
    found = cross_encoder(str(tmp_path)).score("маяк", hits("lamp gull", "маяк маяк маяк", "x"))
    assert found == pytest.approx([(8 + 4 + 2) / 6, 32 / 7, 8 / 5])


def test_a_score_does_not_depend_on_what_else_is_judged(tmp_path: Path) -> None:
    write(tmp_path)
    judge = cross_encoder(str(tmp_path))
    texts = [f"{'маяк ' * (n % 5)}lamp{' gull' * (n % 3)}" for n in range(20)]
    together = judge.score("lamp", hits(*texts))
    assert together == [judge.score("lamp", hits(text))[0] for text in texts]
    assert judge.score("lamp", []) == []


def test_the_whole_precision_graph_is_taken_before_a_smaller_one(tmp_path: Path) -> None:
    write(tmp_path, name="onnx/model_quantized.onnx", sign=-1.0)
    assert cross_encoder(str(tmp_path)).score("маяк", hits("маяк"))[0] < 0
    write(tmp_path, name="onnx/model.onnx")
    assert cross_encoder(str(tmp_path)).score("маяк", hits("маяк"))[0] > 0


def test_what_is_longer_than_the_model_reads_is_cut_the_longer_one_first(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"max_position_embeddings": 8}))
    judge = cross_encoder(str(tmp_path))
    assert judge.score("маяк", hits("gull " * 500)) == pytest.approx([(8 + 4 * 2) / 8])
    assert judge.score("маяк " * 500, hits("gull")) == pytest.approx([(4 * 8 + 2) / 8])


def test_a_folder_without_a_tokenizer_is_an_error_with_its_name(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(RerankError, match="cannot be read") as caught:
        cross_encoder(str(tmp_path))
    assert tmp_path.name in str(caught.value)


def test_a_folder_whose_settings_are_garbled_is_an_error_of_the_reranker(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(RerankError, match=r"config\.json is not JSON") as caught:
        cross_encoder(str(tmp_path))
    assert caught.value.hint == "Fetch the model again."


def test_a_graph_that_fails_as_it_runs_is_an_error_of_the_reranker(tmp_path: Path) -> None:
    write(tmp_path)  # it knows six tokens
    tokenizer = Tokenizer(WordLevel({"[UNK]": 99}, unk_token="[UNK]"))
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(RerankError, match="failed") as caught:
        cross_encoder(str(tmp_path)).score("маяк", hits("lamp"))
    assert "text-classification" in caught.value.hint


class _Library(ModuleType):
    """What is used of sentence-transformers: a model whose score is a passage's length."""

    answers: Any = None

    def CrossEncoder(self, place: str, *, local_files_only: bool) -> _Library:  # noqa: N802  its name
        assert local_files_only
        assert place == "some/model"
        return self

    def predict(self, pairs: list[tuple[str, str]], *, show_progress_bar: bool) -> Any:
        assert not show_progress_bar
        if isinstance(self.answers, Exception):
            raise self.answers
        if self.answers is not None:
            return self.answers
        return np.array([len(passage) for _, passage in pairs], dtype=np.float32)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> _Library:
    made = _Library("sentence_transformers")
    made.__spec__ = ModuleSpec("sentence_transformers", None)
    monkeypatch.setitem(sys.modules, "sentence_transformers", made)
    return made


def test_a_model_of_sentence_transformers_is_used_without_a_download(library: _Library) -> None:
    assert library.answers is None
    judge = cross_encoder("some/model")
    assert judge.score("q", hits("маяк", "lamps")) == [4.0, 5.0]


@pytest.mark.parametrize("answers", [[1.0], [1.0, float("nan")], [[0.1, 0.9], [0.2, 0.8]]])
def test_answers_that_are_no_score_each_are_refused(library: _Library, answers: Any) -> None:
    library.answers = answers
    with pytest.raises(RerankError, match="cross-encoder:some/model gave"):
        cross_encoder("some/model").score("q", hits("маяк", "lamps"))


def test_what_a_model_of_sentence_transformers_raises_is_an_error(library: _Library) -> None:
    library.answers = RuntimeError("out of memory")
    with pytest.raises(RerankError, match="cross-encoder:some/model failed: out of memory"):
        cross_encoder("some/model").score("q", hits("маяк"))
