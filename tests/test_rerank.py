"""The rerankers themselves: the built-in one, endpoints, cross-encoders, LlamaIndex's."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import Run

from memctl.ingest import Chunk, UsageError
from memctl.ingest.embedders.hashing import HashingEmbedder
from memctl.query import Hit, How, Searcher
from memctl.query.rerank import RerankError, reranker
from memctl.query.rerank.crossencoder import cross_encoder
from memctl.query.rerank.features import NAMES, Asked, features
from memctl.query.rerank.late import BuiltIn


def hit(rank: int, text: str, *, title: str = "", ordinal: int = 1) -> Hit:
    chunk = Chunk("маяк.md", 0, end=len(text), text=text, tokens=len(text.split()), language="ru")
    return Hit(
        rank,
        10.0 - rank,
        chunk=chunk,
        ordinal=ordinal,
        document_id="маяк.md",
        title=title,
        sha256="0" * 64,
    )


TEXTS = ("Чайки живут на скалах.", "Маяк построили в 1911 году.", "The lamp shines far.")


@pytest.fixture
def hits() -> list[Hit]:
    return [hit(rank, text) for rank, text in enumerate(TEXTS, start=1)]


# --- the built-in one


def test_each_feature_sees_what_it_is_named_after(filled: Run, store: Path) -> None:
    del filled
    with Searcher.open(store) as searcher:
        assert searcher.lexical is not None
        asked = Asked.of("маяк построили в 1911", searcher.lexical)
        some = [
            hit(1, "Маяк построили в 1911 году."),
            hit(2, "Построили. " + "слово " * 40 + "Маяк.", ordinal=5),
            hit(3, "Лодка.", title="Маяки", ordinal=5),
        ]
        columns = features(asked, some, searcher.lexical, np.ones(3, dtype=np.bool_))
        seen = dict(zip(NAMES, columns.T.tolist(), strict=True))
    assert seen["numbers"][0] > seen["numbers"][1] == seen["numbers"][2]
    assert seen["place"][0] > seen["place"][1] == seen["place"][2]
    assert seen["title"][2] > seen["title"][0] == seen["title"][1]
    assert seen["nearness"][0] > seen["nearness"][1] > seen["nearness"][2]


class Tokens(HashingEmbedder):
    """Token vectors that are the words' own: late interaction counts equal words."""

    def token_vectors(self, texts: Sequence[str], *, role: str) -> list[Any]:
        del role
        words = [text.casefold().replace(".", "").split() for text in texts]
        return [self.embed(each, role="document") for each in words]


def test_late_interaction_is_the_mean_of_the_nearest_tokens(filled: Run, store: Path) -> None:
    del filled
    with Searcher.open(store) as searcher:
        assert searcher.lexical is not None
        built_in = BuiltIn(Tokens(), searcher.lexical)
        assert built_in.name == "late"
        alike = [
            replace(each, score=1.0) for each in (hit(1, "Рыбы плывут."), hit(2, "Шлюпки идут"))
        ]
        first, second = built_in.score("шлюпки", alike)
        assert first < second
        assert BuiltIn(HashingEmbedder(), searcher.lexical).name == "features"
        assert built_in.score("x", []) == []
        assert built_in.score("x", alike[:1]) == [1.0]


def test_a_search_is_reranked_on_the_command_line_in_both_languages(filled: Run) -> None:
    for question, document in (
        ("Когда построили маяк?", "ru/маяк.md"),
        ("gull tower", "en/tower.md"),
    ):
        hits = filled("query", question, "--rerank", "--explain", "--json").json["hits"]
        assert hits[0]["document"] == document
        assert hits[0]["explain"]["stages"]["reranked"]["rank"] == 1
        scores = [each["score"] for each in hits]
        assert scores == sorted(scores, reverse=True)
    assert filled("query", "x", "--reranker", "lat").code == 2


def test_the_model_has_a_vector_for_each_token_and_their_mean_is_the_texts() -> None:
    from memctl.ingest.embedders.e5.embedder import E5Embedder

    embedder = E5Embedder()
    texts = ["Маяк построили в 1911 году.", "", "The gull tower"]
    found = embedder.token_vectors(texts, role="document")
    assert [each.shape[1] for each in found] == [384] * 3
    assert found[1].shape[0] == 0
    assert np.allclose(np.linalg.norm(found[0], axis=1), 1, atol=1e-5)
    again = embedder.token_vectors([texts[0], "x " * 700], role="document")
    assert np.abs(again[0] - found[0]).max() < 1e-5
    assert again[1].shape[0] <= 510
    whole = embedder.embed(texts, role="document")
    assert float(found[0].mean(axis=0) @ whole[0]) > 0.8
    assert embedder.token_vectors([], role="query") == []


# --- an endpoint


@contextmanager
def answering(answers: Iterator[tuple[int, object]]) -> Generator[tuple[str, list[Any]]]:
    """A server that answers POST /rerank, each time with the next of ``answers``."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((self.path, body, self.headers.get("Authorization")))
            status, answer = next(answers)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def results(*pairs: tuple[object, object]) -> dict[str, object]:
    return {"results": [{"index": at, "relevance_score": score} for at, score in pairs]}


def test_an_endpoint_scores_by_index_after_a_fault_that_passes(
    hits: list[Hit], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMCTL_RERANK_API_KEY", "geheim-12345")
    monkeypatch.setenv("MEMCTL_RERANK_MODEL", "some-model")
    answers = iter([(429, {}), (200, results((2, 0.9), (0, 0.1), (1, 0.5)))])
    with answering(answers) as (url, asked):
        judge = reranker(f"http:{url}/v1", embedder=HashingEmbedder(), lexical=None)
        assert judge.score("Где маяк?", hits) == [0.1, 0.5, 0.9]
        assert judge.score("q", []) == []
    path, body, key = asked[-1]
    assert (path, key) == ("/v1/rerank", "Bearer geheim-12345")
    assert body == {
        "query": "Где маяк?",
        "documents": list(TEXTS),
        "top_n": 3,
        "model": "some-model",
    }


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        results((0, 1)),
        results((0, 1), (0, 2), (1, 3)),
        results((0, 1), (1, 2), (7, 3)),
        results((0, 1), (1, 2), (2, "high")),
        results((0, 1), (1, 2), (2, True)),
        results((0, 1), (1, 2), ("2", 3)),
    ],
)
def test_an_answer_that_is_none_is_an_error(
    hits: list[Hit], answer: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memctl.ingest.embedders.endpoint._PAUSE", 0.0)
    with answering(iter([(200, answer)] * 9)) as (url, _):
        judge = reranker(f"http:{url}", embedder=HashingEmbedder(), lexical=None)
        with pytest.raises(RerankError, match="the reranker at"):
            judge.score("q", hits)


def test_a_key_that_is_refused_is_said_and_not_shown(
    hits: list[Hit], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMCTL_RERANK_API_KEY", "geheim-12345")
    with answering(iter([(401, {"error": "bad key geheim-12345"})])) as (url, _):
        judge = reranker(f"http:{url}", embedder=HashingEmbedder(), lexical=None)
        with pytest.raises(RerankError) as caught:
            judge.score("q", hits)
    assert "geheim" not in caught.value.message + caught.value.hint
    assert "key" in caught.value.hint


def test_a_url_that_is_none_is_an_error() -> None:
    with pytest.raises(RerankError, match="no URL"):
        reranker("http:ftp://x", embedder=HashingEmbedder(), lexical=None)


# --- cross-encoders


def test_an_onnx_folder_is_a_cross_encoder(hits: list[Hit], tmp_path: Path) -> None:
    _tiny_model(tmp_path, labels=1)
    judge = cross_encoder(str(tmp_path))
    # Its score is the number of tokens of the pair.
    assert judge.score("где маяк", hits) == [2 + len(text.split()) for text in TEXTS]


def test_a_graph_of_another_task_is_an_error(hits: list[Hit], tmp_path: Path) -> None:
    _tiny_model(tmp_path, labels=5)
    with pytest.raises(RerankError, match="shape"):
        cross_encoder(str(tmp_path)).score("где", hits)
    (tmp_path / "model.onnx").write_bytes(b"none")
    with pytest.raises(RerankError, match="cannot be read"):
        cross_encoder(str(tmp_path))


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RerankError, match="no folder with an ONNX graph"):
        cross_encoder(str(tmp_path / "nothing"))


def _tiny_model(folder: Path, *, labels: int) -> None:
    """Write a graph that sums the attention mask of a pair, and a tokenizer of words."""
    import onnx
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    tokenizer = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    helper, types = onnx.helper, onnx.TensorProto
    nodes = [
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=types.FLOAT),
        helper.make_node("ReduceSum", ["mask", "axis"], ["sum"], keepdims=1),
        helper.make_node("Tile", ["sum", "times"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "pairs",
        [
            helper.make_tensor_value_info(name, types.INT64, ["n", "t"])
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("logits", types.FLOAT, None)],
        [
            helper.make_tensor("axis", types.INT64, [1], [1]),
            helper.make_tensor("times", types.INT64, [2], [1, labels]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(folder / "model.onnx"))


# --- LlamaIndex


def test_a_postprocessor_of_llama_index_gives_the_order(hits: list[Hit]) -> None:
    path = "llama-index:llama_index.core.postprocessor.LongContextReorder"
    judge = reranker(path, embedder=HashingEmbedder(), lexical=None)
    scores = judge.score("q", hits)
    assert sorted(scores, reverse=True) == [0.0, -1.0, -2.0]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nosuch.module.Class", "cannot be loaded"),
        ("os.system", "no postprocessor"),
        ("pathlib.Path", "no postprocessor"),
        ("llama_index.core.postprocessor.KeywordNodePostprocessorX", "cannot be loaded"),
    ],
)
def test_what_is_no_postprocessor_is_refused_and_not_called(path: str, said: str) -> None:
    with pytest.raises(RerankError, match=said):
        reranker(f"llama-index:{path}", embedder=HashingEmbedder(), lexical=None)


def test_how_to_search_is_checked() -> None:
    with pytest.raises(UsageError, match="no mode"):
        How("both")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="diversity"):
        How(diversity=2)
    with pytest.raises(UsageError, match="candidates"):
        How(candidates=0)
