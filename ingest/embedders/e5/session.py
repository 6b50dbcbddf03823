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
    if exact:
        options.add_session_config_entry("session.x64quantprecision", "1")
    providers = ["CPUExecutionProvider"]
    session: Session = onnxruntime.InferenceSession(model, options, providers=providers)
    return session
