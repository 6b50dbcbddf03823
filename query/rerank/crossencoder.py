"""Cross-encoders, which read question and passage together: ONNX folders, sentence-transformers."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from memctl.ingest.embedders.folder import GRAPHS, INPUT_TYPES, token_limit
from memctl.ingest.embedders.foreign import told
from memctl.query.hit import Hit
from memctl.query.rerank.base import Reranker, RerankError, as_rerank_error, checked

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TOGETHER = 8  # pairs in a call of the model
_LONGEST = 512  # tokens of a pair, where the folder does not say less


def cross_encoder(place: str) -> Reranker:
    """Return the cross-encoder in a folder with an ONNX graph, or else of sentence-transformers.

    Raises:
        RerankError: it is not there, or what reads it is not installed.
    """
    folder = Path(place).expanduser()
    graph = next((folder / name for name in GRAPHS if (folder / name).is_file()), None)
    if graph is not None:
        return OnnxCrossEncoder(folder, graph)
    if find_spec("sentence_transformers") is None:
        raise RerankError(
            f"{place} is no folder with an ONNX graph, and sentence-transformers is not installed",
            hint="Run: pip install 'memctl-rag[sentence-transformers]'",
        )
    return LibraryCrossEncoder(place)


class OnnxCrossEncoder:
    """A folder with ``tokenizer.json`` and a graph whose output is one or two numbers a pair.

    Of two numbers the second is that of the class "relevant". Pairs of one length share a call and
    nothing is padded, so that a score does not depend on what else is judged.
    """

    def __init__(self, folder: Path, graph: Path) -> None:
        self.name = f"cross-encoder:{folder.name}"
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            raise RerankError(
                f"{self.name} needs the library tokenizers",
                hint="Run: pip install 'memctl-rag[onnx]'",
            ) from error
        with as_rerank_error(), told(f"{self.name} cannot be read", hint="Export it again."):
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session: Any = onnxruntime.InferenceSession(
                graph, providers=["CPUExecutionProvider"]
            )
            limit = min(token_limit(folder) or _LONGEST, _LONGEST)
            self._tokenizer.enable_truncation(limit, strategy="longest_first")
            self._tokenizer.no_padding()

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
        """Return the model's score of each hit.

        Raises:
            RerankError: its graph wants or gives something else.
        """
        scores = [0.0] * len(hits)
        hint = "Export it for the task text-classification."
        with as_rerank_error(), told(f"{self.name} failed", hint=hint):
            pairs = self._tokenizer.encode_batch([(question, hit.passage) for hit in hits])
            order = sorted(range(len(hits)), key=lambda at: len(pairs[at].ids))
            for _, alike in groupby(order, key=lambda at: len(pairs[at].ids)):
                places = list(alike)
                for start in range(0, len(places), _TOGETHER):
                    some = places[start : start + _TOGETHER]
                    found = self._run([pairs[at] for at in some]).tolist()
                    for at, score in zip(some, found, strict=True):
                        scores[at] = score
        return checked(self.name, scores, hits)

    def _run(self, encoded: Sequence[Any]) -> NDArray[np.float32]:
        held = {
            "input_ids": [each.ids for each in encoded],
            "attention_mask": [each.attention_mask for each in encoded],
            "token_type_ids": [each.type_ids for each in encoded],
        }
        kinds = {each.name: INPUT_TYPES.get(each.type) for each in self._session.get_inputs()}
        if strange := {name for name, kind in kinds.items() if name not in held or kind is None}:
            raise RerankError(
                f"{self.name} wants {', '.join(sorted(strange))}",
                hint="Export it for the task text-classification.",
            )
        feed = {name: np.array(held[name], dtype=kind) for name, kind in kinds.items()}
        logits = np.asarray(self._session.run(None, feed)[0], dtype=np.float32)
        if logits.ndim != 2 or logits.shape[1] not in {1, 2}:
            raise RerankError(
                f"{self.name} gives an output of the shape {logits.shape}",
                hint="Export it for the task text-classification, with one label or two.",
            )
        column: NDArray[np.float32] = logits[:, -1] - (logits[:, 0] if logits.shape[1] == 2 else 0)
        return column


class LibraryCrossEncoder:
    """A CrossEncoder of sentence-transformers that is on this machine: nothing is downloaded."""

    def __init__(self, place: str) -> None:
        self.name = f"cross-encoder:{place}"
        library: Any = import_module("sentence_transformers")
        hint = "Download it first, and give its folder."
        with as_rerank_error(), told(f"{self.name} cannot be loaded", hint=hint):
            self._model = library.CrossEncoder(place, local_files_only=True)

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
        """Return the model's score of each hit.

        Raises:
            RerankError: the model failed, or gave something else.
        """
        pairs = [(question, hit.passage) for hit in hits]
        with as_rerank_error(), told(f"{self.name} failed", hint="Choose another --reranker."):
            scores = np.asarray(
                self._model.predict(pairs, show_progress_bar=False), dtype=np.float64
            )
        return checked(self.name, scores.ravel().tolist(), hits)
