"""The ways from float32 to int8 that vectors were made by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Scheme:
    """A way from float32 to int8.

    ``alphas`` is how much of the spread of an activation's channels goes over to the weights, by
    group; ``corrected`` is whether biases make up for what rounding does on average.
    """

    name: str
    largest: int  # weight
    _: KW_ONLY
    alphas: Mapping[str, float]
    centred: bool
    corrected: bool

    @property
    def overflows(self) -> bool:
        """Whether two products of uint8 and a weight do not always fit in 16 bits."""
        return 2 * 255 * self.largest > np.iinfo(np.int16).max


# Measured on texts that are neither among those of calibration nor in any set.
CURRENT_SCHEME = Scheme(
    "u8s8-static-2",
    127,
    alphas={"qkv": 0.8, "ao": 0.5, "fi": 0.65},
    centred=True,
    corrected=True,
)
# Weights of seven bits, whose products fit in 16 bits on any CPU. For stores that have its vectors.
FIRST_SCHEME = Scheme(
    "u8s7-static-1",
    64,
    alphas=dict.fromkeys(("qkv", "ao", "fi"), 0.5),
    centred=False,
    corrected=False,
)
