"""The estimate that passages say a statement whose facts they do not speak against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

CALIBRATED = frozenset({"e5-small"})  # embedders whose cosines mean what these numbers take
SUPPORTED, PART = 0.5, 0.2  # from which probability on it is, and from which it is in part

# Logistic regressions, by what can be compared: words and meaning, words alone (without an
# embedder), meaning alone (across languages). bench/verification.py fits and checks them on sets
# that a fit has not seen; the first number is the intercept.
WEIGHTS: dict[str, tuple[float, ...]] = {
    "both": (-15.23, 4.02, 0.35, 14.3, -0.5),
    "words": (-3.3, 5.43, 0.4, -0.36),
    "meaning": (-74.72, 89.11),
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What was measured of a statement and the passages that it cites.

    ``together`` is the share of its words that the best sentences hold, ``best`` that of the best
    one, ``cosine`` the nearest meaning, None where nothing compares it; ``soft`` says that a fact
    of it was not found near.
    """

    together: float
    best: float
    cosine: float | None
    _: KW_ONLY
    soft: bool
    same_language: bool


def kind_of(signs: Signs) -> str:
    """Return the name of the regression that speaks for these signs."""
    if not signs.same_language and signs.cosine is not None:
        return "meaning"
    return "words" if signs.cosine is None else "both"


def features(signs: Signs) -> tuple[float, ...]:
    """Return the numbers that the regression of their kind takes."""
    kind = kind_of(signs)
    if kind == "meaning":
        return (signs.cosine or 0.0,)
    words = (signs.together, signs.best)
    meaning = () if signs.cosine is None else (signs.cosine,)
    return (*words, *meaning, float(signs.soft))


def chance(signs: Signs) -> float:
    """Return the estimated probability, from 0 to 1, that the passages say the statement."""
    return logistic(WEIGHTS[kind_of(signs)], features(signs))


def logistic(weights: Sequence[float], values: Sequence[float]) -> float:
    """Return the estimate of a regression."""
    intercept, *slopes = weights
    z = intercept + sum(w * x for w, x in zip(slopes, values, strict=True))
    return 1 / (1 + math.exp(-max(min(z, 60.0), -60.0)))
