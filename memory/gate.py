"""The gate: how much a candidate surprises what memory already holds, and so whether it is kept.

After Titans (Behrouz, Zhong and Mirrokni 2025): what surprises is memorised, with momentum, so
that what follows a surprise is looked at with more favour. There surprise is a gradient; here it
is read off what memory predicts: the nearest fact, the slot, and the words that it knows.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

import numpy as np

from memctl.ingest import Vectors

GATE = 0.25  # below it a candidate only confirms what is known
_NEAR, _FAR = 0.93, 0.80  # cosines of this embedder: nothing new, and all new
_WEIGHTS = {"novelty": 0.25, "conflict": 0.2, "entities": 0.35, "importance": 0.2}
_KEPT = 0.8  # of the momentum, from one candidate of a session to the next
_MOMENTUM = 0.2


@dataclass(frozen=True, slots=True)
class Surprise:
    """How much a candidate surprises, from 0 to 1, and of what that is made."""

    score: float
    _: KW_ONLY
    novelty: float
    conflict: float
    entities: float
    importance: float
    momentum: float

    @property
    def passes(self) -> bool:
        """Whether it is to be kept."""
        return self.score >= GATE


class Gate:
    """Weighs the candidates of a session one after the other."""

    def __init__(self) -> None:
        self._momentum = 0.0

    def begin(self) -> None:
        """Begin a session: what surprised in the last one is over."""
        self._momentum = 0.0

    def weigh(
        self,
        vector: Vectors,
        near: Vectors,
        *,
        known: bool,
        conflict: bool,
        new_words: float,
        importance: float,
        confidence: float,
    ) -> Surprise:
        """Return the surprise of a candidate.

        ``vector`` (dimension,) is its own, ``near`` (n, dimension) are those of the facts about
        the same; ``known`` says that one of them is the same, ``conflict`` that it contradicts
        one, ``new_words`` which share of its words no fact about the same has.
        """
        novelty = 0.0 if known else _novelty(vector, near)
        parts = {
            "novelty": novelty,
            "conflict": float(conflict),
            "entities": 0.0 if known else new_words,
            "importance": 0.0 if known else importance,
        }
        own = confidence * sum(_WEIGHTS[name] * value for name, value in parts.items())
        before = self._momentum
        self._momentum = _KEPT * before + (1 - _KEPT) * own
        score = 0.0 if known else min(own + _MOMENTUM * before, 1.0)
        return Surprise(score, momentum=before, **parts)


def _novelty(vector: Vectors, near: Vectors) -> float:
    if not len(near):
        return 1.0
    nearest = float((near @ vector).max())
    return float(np.clip((_NEAR - nearest) / (_NEAR - _FAR), 0.0, 1.0))
