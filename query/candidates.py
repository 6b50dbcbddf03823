"""What the two legs of a search found for one question, with the scores of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import NDArray

from memctl.index import Rows

Scores = NDArray[np.float32]
Found = tuple[Rows, Scores]  # best first
Scorer = Callable[[Rows], Scores]  # of any rows; NaN where there is nothing to score


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rows (n,), each once, with what each leg says of them.

    A score is NaN where a leg did not look; a rank counts from 1, and 0 stands for a row that a
    leg did not find itself. ``lexical`` is 0 for a row that holds none of the question's words.
    ``lift`` is what a row in another language than the question's is given back (LanguageBias);
    the ranks by meaning count it.
    """

    rows: Rows
    _: KW_ONLY
    dense: Scores
    lexical: Scores
    dense_ranks: NDArray[np.int64]
    lexical_ranks: NDArray[np.int64]
    lift: Scores

    @property
    def meaning(self) -> Scores:
        """What the passages mean to the question, whatever their language."""
        return self.dense + self.lift

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)


def unlifted(rows: Rows) -> Scores:
    """Return that no row is given anything back."""
    return np.zeros(len(rows), dtype=np.float32)


def unite(
    dense: Found | None,
    lexical: Found | None,
    *,
    meaning: Scorer,
    words: Scorer,
    lift: Scorer = unlifted,
) -> Candidates:
    """Bring the findings of both legs together; None stands for a leg that was not asked.

    What one leg found alone is scored by the other one too, so that no score is a guess.
    ``meaning`` gives cosines of rows, ``words`` their BM25, ``lift`` what is added to a cosine.
    """
    parts = [found[0] for found in (dense, lexical) if found is not None]
    rows = np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)
    by_dense, dense_ranks = _placed(rows, dense, meaning)
    by_words, lexical_ranks = _placed(rows, lexical, words)
    return Candidates(
        rows,
        dense=by_dense,
        lexical=by_words,
        dense_ranks=dense_ranks,
        lexical_ranks=lexical_ranks,
        lift=lift(rows),
    )


def _placed(rows: Rows, found: Found | None, score: Scorer) -> tuple[Scores, NDArray[np.int64]]:
    """Return the scores and ranks of the sorted ``rows`` in what a leg found."""
    scores = np.full(len(rows), np.nan, dtype=np.float32)
    ranks = np.zeros(len(rows), dtype=np.int64)
    if found is None:
        return scores, ranks
    places = np.searchsorted(rows, found[0])
    scores[places] = found[1]
    ranks[places] = np.arange(1, len(found[0]) + 1)
    missing = ranks == 0
    if missing.any():
        scores[missing] = score(rows[missing])
    return scores, ranks
