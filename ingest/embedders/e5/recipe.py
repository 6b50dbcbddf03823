"""What vectors depend on: by which recipe they are made, and what it is called."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from memctl.ingest.embedders.e5 import calibration, tokenizer
from memctl.ingest.embedders.e5.scheme import CURRENT_SCHEME, FIRST_SCHEME, Scheme
from memctl.ingest.embedders.e5.weights import (
    BLOCK,
    BLOCK_BYTES,
    SHA256,
    WIDTH,
    Floats,
    Weights,
    unpacked,
)

INT8, FLOAT = "int8", "float32"  # of which there is one, as NAME.onnx and NAME.bin
SENTENCEPIECE, PIECES = "sentencepiece.model", "pieces.bin"
PROBE = "probe.onnx"
PREFIXES = {"query": "query: ", "document": "passage: "}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the model is built.

    ``graph`` goes up with what a vector depends on and ``digest`` does not name.
    """

    graph: str
    scheme: Scheme

    def digest(self) -> str:
        """Return what all vectors depend on, in 16 hexadecimal digits."""
        named = (SHA256, tokenizer.RECIPE, self.graph, self.scheme.name, "mean")
        parts = "\n".join((*named, *PREFIXES.values(), calibration.digest()))
        return hashlib.sha256(parts.encode()).hexdigest()[:16]


CURRENT = Recipe("graph-4", CURRENT_SCHEME)
FORMER = (Recipe("graph-3", FIRST_SCHEME),)  # there are stores with their vectors


class WordRows:
    """The rows of the word embeddings, kept in 4 bits and unpacked for the tokens at hand."""

    def __init__(self, weights: Weights) -> None:
        blocks = WIDTH // BLOCK
        self._packed = weights.packed("emb.word").reshape(-1, blocks, BLOCK_BYTES)

    def __call__(self, windows: Sequence[Sequence[int]]) -> Floats:
        """Return float32 (windows, tokens, 384); all windows have the same number of tokens."""
        ids = np.array(windows, dtype=np.int64)
        return unpacked(self._packed[ids.ravel()].reshape(-1, BLOCK_BYTES)).reshape(*ids.shape, -1)
