"""Whether the documents answer at all: a calibrated estimate from a few measurements."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from memctl.ingest import detect
from memctl.query.answers.choice import Chosen
from memctl.query.hit import Hit
from memctl.query.terms import stems

# An answer is given from here on: of the answerable questions few are to be refused. In another
# language only meaning speaks for an answer, and it takes more of it.
_THRESHOLD, _THRESHOLD_ACROSS = 0.3, 0.4

# A logistic regression; bench/abstention.py fits it, checks it on the sets that a fit has not
# seen, and prints these numbers: the first is the intercept, the others belong to ``features``.
WEIGHTS = (-37.18, 46.65, 3.43, -4.85)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer being in the documents.

    ``sentence`` is the cosine of the best sentence. ``coverage`` is the share of the question's
    words that one of the first three passages holds. ``same`` says that the best sentence is in the
    question's language: else its words say nothing.
    """

    sentence: float
    coverage: float
    _: KW_ONLY
    same: bool


def features(evidence: Evidence) -> tuple[float, ...]:
    """Return the numbers that the estimate rests on."""
    return (
        evidence.sentence,
        evidence.coverage if evidence.same else 0.0,
        1.0 if evidence.same else 0.0,
    )


def confidence(evidence: Evidence) -> float:
    """Return the estimated probability that the documents answer the question, from 0 to 1."""
    intercept, *slopes = WEIGHTS
    values = features(evidence)
    z = intercept + sum(w * x for w, x in zip(slopes, values, strict=True))
    return 1 / (1 + math.exp(-z))


def threshold(evidence: Evidence) -> float:
    """Return the confidence from which on an answer is given."""
    return _THRESHOLD if evidence.same else _THRESHOLD_ACROSS


def gather(question: str, hits: Sequence[Hit], ranked: Sequence[Chosen]) -> Evidence | None:
    """Return what speaks for an answer being there; None when nothing was found or asked."""
    wanted = set(stems(question))
    if not ranked or not wanted or ranked[0].cosine is None:
        return None
    held = [set(stems(f"{hit.title} {hit.passage}")) for hit in hits[:3]]
    best = ranked[0].sentence
    return Evidence(
        ranked[0].cosine,
        max(len(wanted & own) for own in held) / len(wanted),
        same=detect(question) == best.hit.chunk.language,
    )
