"""From float32 to int8 with static ranges.

Activations are uint8 with one scale and zero point for a tensor, weights int8 with a scale for
each output. CPUs without VNNI add two products of uint8 and int8 in 16 bits, where 255 * 127 * 2
does not fit: there the session is told to be exact, so that the products are the same integers on
every CPU. (Weights of seven bits fit, at one and a half times the error of the whole model.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import NDArray

from memctl.ingest.embedders.e5.graph import (
    CONTRIB,
    GROUPS,
    FloatMultiply,
    Graph,
    Linear,
    encoder,
)
from memctl.ingest.embedders.e5.scheme import Scheme
from memctl.ingest.embedders.e5.session import FULL, INPUT, PROBE, opened
from memctl.ingest.embedders.e5.smoothing import Bounds, Prepared, Ranges, prepared
from memctl.ingest.embedders.e5.weights import LAYERS, WIDTH, Floats, Weights

_DIGITS = 4  # of the corrections of biases


def quantised(weights: Weights, ranges: Ranges, *, scheme: Scheme, rows: Iterable[Floats]) -> bytes:
    """Return the int8 model; biases are corrected, if they are, by what is seen on ``rows``."""
    ready = prepared(weights, ranges, scheme)
    means = _means(weights, ready, rows) if scheme.corrected else {}
    multiply = QuantisedMultiply(ready, largest=scheme.largest, means=means)
    return encoder(weights, multiply, lowered=ready.lowered)


@dataclass(frozen=True, slots=True)
class Means:
    """The mean of each channel of an activation, and what it is once quantised."""

    exact: NDArray[np.float64]
    quantised: NDArray[np.float64]


def _means(weights: Weights, ready: Prepared, rows: Iterable[Floats]) -> dict[str, Means]:
    """Run the prepared model in float32 over ``rows`` and return the means of its activations."""
    session = opened(encoder(weights, _WatchedMultiply(ready), lowered=ready.lowered))
    keys = [f"{layer}.{group}" for layer in range(LAYERS) for group in GROUPS]
    sums: list[NDArray[np.float64]] = []
    tokens = 0
    for each in rows:
        now = [np.asarray(found, dtype=np.float64) for found in session.run(None, {INPUT: each})]
        sums = [a + b for a, b in zip(sums, now[1:], strict=True)] if sums else now[1:]
        tokens += each.shape[0] * each.shape[1]
    pairs = zip(sums[::2], sums[1::2], strict=True)
    return {key: Means(a / tokens, b / tokens) for key, (a, b) in zip(keys, pairs, strict=False)}


@dataclass(frozen=True, slots=True)
class _WatchedMultiply:
    """The prepared maps in float32; the sums of each input, before and after, are outputs."""

    ready: Prepared

    def __call__(self, graph: Graph, x: str, *, layer: int, group: str) -> list[str]:
        """Add the maps of the group. Outliers are cut off, as their copies make up for that."""
        key = f"{layer}.{group}"
        x = _divided(graph, x, self.ready, key=key)
        bounds = self.ready.bounds[key]
        ends = [np.float32(bounds.low.min()), np.float32(bounds.high.max())]
        x = graph.add("Clip", [x, *map(graph.constant, ends)])
        scale, zero = (graph.constant(each) for each in _affine(bounds))
        steps = graph.add("QuantizeLinear", [x, scale, zero])
        again = graph.add("DequantizeLinear", [steps, scale, zero])
        axes = graph.integers(0, 1)
        graph.outputs += [graph.add("ReduceSum", [y, axes], keepdims=0) for y in (x, again)]
        return FloatMultiply(self.ready.maps)(graph, x, layer=layer, group=group)


@dataclass(frozen=True, slots=True)
class QuantisedMultiply:
    """Linear maps in int8: quantise the input once, multiply, scale and add the bias."""

    ready: Prepared
    _: KW_ONLY
    largest: int  # weight
    means: Mapping[str, Means]

    def __call__(self, graph: Graph, x: str, *, layer: int, group: str) -> list[str]:
        """Add the maps of the group."""
        key = f"{layer}.{group}"
        x = _divided(graph, x, self.ready, key=key)
        scale, zero = (graph.constant(each) for each in _affine(self.ready.bounds[key]))
        steps = graph.add("QuantizeLinear", [x, scale, zero])
        names = [f"{layer}.{name}" for name in GROUPS[group]]
        means, largest = self.means.get(key), self.largest
        maps = [rounded(self.ready.maps[name], means, largest=largest) for name in names]
        return [_multiplied(graph, steps, each, scale=scale, zero=zero) for each in maps]


def _divided(graph: Graph, x: str, ready: Prepared, *, key: str) -> str:
    if key not in ready.divisors:
        return x
    return graph.add("Mul", [x, graph.constant(1 / ready.divisors[key])])


def _affine(bounds: Bounds) -> tuple[np.float32, np.uint8]:
    """Return the scale and the zero point that map the range, with 0 in it, to 0 to 255."""
    high, low = max(float(bounds.high.max()), 0.0), min(float(bounds.low.min()), 0.0)
    scale = max(high - low, 1e-6) / 255
    return np.float32(scale), np.uint8(round(-low / scale))


@dataclass(frozen=True, slots=True)
class Rounded:
    """A linear map in int8, times ``scales`` by output."""

    matrix: NDArray[np.int8]
    scales: Floats
    bias: Floats


def rounded(this: Linear, means: Means | None, *, largest: int) -> Rounded:
    """Return ``this`` in int8; with ``means`` its mean output stays what it was.

    (Bias correction, Nagel et al. 2019.) The correction is rounded, so that another CPU, whose
    sums differ in the last bit, comes to the same graph.
    """
    scales = np.maximum(np.abs(this.matrix).max(axis=0) / largest, 1e-8).astype(np.float32)
    matrix = np.clip(np.rint(this.matrix / scales), -largest, largest).astype(np.int8)
    if means is None:
        return Rounded(matrix, scales, this.bias)
    shift = means.exact @ this.matrix - means.quantised @ (matrix * scales)
    return Rounded(matrix, scales, this.bias + np.round(shift, _DIGITS).astype(np.float32))


def _multiplied(graph: Graph, steps: str, this: Rounded, *, scale: str, zero: str) -> str:
    inputs = [
        steps,
        graph.constant(this.matrix),
        scale,
        graph.constant(this.scales),
        zero,
        graph.constant(np.zeros(len(this.scales), dtype=np.int8)),
        graph.constant(this.bias),
    ]
    return graph.add("MatMulIntegerToFloat", inputs, domain=CONTRIB)


def probe() -> bytes:
    """Return a model that tells whether products of uint8 and int8 are exact (``saturates``)."""
    graph = Graph()
    one, zero = graph.constant(np.float32(1)), graph.constant(np.uint8(0))
    full = np.full((WIDTH, PROBE), FULL, dtype=np.int8)
    ones, zeros = np.ones(PROBE, dtype=np.float32), np.zeros(PROBE, dtype=np.float32)
    steps = graph.add("QuantizeLinear", [INPUT, one, zero])
    product = _multiplied(graph, steps, Rounded(full, ones, zeros), scale=one, zero=zero)
    graph.outputs.append(product)
    return graph.serialised()
