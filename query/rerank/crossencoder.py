"""Cross-encoders, which read question and passage together: ONNX folders, sentence-transformers."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from memctl.ingest.embedders.foreign import told
from memctl.query.hit import Hit
from memctl.query.rerank.base import Reranker, RerankError, checked

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TOGETHER = 8  # pairs in a call of the model
_LONGEST = 512  # tokens of a pair


def cross_encoder(place: str) -> Reranker:
    """Return the cross-encoder in a folder with an ONNX graph, or else of sentence-transformers.

    Raises:
        RerankError: it is not there, or what reads it is not installed.
    """
    folder = Path(place).expanduser()
    graphs = [*folder.glob("*.onnx"), *folder.glob("onnx/*.onnx")] if folder.is_dir() else []
    if graphs:
        return OnnxCrossEncoder(folder, graphs[0])
    if find_spec("sentence_transformers") is None:
        raise RerankError(
            f"{place} is no folder with an ONNX graph, and sentence-transformers is not installed",
            hint="Run: pip install 'memctl-rag[sentence-transformers]'",
        )
    return LibraryCrossEncoder(place)


class OnnxCrossEncoder:
    """A folder with ``tokenizer.json`` and a graph whose output is one or two numbers a pair.

    Of two numbers the second is that of the class "relevant".
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
        with told(f"{self.name} cannot be read", hint="Export it again."):
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session: Any = onnxruntime.InferenceSession(
                graph, providers=["CPUExecutionProvider"]
            )
        self._tokenizer.enable_truncation(_LONGEST, strategy="only_second")
        self._tokenizer.enable_padding()

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
        """Return the model's score of each hit.

        Raises:
            RerankError: its graph wants or gives something else.
        """
        scores: list[float] = []
        for start in range(0, len(hits), _TOGETHER):
            pairs = [(question, hit.passage) for hit in hits[start : start + _TOGETHER]]
            scores.extend(self._run(self._tokenizer.encode_batch(pairs)).tolist())
        return checked(self.name, scores, hits)

    def _run(self, encoded: Sequence[Any]) -> NDArray[np.float32]:
        held = {
            "input_ids": [each.ids for each in encoded],
            "attention_mask": [each.attention_mask for each in encoded],
            "token_type_ids": [each.type_ids for each in encoded],
        }
        names = [each.name for each in self._session.get_inputs()]
        if strange := set(names) - held.keys():
            raise RerankError(
                f"{self.name} wants {', '.join(sorted(strange))}",
                hint="Export it for the task text-classification.",
            )
        feed = {name: np.array(held[name], dtype=np.int64) for name in names}
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
        with told(f"{self.name} cannot be loaded", hint="Download it first, and give its folder."):
            self._model = library.CrossEncoder(place, local_files_only=True)

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
        """Return the model's score of each hit."""
        pairs = [(question, hit.passage) for hit in hits]
        scores = self._model.predict(pairs, show_progress_bar=False)
        return checked(self.name, np.asarray(scores, dtype=np.float64).ravel().tolist(), hits)
