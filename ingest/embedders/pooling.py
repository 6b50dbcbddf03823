"""From the vectors of the tokens to the vector of the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]


def _weighted_mean(tokens: Floats) -> Floats:
    """Weigh each token by its place, as SGPT does (Muennighoff 2022)."""
    weights = np.arange(1, tokens.shape[1] + 1, dtype=tokens.dtype)[None, :, None]
    result: Floats = (tokens * weights).sum(axis=1) / weights.sum()
    return result


# Each takes (texts, tokens, width) without padding. The length of what comes out makes no
# difference, as vectors are scaled to one: the mean and the mean by the root are the same.
POOLINGS: Mapping[str, Callable[[Floats], Floats]] = {
    "cls": lambda tokens: tokens[:, 0],
    "max": lambda tokens: tokens.max(axis=1),
    "mean": lambda tokens: tokens.mean(axis=1),
    "mean_sqrt_len_tokens": lambda tokens: tokens.mean(axis=1),
    "weightedmean": _weighted_mean,
    "lasttoken": lambda tokens: tokens[:, -1],
}
