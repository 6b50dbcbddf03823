"""Any endpoint that reranks as Cohere, Jina, vLLM and llama.cpp do: ``POST /rerank``."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from functools import partial
from typing import Any

from memctl.ingest import EmbedderError
from memctl.ingest.embedders.address import BUDGET
from memctl.ingest.embedders.endpoint import Endpoint as Address
from memctl.query.hit import Hit
from memctl.query.rerank.base import as_rerank_error, checked

_KEY, _MODEL = "MEMCTL_RERANK_API_KEY", "MEMCTL_RERANK_MODEL"


class Endpoint:
    """The reranker at a URL. The key is MEMCTL_RERANK_API_KEY, the model MEMCTL_RERANK_MODEL.

    A URL that does not end in ``/rerank`` gets it. An endpoint that wants no key is asked without.
    """

    def __init__(self, url: str) -> None:
        self.name = f"http:{url}"
        whole = url.rstrip("/")
        whole = whole if whole.endswith("/rerank") else f"{whole}/rerank"
        self._model = os.environ.get(_MODEL, "").strip()
        with as_rerank_error():
            self._address = Address(
                whole,
                service="the reranker",
                key=os.environ.get(_KEY, "").strip(),
                hint=f"Check that it runs, the URL, {_KEY} and {_MODEL}.",
                busy=f"Try again later, or search without it. {BUDGET} sets the patience.",
            )

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
        """Return the relevance score of each hit's passage.

        Raises:
            RerankError: it cannot be reached, or its answer is not of the shape it must have.
        """
        if not hits:
            return []
        asked: dict[str, object] = {
            "query": question,
            "documents": [hit.passage for hit in hits],
            "top_n": len(hits),
        }
        if self._model:
            asked["model"] = self._model
        with as_rerank_error():
            scores = self._address.ask(asked, partial(_scores, wanted=len(hits)))
        return checked(self.name, scores, hits)


def _scores(answer: Any, *, wanted: int) -> list[float]:  # noqa: ANN401  any JSON
    """Return the scores in the order of the documents.

    Raises:
        EmbedderError: one is missing, stands twice, or is no number.
    """
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list):
        raise EmbedderError("an answer without a list of results")
    scores = dict(_result(each, wanted) for each in results)
    if len(scores) != wanted or len(results) != wanted:
        raise EmbedderError(f"{len(results)} results for {wanted} documents")
    return [scores[index] for index in range(wanted)]


def _result(each: object, wanted: int) -> tuple[int, float]:
    fields = each if isinstance(each, dict) else {}
    index, score = fields.get("index"), fields.get("relevance_score")
    if type(index) is not int or not 0 <= index < wanted:
        raise EmbedderError(f"a result with the index {index!r} of {wanted} documents")
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
        raise EmbedderError(f"a relevance_score that is no number: {score!r}")
    return index, float(score)
