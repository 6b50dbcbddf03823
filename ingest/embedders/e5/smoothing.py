"""Activations made good to quantise, before anything is: centred, smoothed, outliers split.

All of it keeps what the model gives in float32, but for the seams of outliers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

import numpy as np

from memctl.ingest.embedders.e5.graph import (
    GROUPS,
    FloatMultiply,
    Linear,
    before,
    encoder,
    linears,
)
from memctl.ingest.embedders.e5.scheme import Scheme
from memctl.ingest.embedders.e5.session import INPUT, opened
from memctl.ingest.embedders.e5.weights import LAYERS, Floats, Weights

STEEPNESS = 2.0  # of the copies of an outlier
_GELU_LOWEST = -0.17  # what GELU never falls below
_NARROWEST = 1e-3  # half the range of a channel, at the least


@dataclass(frozen=True, slots=True)
class Bounds:
    """The largest and the smallest value of each channel of an activation."""

    high: Floats
    low: Floats

    @property
    def largest(self) -> Floats:
        """The largest absolute value of each channel."""
        return np.maximum(np.abs(self.high), np.abs(self.low))

    @property
    def centre(self) -> Floats:
        """What is halfway between the two, for each channel."""
        return (self.high + self.low) / np.float32(2)

    def centred(self) -> Bounds:
        """Return the bounds of the activation less its centre."""
        half = np.maximum((self.high - self.low) / np.float32(2), np.float32(_NARROWEST))
        return Bounds(half, -half)

    def divided(self, by: Floats) -> Bounds:
        """Return the bounds of the activation divided by ``by``."""
        return Bounds(self.high / by, self.low / by)


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


@dataclass(frozen=True, slots=True)
class Prepared:
    """Linear maps that together do what they did, of activations that are good to quantise.

    ``lowered`` is what the output of a layer norm is less by than it was, by the norm's name;
    ``divisors`` are what an activation is divided by in the graph, by layer and group.
    """

    maps: dict[str, Linear]
    bounds: dict[str, Bounds]
    _: KW_ONLY
    lowered: dict[str, Floats] = field(default_factory=dict[str, Floats])
    divisors: dict[str, Floats] = field(default_factory=dict[str, Floats])


def prepared(weights: Weights, ranges: Ranges, scheme: Scheme) -> Prepared:
    """Return the linear maps of ``weights`` as they are quantised."""
    found = Prepared(dict(linears(weights)), dict(ranges))
    for layer in range(LAYERS):
        if scheme.centred:
            centre_norm(found, layer, group="qkv", after="ao")
            centre_norm(found, layer, group="fi", after="fo")
            centre_context(found, layer)
        smooth_context(found, layer, alpha=scheme.alphas["ao"])
        split_outliers(found.maps, found.bounds, layer)
        for group in ("qkv", "fi"):
            smooth_input(found, layer, group=group, alpha=scheme.alphas[group])
    return found


def centre_norm(found: Prepared, layer: int, *, group: str, after: str) -> None:
    """Let the layer norm before ``group`` give each channel centred on 0, at no cost.

    The biases of the group make up for it, and those of ``after``, whose output the output of the
    norm is added to.
    """
    key = f"{layer}.{group}"
    centre = found.bounds[key].centre
    found.lowered[before(layer, group)] = centre
    found.bounds[key] = found.bounds[key].centred()
    for name in GROUPS[group]:
        found.maps[f"{layer}.{name}"] = _raised(found.maps[f"{layer}.{name}"], centre)
    last = found.maps[f"{layer}.{after}"]
    found.maps[f"{layer}.{after}"] = Linear(last.matrix, last.bias + centre)


def _raised(this: Linear, centre: Floats) -> Linear:
    """Return a map that gives of its input less ``centre`` what ``this`` gives of its input."""
    shift: Floats = (centre @ this.matrix).astype(np.float32)
    return Linear(this.matrix, this.bias + shift)


def _smoothing(largest: Floats, matrices: Iterable[Floats], *, alpha: float) -> Floats:
    """Return what each input channel is divided by (SmoothQuant, Xiao et al. 2023)."""
    weight = np.maximum.reduce([np.abs(matrix).max(axis=1) for matrix in matrices])
    weight = np.maximum(weight, 1e-5)
    # largest ** alpha / weight ** (1 - alpha), so written that 1/2 is a square root to the last bit
    found: Floats = (np.maximum(largest, 1e-5) / weight) ** alpha * weight ** (2 * alpha - 1)
    return found.astype(np.float32)


def smooth_input(found: Prepared, layer: int, *, group: str, alpha: float) -> None:
    """Smooth what a layer norm gives; the graph divides it."""
    key = f"{layer}.{group}"
    names = [f"{layer}.{name}" for name in GROUPS[group]]
    largest = found.bounds[key].largest
    by = _smoothing(largest, [found.maps[name].matrix for name in names], alpha=alpha)
    found.divisors[key] = by
    found.bounds[key] = found.bounds[key].divided(by)
    for name in names:
        this = found.maps[name]
        found.maps[name] = Linear(this.matrix * by[:, None], this.bias)


def centre_context(found: Prepared, layer: int) -> None:
    """Centre what attention gives by way of the values, which costs nothing.

    Attention weighs the values by parts of 1: what they are less by, its output is.
    """
    value, after = found.maps[f"{layer}.v"], found.maps[f"{layer}.ao"]
    centre = found.bounds[f"{layer}.ao"].centre
    found.bounds[f"{layer}.ao"] = found.bounds[f"{layer}.ao"].centred()
    found.maps[f"{layer}.v"] = Linear(value.matrix, value.bias - centre)
    found.maps[f"{layer}.ao"] = _raised(after, centre)


def smooth_context(found: Prepared, layer: int, *, alpha: float) -> None:
    """Smooth what attention gives by scaling the values, which costs nothing at run time."""
    value, after = found.maps[f"{layer}.v"], found.maps[f"{layer}.ao"]
    context = found.bounds[f"{layer}.ao"]
    by = _smoothing(context.largest, [after.matrix], alpha=alpha)
    found.maps[f"{layer}.v"] = Linear(value.matrix / by, value.bias / by)
    found.maps[f"{layer}.ao"] = Linear(after.matrix * by[:, None], after.bias)
    found.bounds[f"{layer}.ao"] = context.divided(by)


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
