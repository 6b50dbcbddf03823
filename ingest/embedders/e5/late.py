"""The model's vectors of single tokens, for late interaction: they are there before their mean."""

from __future__ import annotations

from pathlib import Path


def with_tokens(model: Path) -> bytes:
    """Return the model with a second output: the states of all tokens, (texts, tokens, 384).

    The graph ends with the mean over tokens: a product of ones with these states, then a division.
    """
    import onnx

    made = onnx.load(str(model))
    division = made.graph.node[-1]
    (states,) = (node.input[1] for node in made.graph.node if node.output[0] == division.input[0])
    info = onnx.helper.make_tensor_value_info(states, onnx.TensorProto.FLOAT, None)
    made.graph.output.append(info)
    serialised: bytes = made.SerializeToString()
    return serialised
