"""What is built from the weights, under which name, and how it is checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from memctl.ingest.embedders.e5 import calibration, quantise, smoothing, tokenizer
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
PROBE = "probe.onnx"
PREFIXES = {"query": "query: ", "document": "passage: "}
_ALIKE = 0.99  # cosine of the int8 model to the float32 one, on every text


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the model is built.

    ``graph`` goes up with what a vector depends on and ``digest`` does not name.
    """

    graph: str
    scheme: smoothing.Scheme

    def digest(self) -> str:
        """Return what all vectors depend on, in 16 hexadecimal digits."""
        named = (SHA256, tokenizer.RECIPE, self.graph, self.scheme.name, "mean")
        parts = "\n".join((*named, *PREFIXES.values(), calibration.digest()))
        return hashlib.sha256(parts.encode()).hexdigest()[:16]


CURRENT = Recipe("graph-4", smoothing.CURRENT)
FORMER = (Recipe("graph-3", smoothing.FIRST),)  # there are stores with their vectors


class WordRows:
    """The rows of the word embeddings, kept in 4 bits and unpacked for the tokens at hand."""

    def __init__(self, weights: Weights) -> None:
        blocks = WIDTH // BLOCK
        self._packed = weights.packed("emb.word").reshape(-1, blocks, BLOCK_BYTES)

    def __call__(self, windows: Sequence[Sequence[int]]) -> Floats:
        """Return float32 (windows, tokens, 384); all windows have the same number of tokens."""
        ids = np.array(windows, dtype=np.int64)
        return unpacked(self._packed[ids.ravel()].reshape(-1, BLOCK_BYTES)).reshape(*ids.shape, -1)


def build(weights: Weights, recipe: Recipe) -> Files:
    """Build all files: the int8 model, or the float32 one where this CPU gets int8 wrong."""
    table = tokenizer.table(weights.vocabulary)
    rows = list(_calibration_rows(weights, table))
    ranges = smoothing.measured(weights, rows)
    int8 = quantise.quantised(weights, ranges, scheme=recipe.scheme, rows=rows)
    plain = encoder(weights, FloatMultiply(linears(weights)))
    probe = quantise.probe()
    exact = recipe.scheme.overflows and quantise.saturates(probe)
    same = alike(int8, plain, rows=rows, exact=exact)
    name, chosen = (INT8, int8) if same else (FLOAT, plain)
    graph, data = parted(chosen, data=f"{name}.bin")
    return {
        f"{name}.onnx": graph,
        f"{name}.bin": data,
        PIECES: table,
        PROBE: probe,
        SENTENCEPIECE: tokenizer.model(weights.vocabulary),
    }


def alike(model: bytes, reference: bytes, *, rows: Sequence[Floats], exact: bool = False) -> bool:
    """Whether two models, the first one opened as ``exact``, give each text nearly one vector."""
    first, second = opened(model, exact=exact), opened(reference)
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
