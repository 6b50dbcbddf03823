"""How far an answer agrees with a right one, word by word."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

from memctl.query.terms import stem, words

Tokens = Callable[[str], list[str]]
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = frozenset(string.punctuation)


def squad_tokens(text: str) -> list[str]:
    """Return the words of an answer as SQuAD's published script has them: English is meant."""
    bare = "".join(letter for letter in text.lower() if letter not in _PUNCTUATION)
    return _ARTICLES.sub(" ", bare).split()


def stem_tokens(text: str) -> list[str]:
    """Return the stems of an answer, Russian or English, without English articles.

    Case, ё, punctuation, quotation marks and endings are put aside.
    """
    return [stem(word) for word in words(text) if word not in {"a", "an", "the"}]


def exact(answer: Sequence[str], right: Sequence[str]) -> float:
    """Return 1 where both are the same tokens, else 0."""
    return float(list(answer) == list(right))


def f1(answer: Sequence[str], right: Sequence[str]) -> float:
    """Return the harmonic mean of precision and recall over tokens; 0 where none is shared."""
    shared = sum((Counter(answer) & Counter(right)).values())
    if not shared:
        return 0.0
    precision, recall = shared / len(answer), shared / len(right)
    return 2 * precision * recall / (precision + recall)


def rouge_l(answer: Sequence[str], right: Sequence[str]) -> float:
    """Return the F measure of the longest common subsequence (Lin 2004)."""
    from rapidfuzz.distance import LCSseq

    shared = LCSseq.similarity(list(answer), list(right))
    return 2 * shared / (len(answer) + len(right)) if shared else 0.0


def contains(answer: Sequence[str], right: Sequence[str]) -> float:
    """Return 1 where the tokens of the right one stand in the answer, side by side."""
    size = len(right)
    starts = range(len(answer) - size + 1) if size else ()
    return float(any(list(answer[at : at + size]) == list(right) for at in starts))


def best(
    score: Callable[[Sequence[str], Sequence[str]], float],
    answer: str,
    rights: Sequence[str],
    tokens: Tokens,
) -> float:
    """Return the highest score of an answer against any of the right ones."""
    own = tokens(answer)
    return max(score(own, tokens(right)) for right in rights)
