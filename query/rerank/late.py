"""The built-in reranker: token by token, with what words, numbers and places say beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from memctl.index.lexical import LexicalIndex
from memctl.ingest import Embedder, TokenEmbedder, Vectors
from memctl.query.hit import Hit
from memctl.query.rerank.base import checked
from memctl.query.rerank.features import NAMES, Asked, features, standard

# Chosen by cross-validation over sets of questions: bench/rerank.py prints the table.
WEIGHTS = {"late": 0.6, "numbers": 0.4, "place": 0.2, "title": 0.1, "nearness": 0.1}
_TOKENS = 2_800  # of passages that are read by the model: half a second of one core


class BuiltIn:
    """Adds to the score of a hit, in deviations over all hits, what its features are worth.

    Late interaction (Khattab and Zaharia 2020) with the embedder's own token vectors: for each
    token of the question the cosine of the nearest one in the passage, on average. It reads the
    first hits, as many as fit half a second; an embedder without token vectors does without it.
    """

    def __init__(self, embedder: Embedder, lexical: LexicalIndex) -> None:
        self._tokens = embedder if isinstance(embedder, TokenEmbedder) else None
        self._lexical = lexical

    @property
    def name(self) -> str:
        """``late``, or ``features`` where the embedder has no token vectors."""
        return "features" if self._tokens is None else "late"

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
        """Return a score for each hit: that of the search, and what was seen."""
        if len(hits) < 2:
            return [hit.score for hit in hits]
        scores = np.array([hit.score for hit in hits], dtype=np.float64)
        seen = features(Asked.of(question, self._lexical), hits, self._lexical)
        total = standard(scores) + seen @ np.array([WEIGHTS[name] for name in NAMES])
        if self._tokens is not None:
            read = hits[: _readable(hits)]
            late = standard(late_scores(self._tokens, question, read))
            total[: len(read)] += WEIGHTS["late"] * standard(scores)[: len(read)].std() * late
        return checked(self.name, total.tolist(), hits)


def late_scores(
    embedder: TokenEmbedder, question: str, hits: Sequence[Hit]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return (hits,): the mean over the question's tokens of the nearest token's cosine."""
    (asked,) = embedder.token_vectors([question], role="query")
    passages = embedder.token_vectors([hit.chunk.text for hit in hits], role="document")
    return np.array([_nearest(asked, each) for each in passages], dtype=np.float64)


def _nearest(asked: Vectors, passage: Vectors) -> float:
    return float((asked @ passage.T).max(axis=1).mean()) if len(asked) and len(passage) else 0.0


def _readable(hits: Sequence[Hit]) -> int:
    """Return how many of the first hits have no more tokens together than can be read."""
    tokens = np.cumsum([min(hit.chunk.tokens, 512) for hit in hits])
    return max(int(np.searchsorted(tokens, _TOKENS, side="right")), 2)
