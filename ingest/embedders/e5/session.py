"""How onnxruntime is opened, and what it gets wrong on some CPUs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from memctl.ingest.embedders.e5.weights import WIDTH

INPUT = "embeddings"  # float32 (texts, tokens, 384): the rows of the words, without positions
ERRORS_ONLY = 3
PROBE, FULL = 16, 127  # outputs of the probe, and each of its weights


class Session(Protocol):
    """What is used of ``onnxruntime.InferenceSession``; many threads may run one at once."""

    def run(self, output_names: None, input_feed: dict[str, Any], /) -> Sequence[Any]:
        """Return the outputs for the inputs by name."""
        ...


def opened(model: bytes | Path, *, exact: bool = False) -> Session:
    """Return a session of ``model`` that works in the calling thread and starts none.

    ``exact`` is for CPUs that would cut off sums of products of uint8 and int8: the weights become
    uint8, which is slower and right. (Where it is not needed it costs two fifths of the speed.)
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # it remembers a plan for each length of text
    options.log_severity_level = ERRORS_ONLY
    if exact:  # one of onnxruntime's optimisations does it
        options.add_session_config_entry("session.x64quantprecision", "1")
    else:  # the graphs are what they would become, and the search costs a fifth of opening
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    providers = ["CPUExecutionProvider"]
    session: Session = onnxruntime.InferenceSession(model, options, providers=providers)
    return session


def saturates(model: bytes | Path) -> bool:
    """Whether this CPU cuts off the sums of ``model``, which is ``quantise.probe()``.

    It takes a millisecond or two.
    """
    rows = np.full((1, PROBE, WIDTH), 255, dtype=np.float32)
    found = opened(model).run(None, {INPUT: rows})[0]
    return bool(np.any(found != 255 * FULL * WIDTH))
