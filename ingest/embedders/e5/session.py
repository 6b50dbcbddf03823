"""How onnxruntime is opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

ERRORS_ONLY = 3


class Session(Protocol):
    """What is used of ``onnxruntime.InferenceSession``; many threads may run one at once."""

    def run(self, output_names: None, input_feed: dict[str, Any], /) -> Sequence[Any]:
        """Return the outputs for the inputs by name."""
        ...


def opened(model: bytes | Path) -> Session:
    """Return a session of ``model`` that works in the calling thread and starts none."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # it remembers a plan for each length of text
    options.log_severity_level = ERRORS_ONLY
    providers = ["CPUExecutionProvider"]
    session: Session = onnxruntime.InferenceSession(model, options, providers=providers)
    return session
