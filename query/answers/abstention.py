"""Whether the documents answer at all: a calibrated estimate from a few measurements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

import numpy as np

from memctl.ingest import Vectors, detect
from memctl.query.answers.choice import Chosen
from memctl.query.hit import Hit
from memctl.query.terms import stems
from memctl.query.verify.weights import logistic

Kind = Literal["near", "across", "words"]

# Logistic regressions, and the confidence from which on an answer is given: of the answerable
# questions few are to be refused. ``near`` speaks where question and sentence are in one language,
# ``across`` where they are not: then words say nothing. By ``words`` alone goes what another
# embedder than the built-in one finds: its cosines mean another thing. bench/abstention.py fits
# them, checks them on the sets that a fit has not seen, and prints these numbers: the first is the
# intercept, the others belong to ``features``.
WEIGHTS: Mapping[Kind, tuple[float, ...]] = {
    "near": (-23.9, 1.84, 1.74, 58.17, -34.46, 0.83),
    "across": (-25.74, 35.1, 49.37, -53.88),
    "words": (-1.2, 2.14, 0.92),
}
_LONGEST = 30  # words of meaning
_THRESHOLDS: Mapping[Kind, float] = {"near": 0.2, "across": 0.25, "words": 0.3}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer being in the documents.

    ``words`` is the estimate by words that the best sentence answers, ``coverage`` the share of the
    question's words that it holds, ``length`` how many tens of words of meaning the question has,
    three at most: long questions are held in part even where they are answered. ``sentence`` is
    the cosine of the best sentence, ``nearest`` that of the nearest passage, ``usual`` that of the
    passages on average: None where they were not compared, or the embedder is not the built-in
    one. ``same`` says that the sentence is in the question's language.
    """

    words: float
    coverage: float
    _: KW_ONLY
    length: float
    sentence: float | None = None
    nearest: float | None = None
    usual: float | None = None
    same: bool = True

    @property
    def kind(self) -> Kind:
        """What speaks, and so which regression."""
        if self.nearest is None:
            return "words"
        return "near" if self.same or self.sentence is None else "across"


def gather(
    question: str, hits: Sequence[Hit], ranked: Sequence[Chosen], cosines: Vectors | None
) -> Evidence | None:
    """Return what speaks for an answer being there; None when nothing was found or asked.

    ``cosines`` (n,) are those of the question with the hits, None where they mean nothing.
    """
    if not ranked or not hits or not stems(question):
        return None
    best = max(ranked, key=lambda each: each.by_words)
    if cosines is None and not best.coverage:  # neither a word nor a meaning speaks for it
        return None
    return Evidence(
        best.by_words,
        best.coverage,
        length=min(len(set(stems(question))), _LONGEST) / 10,
        sentence=ranked[0].cosine,
        nearest=None if cosines is None else float(np.max(cosines)),
        usual=None if cosines is None else float(np.mean(cosines)),
        same=detect(question) == ranked[0].sentence.hit.chunk.language,
    )


def features(evidence: Evidence) -> tuple[float, ...]:
    """Return the numbers that the regression of their kind takes."""
    words = (evidence.words, evidence.coverage)
    passages = (evidence.nearest or 0.0, evidence.usual or 0.0)
    return {
        "words": words,
        "near": (*words, *passages, evidence.length),
        "across": (evidence.sentence or 0.0, *passages),
    }[evidence.kind]


def confidence(evidence: Evidence) -> float:
    """Return the estimated probability that the documents answer the question, from 0 to 1."""
    return logistic(WEIGHTS[evidence.kind], features(evidence))


def threshold(evidence: Evidence) -> float:
    """Return the confidence from which on an answer is given."""
    return _THRESHOLDS[evidence.kind]
