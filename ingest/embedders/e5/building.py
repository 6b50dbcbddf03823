"""The files of the model, built from the weights by a recipe, and checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from memctl.ingest.embedders.e5 import calibration, quantise, smoothing, tokenizer
from memctl.ingest.embedders.e5.cache import Files
from memctl.ingest.embedders.e5.graph import FloatMultiply, encoder, linears, parted
from memctl.ingest.embedders.e5.recipe import (
    FLOAT,
    INT8,
    PIECES,
    PREFIXES,
    PROBE,
    SENTENCEPIECE,
    Recipe,
    WordRows,
)
from memctl.ingest.embedders.e5.session import INPUT, opened, saturates
from memctl.ingest.embedders.e5.weights import POSITIONS, Floats, Weights

_ALIKE = 0.99  # cosine of the int8 model to the float32 one, on every text


def build(weights: Weights, recipe: Recipe) -> Files:
    """Build all files: the int8 model, or the float32 one where this CPU gets int8 wrong."""
    table = tokenizer.table(weights.vocabulary)
    rows = list(_calibration_rows(weights, table))
    ranges = smoothing.measured(weights, rows)
    int8 = quantise.quantised(weights, ranges, scheme=recipe.scheme, rows=rows)
    plain = encoder(weights, FloatMultiply(linears(weights)))
    probe = quantise.probe()
    exact = recipe.scheme.overflows and saturates(probe)
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
