"""What is built from the weights, under which name, and how it is checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np

from memctl.ingest.embedders.e5 import calibration, quantise, tokenizer
from memctl.ingest.embedders.e5.cache import Files
from memctl.ingest.embedders.e5.graph import INPUT, FloatMultiply, encoder, linears, parted
from memctl.ingest.embedders.e5.session import opened
from memctl.ingest.embedders.e5.weights import (
    BLOCK,
    BLOCK_BYTES,
    POSITIONS,
    SHA256,
    WIDTH,
    Floats,
    Weights,
    unpacked,
)

INT8, FLOAT = "int8", "float32"  # of which there is one, as NAME.onnx and NAME.bin
SENTENCEPIECE, PIECES = "sentencepiece.model", "pieces.bin"
PREFIXES = {"query": "query: ", "document": "passage: "}
GRAPH = "graph-3"  # goes up with what a vector depends on and the parts below do not name
_ALIKE = 0.99  # cosine of the int8 model to the float32 one, on every text
_PARTS = (SHA256, tokenizer.RECIPE, GRAPH, quantise.RECIPE, "mean", *PREFIXES.values())


def digest() -> str:
    """Return what all vectors depend on, in 16 hexadecimal digits."""
    parts = "\n".join((*_PARTS, calibration.digest()))
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


class WordRows:
    """The rows of the word embeddings, kept in 4 bits and unpacked for the tokens at hand."""

    def __init__(self, weights: Weights) -> None:
        blocks = WIDTH // BLOCK
        self._packed = weights.packed("emb.word").reshape(-1, blocks, BLOCK_BYTES)

    def __call__(self, windows: Sequence[Sequence[int]]) -> Floats:
        """Return float32 (windows, tokens, 384); all windows have the same number of tokens."""
        ids = np.array(windows, dtype=np.int64)
        return unpacked(self._packed[ids.ravel()].reshape(-1, BLOCK_BYTES)).reshape(*ids.shape, -1)


def build(weights: Weights) -> Files:
    """Build all files: the int8 model, or the float32 one where this CPU gets int8 wrong."""
    table = tokenizer.table(weights.vocabulary)
    rows = list(_calibration_rows(weights, table))
    ranges = quantise.measured(weights, rows)
    int8 = quantise.quantised(weights, ranges)
    plain = encoder(weights, FloatMultiply(linears(weights)))
    name, chosen = (INT8, int8) if alike(int8, plain, rows=rows) else (FLOAT, plain)
    graph, data = parted(chosen, data=f"{name}.bin")
    return {
        f"{name}.onnx": graph,
        f"{name}.bin": data,
        PIECES: table,
        SENTENCEPIECE: tokenizer.model(weights.vocabulary),
    }


def alike(model: bytes, reference: bytes, *, rows: Sequence[Floats]) -> bool:
    """Whether two models give each text nearly the same vector."""
    first, second = opened(model), opened(reference)
    for each in rows[::4]:
        (a,), (b,) = first.run(None, {INPUT: each})[0], second.run(None, {INPUT: each})[0]
        if not a @ b >= _ALIKE * np.linalg.norm(a) * np.linalg.norm(b):  # also for NaN
            return False
    return True


def _calibration_rows(weights: Weights, table: bytes) -> Iterator[Floats]:
    lattice, rows = tokenizer.Lattice(weights.vocabulary, table), WordRows(weights)
    documents, questions = calibration.texts()
    for prefix, texts in ((PREFIXES["document"], documents), (PREFIXES["query"], questions)):
        for text in texts:
            replaced = tokenizer.normalised(prefix + text, weights.vocabulary.replacements)
            ids = lattice.encode(replaced)[: POSITIONS - 2]
            yield rows([[tokenizer.BOS, *ids, tokenizer.EOS]])
