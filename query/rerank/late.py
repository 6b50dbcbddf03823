"""The built-in reranker: token by token, with what words, numbers and places say beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from memctl.index.lexical import LexicalIndex
from memctl.ingest import Embedder, TokenEmbedder, Vectors, detect
from memctl.query.bias import MOST
from memctl.query.hit import Hit
from memctl.query.rerank.base import checked
from memctl.query.rerank.features import NAMES, Asked, Features, features, standard

# What each is worth beside the score of the search, all in deviations over the hits. Every set of
# questions was left out in turn to choose them: bench/rerank.py prints the table.
WEIGHTS = {"late": 0.5, "numbers": 0.4, "place": 0.15, "title": 0.2, "nearness": 0.1}
COLUMNS = (*NAMES, "late")
_SAME_PAGE = 0.5  # deviations that a hit is worth less for each better one on its page
_TOKENS = 2_100  # of passages that are read by the model, in under half a second of one core
_KIN = 2  # hits in the question's language, from which what is usual in it can be told
_BLOCK, _BLOCKS = 16, 4  # a window is 64 tokens, and there is one from every sixteenth


class BuiltIn:
    """Adds to the score of a hit, in deviations over all hits, what is seen in its passage.

    A page that has a better hit already is found: another passage of it goes down a little, so
    that more pages are among the first hits.

    Late interaction (Khattab and Zaharia 2020) with the embedder's own token vectors is taken
    within windows, as what answers a question stands together. It reads the first hits, as many
    as fit half a second; an embedder without token vectors does without it.
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
        weights = np.array([WEIGHTS[name] for name in COLUMNS])
        total = _standing(hits) + self.columns(question, hits) @ weights
        return checked(self.name, (total - repeated(total, hits)).tolist(), hits)

    def columns(self, question: str, hits: Sequence[Hit]) -> Features:
        """Return (hits, 5), what was seen by the names of COLUMNS, in deviations over the hits.

        Late interaction has the spread of the scores of the hits that were read, and is 0 for the
        others.
        """
        kin = _kin(question, hits)
        seen = features(Asked.of(question, self._lexical), hits, self._lexical, kin)
        late = np.zeros(len(hits))
        if self._tokens is not None:
            read = hits[: _readable(hits)]
            spread = _standing(hits)[: len(read)].std()
            scores = late_scores(self._tokens, question, read)
            late[: len(read)] = spread * evened(scores, kin[: len(read)])
        return np.column_stack((seen, late))


def late_scores(embedder: TokenEmbedder, question: str, hits: Sequence[Hit]) -> Features:
    """Return (hits,): the best window's mean, over the question's tokens, of the nearest cosine.

    Cosines are of what sets tokens apart: the mean of all that were read is taken off first, as
    all vectors of such a model point much the same way (Ethayarajh 2019).
    """
    (asked,) = embedder.token_vectors([question], role="query")
    passages = embedder.token_vectors([hit.chunk.text for hit in hits], role="document")
    together = np.concatenate(passages)
    if not len(asked) or not len(together):
        return np.zeros(len(hits))
    mean = together.mean(axis=0)
    own = _apart(asked, mean)
    return np.array([_nearest(own, _apart(each, mean)) for each in passages], dtype=np.float64)


def evened(scores: Features, kin: NDArray[np.bool_]) -> Features:
    """Return the scores (hits,) standardised over the ``kin``, those in the question's language.

    Tokens of another language are farther away whatever they say: hits in it are given back the
    difference of the means, at most what a search gives back (``LanguageBias``).
    """
    if kin.sum() < _KIN or kin.all():
        return standard(scores)
    even = standard(scores, kin)
    return np.where(kin, even, even + np.clip(-even[~kin].mean(), 0, MOST))


def _kin(question: str, hits: Sequence[Hit]) -> NDArray[np.bool_]:
    """Tell of each hit whether it is in the question's language; of all, where too few are."""
    spoken = {detect(question), "und"}
    kin = np.array([hit.chunk.language in spoken for hit in hits], dtype=np.bool_)
    return kin if kin.sum() >= _KIN and len(spoken) > 1 else np.ones_like(kin)


def _nearest(asked: Vectors, passage: Vectors) -> float:
    if not len(passage):
        return 0.0
    starts = np.arange(0, len(passage), _BLOCK)
    blocks = np.maximum.reduceat(asked @ passage.T, starts, axis=1)
    size = min(_BLOCKS, blocks.shape[1])
    windows = np.lib.stride_tricks.sliding_window_view(blocks, size, axis=1).max(axis=2)
    return float(windows.mean(axis=0).max())


def _apart(vectors: Vectors, mean: Vectors) -> Vectors:
    moved = vectors - mean
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    apart: Vectors = moved / np.maximum(lengths, np.float32(1e-9))
    return apart


def repeated(scores: Features, hits: Sequence[Hit]) -> Features:
    """Return (hits,) what each hit loses to better ones that stand on a page of it."""
    met: Counter[tuple[str, int]] = Counter()
    lost = np.zeros(len(hits))
    for at in np.argsort(-scores, kind="stable").tolist():
        pages = [(hits[at].document, page) for page in hits[at].chunk.pages]
        lost[at] = _SAME_PAGE * max((met[page] for page in pages), default=0)
        met.update(pages)
    return lost


def _standing(hits: Sequence[Hit]) -> Features:
    return standard(np.array([hit.score for hit in hits], dtype=np.float64))


def _readable(hits: Sequence[Hit]) -> int:
    """Return how many of the first hits have no more tokens together than can be read."""
    tokens = np.cumsum([min(hit.chunk.tokens, 512) for hit in hits])
    return max(int(np.searchsorted(tokens, _TOKENS, side="right")), 2)
