"""What a reranker is, and what every one's scores have to be."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from memctl.ingest import EmbedderError, MemctlError
from memctl.ingest.amounts import counted
from memctl.query.hit import Hit, Stage


class RerankError(MemctlError):
    """A reranker cannot be used, or did not do its work."""


class Reranker(Protocol):
    """Judges hits anew, with more work for each than a search can spend on all."""

    @property
    def name(self) -> str:
        """What it is called by on the command line."""
        ...

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
        """Return a score for each hit; the higher is the better one.

        Raises:
            RerankError: it could not.
        """
        ...


@contextmanager
def as_rerank_error() -> Generator[None]:
    """Tell what goes wrong in what rerankers share with embedders as a fault of the reranker.

    Raises:
        RerankError: an EmbedderError was raised.
    """
    try:
        yield
    except EmbedderError as error:
        raise RerankError(error.message, hint=error.hint) from error


def checked(name: str, scores: Sequence[float], hits: Sequence[Hit]) -> list[float]:
    """Return the scores, which are one for each hit and finite.

    Raises:
        RerankError: they are not.
    """
    if len(scores) != len(hits):
        raise RerankError(
            f"{name} gave {counted(len(scores), 'score')} for {counted(len(hits), 'passage')}",
            hint="Choose another --reranker, or search without.",
        )
    if not all(math.isfinite(score) for score in scores):
        raise RerankError(
            f"{name} gave a score that is no number",
            hint="Choose another --reranker, or search without.",
        )
    return [float(score) for score in scores]


def rerank(judge: Reranker, question: str, hits: Sequence[Hit], *, first: int) -> list[Hit]:
    """Return the hits, the ``first`` of them in the order of their new scores, ranked anew.

    The others follow in their old order; their scores are moved below, their distances kept.

    Raises:
        RerankError: the reranker could not do it.
    """
    scores = judge.score(question, hits[:first])
    order = sorted(range(len(scores)), key=lambda at: (-scores[at], at))
    judged = [
        replace(
            hits[at],
            rank=rank,
            score=scores[at],
            stages=(*hits[at].stages, Stage("reranked", rank, score=scores[at])),
        )
        for rank, at in enumerate(order, start=1)
    ]
    rest = hits[len(judged) :]
    if not judged or not rest:
        return [*judged, *rest]
    lowest = judged[-1].score
    shift = min(lowest - rest[0].score, 0.0)
    return [*judged, *(replace(hit, score=min(hit.score + shift, lowest)) for hit in rest)]
