"""Whether the documents answer at all: a calibrated decision from a few measurements."""

from __future__ import annotations

import math
from dataclasses import dataclass

# An answer is given from here on.
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer being in the documents.

    ``nearest`` is the cosine of the best passage, ``margin`` how far it stands above the farther
    half of the hits, ``sentence`` the cosine of the best sentence, ``coverage`` the share of the
    question's words that one of the first three passages holds, ``across`` whether the question is
    in another language than the passage: then words say nothing.
    """

    nearest: float
    margin: float
    sentence: float
    coverage: float
    across: bool


def confidence(evidence: Evidence) -> float:
    """Return the estimated probability that the documents answer the question, from 0 to 1."""
    z = (evidence.nearest - 0.82) * 20 + (evidence.sentence - 0.82) * 20
    z += 20 * evidence.margin - 1.0
    z += 0.0 if evidence.across else 3.0 * (evidence.coverage - 0.5)
    return 1 / (1 + math.exp(-z))
