"""Pseudo-relevance feedback: the first passages lend the question their meaning and their words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from memctl.index.lexical import LexicalIndex
from memctl.ingest import Chunk, Vectors

_WORDS = 8  # that are added
_LEAST = 4  # letters of such a word


def moved(question: Vectors, passages: Vectors, *, weight: float = 0.5) -> Vectors:
    """Return a unit vector (dimension,) between question and passages (n, dimension): Rocchio's.

    ``weight`` is how much the mean of the passages counts beside the question.
    """
    if not len(passages):
        return question
    made = question + weight * passages.mean(axis=0)
    return np.asarray(made / np.linalg.norm(made), dtype=np.float32)


def words(passages: Sequence[Chunk], lexical: LexicalIndex, *, but: str) -> list[str]:
    """Return the most telling words of passages that are not in the question, as they stand there.

    Their worth is the relevance model's (Lavrenko and Croft 2001): how often a passage has the
    word, weighed by how few texts do.
    """
    asked = {term for word in lexical.asked(but) for term in word.all_terms}
    worth: defaultdict[str, float] = defaultdict(float)
    shown: dict[str, str] = {}
    for chunk in passages:
        for word in lexical.asked(chunk.text):
            text = word.text
            (term,) = lexical.terms_of(text, chunk.language)[:1] or ("",)
            if len(text) < _LEAST or not text.isalpha() or term in asked:
                continue
            shown.setdefault(term, text)
            worth[term] += lexical.idf(lexical.documents_with(word))
    ranked = sorted(worth, key=lambda term: (-worth[term], term))
    return [shown[term] for term in ranked[:_WORDS]]
