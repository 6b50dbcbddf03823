"""From float32 to int8: static ranges, smoothed activations, split outliers.

Activations are uint8 with one scale and zero point for a tensor, weights int8 with a scale for
each output. The weights use seven of the eight bits: CPUs without VNNI add two products of
uint8 and int8 in 16 bits, and 255 * 64 * 2 fits where 255 * 127 * 2 does not. The products are
then the same integers on every CPU.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from memctl.ingest.embedders.e5.graph import (
    CONTRIB,
    GROUPS,
    INPUT,
    FloatMultiply,
    Graph,
    Linear,
    Linears,
    encoder,
    linears,
)
from memctl.ingest.embedders.e5.session import opened
from memctl.ingest.embedders.e5.weights import LAYERS, Floats, Weights

RECIPE = "u8s7-static-1"
LARGEST = 64  # the largest weight
STEEPNESS = 2.0  # of the copies of an outlier
_GELU_LOWEST = -0.17  # what GELU never falls below
_SMOOTHED_BY_GRAPH = ("qkv", "fi")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The largest and the smallest value of each channel of an activation."""

    high: Floats
    low: Floats

    @property
    def largest(self) -> Floats:
        """The largest absolute value of each channel."""
        return np.maximum(np.abs(self.high), np.abs(self.low))


Ranges = Mapping[str, Bounds]  # by layer and group: "0.qkv"


def measured(weights: Weights, rows: Iterable[Floats]) -> dict[str, Bounds]:
    """Run the float32 model over the ``rows`` of texts and return the bounds of its activations.

    They are rounded to hundredths, so that another CPU, whose sums differ in the last bit, comes
    to the same graph.
    """
    session = opened(encoder(weights, FloatMultiply(linears(weights), watched=True)))
    seen: Sequence[Floats] | None = None
    for each in rows:
        now: Sequence[Floats] = session.run(None, {INPUT: each})[1:]
        seen = now if seen is None else _wider(seen, now)
    if seen is None:
        raise ValueError("no text to measure on")
    keys = [f"{layer}.{group}" for layer in range(LAYERS) for group in GROUPS]
    rounded = [np.round(each, 2) for each in seen]
    return {
        key: Bounds(*pair)
        for key, pair in zip(keys, zip(rounded[::2], rounded[1::2], strict=True), strict=True)
    }


def _wider(seen: Sequence[Floats], now: Sequence[Floats]) -> list[Floats]:
    """Return the bounds of both; maxima and minima take turns."""
    return [
        np.minimum(*pair) if number % 2 else np.maximum(*pair)
        for number, pair in enumerate(zip(seen, now, strict=True))
    ]


def quantised(weights: Weights, ranges: Ranges) -> bytes:
    """Return the int8 model."""
    maps, bounds = dict(linears(weights)), dict(ranges)
    for layer in range(LAYERS):
        smooth_context(maps, bounds, layer)
        split_outliers(maps, bounds, layer)
    return encoder(weights, QuantisedMultiply(maps, bounds))


def _smoothing(largest: Floats, matrices: Iterable[Floats]) -> Floats:
    """Return what each input channel is divided by (SmoothQuant, Xiao et al. 2023, alpha 1/2)."""
    weight = np.maximum.reduce([np.abs(matrix).max(axis=1) for matrix in matrices])
    found: Floats = np.sqrt(np.maximum(largest, 1e-5) / np.maximum(weight, 1e-5))
    return found.astype(np.float32)


def smooth_context(maps: dict[str, Linear], bounds: dict[str, Bounds], layer: int) -> None:
    """Smooth what attention gives by scaling the values, which costs nothing at run time."""
    value, after = maps[f"{layer}.v"], maps[f"{layer}.ao"]
    context = bounds[f"{layer}.ao"]
    by = _smoothing(context.largest, [after.matrix])
    maps[f"{layer}.v"] = Linear(value.matrix / by, value.bias / by)
    maps[f"{layer}.ao"] = Linear(after.matrix * by[:, None], after.bias)
    bounds[f"{layer}.ao"] = Bounds(context.high / by, context.low / by)


def split_outliers(maps: dict[str, Linear], bounds: dict[str, Bounds], layer: int) -> None:
    """Let the one neuron that reaches far beyond the others saturate, and add it up from copies.

    In most layers one neuron after GELU reaches 33 and the next one 7: a range for both leaves
    the others a fifth of their steps (cosine to float32 .9966 instead of .9998). The range ends
    at the second. What the first exceeds it by is the sum of copies with shifted biases, each of
    which saturates in turn: for large x, GELU(x) is x. Copies are steeper by a factor and weigh
    less by it, so that the bend of GELU at each seam is small. (Outlier channel splitting, Zhao
    et al. 2019, carried across the activation.)
    """
    inner, outer, after = maps[f"{layer}.fi"], maps[f"{layer}.fo"], bounds[f"{layer}.fo"]
    first = int(np.argmax(after.high))
    end = float(np.partition(after.high, -2)[-2])
    starts = np.arange(end, after.high[first], end / STEEPNESS, dtype=np.float32)
    column = np.repeat(inner.matrix[:, first : first + 1] * STEEPNESS, len(starts), axis=1)
    shifted = (inner.bias[first] - starts) * STEEPNESS
    row = np.repeat(outer.matrix[first : first + 1] / STEEPNESS, len(starts), axis=0)
    maps[f"{layer}.fi"] = Linear(
        np.concatenate([inner.matrix, column], axis=1).astype(np.float32),
        np.concatenate([inner.bias, shifted]).astype(np.float32),
    )
    maps[f"{layer}.fo"] = Linear(np.concatenate([outer.matrix, row]).astype(np.float32), outer.bias)
    bounds[f"{layer}.fo"] = Bounds(
        np.append(np.minimum(after.high, end), np.full_like(starts, end)),
        np.append(after.low, np.full_like(starts, _GELU_LOWEST)),
    )


@dataclass(frozen=True, slots=True)
class QuantisedMultiply:
    """Linear maps in int8: quantise the input once, multiply, scale and add the bias."""

    maps: Linears
    ranges: Ranges

    def __call__(self, graph: Graph, x: str, *, layer: int, group: str) -> list[str]:
        """Add the maps of the group."""
        maps = [self.maps[f"{layer}.{name}"] for name in GROUPS[group]]
        bounds = self.ranges[f"{layer}.{group}"]
        if group in _SMOOTHED_BY_GRAPH:
            by = _smoothing(bounds.largest, [each.matrix for each in maps])
            x = graph.add("Mul", [x, graph.constant(1 / by)])
            bounds = Bounds(bounds.high / by, bounds.low / by)
            maps = [Linear(each.matrix * by[:, None], each.bias) for each in maps]
        scale, zero = (graph.constant(each) for each in _affine(bounds))
        steps = graph.add("QuantizeLinear", [x, scale, zero])
        return [_multiplied(graph, steps, each, scale=scale, zero=zero) for each in maps]


def _affine(bounds: Bounds) -> tuple[np.float32, np.uint8]:
    """Return the scale and the zero point that map the range, with 0 in it, to 0 to 255."""
    high, low = max(float(bounds.high.max()), 0.0), min(float(bounds.low.min()), 0.0)
    scale = max(high - low, 1e-6) / 255
    return np.float32(scale), np.uint8(round(-low / scale))


def _multiplied(graph: Graph, steps: str, this: Linear, *, scale: str, zero: str) -> str:
    scales = np.maximum(np.abs(this.matrix).max(axis=0) / LARGEST, 1e-8).astype(np.float32)
    weights = np.clip(np.rint(this.matrix / scales), -LARGEST, LARGEST).astype(np.int8)
    inputs = [
        steps,
        graph.constant(weights),
        scale,
        graph.constant(scales),
        zero,
        graph.constant(np.zeros(len(scales), dtype=np.int8)),
        graph.constant(this.bias),
    ]
    return graph.add("MatMulIntegerToFloat", inputs, domain=CONTRIB)
