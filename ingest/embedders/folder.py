"""A model folder in the layout of Hugging Face: what it says of itself, and what it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from memctl.ingest.errors import EmbedderError

# Where a folder has its graph: the one of whole precision before a smaller one.
GRAPHS = ("model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx")
# The types of inputs that are made, by their names in a graph.
INPUT_TYPES: Mapping[str, type[np.signedinteger]] = {
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
}
# sentence-transformers wrote the first form until version 5, the second one since.
_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
_UNLIMITED = 1_000_000

T = TypeVar("T", dict[str, Any], list[Any])


def pooling(folder: Path) -> str | None:
    """Return how the vectors of the tokens become one, or None where the folder does not say.

    Raises:
        EmbedderError: it says more than one way, or modules that are not in the graph.
    """
    _refuse_modules(folder)
    file = folder / "1_Pooling" / "config.json"
    if not file.is_file():
        return None
    config = read_object(file)
    if config.get("include_prompt") is False:
        raise EmbedderError(f"{file} pools without the prompt, which memctl does not")
    modes = config.get("pooling_mode") or [
        mode for flag, mode in _FLAGS.items() if config.get(flag)
    ]
    modes = [modes] if isinstance(modes, str) else modes
    if len(modes) != 1:
        raise EmbedderError(f"{file} does not name one way of pooling, but {len(modes)}")
    return str(modes[0])


def _refuse_modules(folder: Path) -> None:
    file = folder / "modules.json"
    types = {
        str(module.get("type", "")).rpartition(".")[2] if isinstance(module, dict) else "?"
        for module in (_read(file, list) if file.is_file() else [])
    }
    foreign = types - {"Transformer", "Pooling", "Normalize"}
    if foreign:
        raise EmbedderError(
            f"{file} names {', '.join(sorted(foreign))}, which is not in the ONNX graph",
            hint="Choose sentence-transformers:FOLDER for this model.",
        )


def token_limit(folder: Path) -> int | None:
    """Return the tokens that the model sees at once, the smallest number that the folder says."""
    limits: list[int] = []
    for name, key in (
        ("sentence_bert_config.json", "max_seq_length"),
        ("tokenizer_config.json", "model_max_length"),
        ("config.json", "max_position_embeddings"),
    ):
        file = folder / name
        config = read_object(file) if file.is_file() else {}
        value = config.get(key)
        if isinstance(value, int) and 0 < value < _UNLIMITED:
            # RoBERTa and its kin begin to count positions after the padding token.
            roberta = name == "config.json" and "roberta" in str(config.get("model_type", ""))
            limits.append(value - (int(config.get("pad_token_id") or 1) + 1 if roberta else 0))
    return min(limits, default=None)


def digest(files: Iterable[Path]) -> str:
    """Return one sha256 over the bytes of ``files``, which are of the same folder, in 16 digits.

    Raises:
        EmbedderError: one cannot be read.
    """
    whole = hashlib.sha256()
    for file in sorted(files):
        try:
            with file.open("rb") as stream:
                whole.update(file.name.encode() + hashlib.file_digest(stream, "sha256").digest())
        except OSError as error:
            raise EmbedderError(f"{file} cannot be read: {error.strerror}") from error
    return whole.hexdigest()[:16]


def read_object(file: Path) -> dict[str, Any]:
    """Read a JSON object of a model folder.

    Raises:
        EmbedderError: it cannot be read, or is none.
    """
    return _read(file, dict)


def _read(file: Path, kind: type[T]) -> T:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise EmbedderError(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise EmbedderError(f"{file} is not JSON", hint="Fetch the model again.") from error
    if not isinstance(value, kind):
        raise EmbedderError(f"{file} holds no JSON {kind.__name__}", hint="Fetch the model again.")
    return value
