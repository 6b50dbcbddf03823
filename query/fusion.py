"""How the legs of a search are joined: values such as ``rrf(k=60)`` that say so."""

from __future__ import annotations

import difflib
import re
from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import NDArray

from memctl.ingest import UsageError
from memctl.query.candidates import Candidates, Scores

# Each with the name of its one number, what that is by default, and from where to where it goes.
KINDS: dict[str, tuple[str, float, float, float]] = {
    "adaptive": ("lexical", 0.6, 0.0, 10.0),
    "linear": ("dense", 0.6, 0.0, 1.0),
    "rrf": ("k", 60.0, 0.0, 10_000.0),
}
_BELOW = 0.2  # what a deviation below the mean by meaning counts for
_LENT, _MOST_LENT = 0.5, 2.0
_FORM = re.compile(r"\s*(\w+)\s*(?:\(\s*(?:(\w+)\s*=\s*)?([^()\s]*)\s*\))?\s*")


@dataclass(frozen=True, slots=True)
class Trust:
    """What is known of a question before its legs are joined.

    ``known`` is the share of the question's words, rare ones more, that the texts hold at all.
    ``kin`` (n,) tells of each candidate whether it is in the question's language; of other ones,
    that they lack its words says nothing.
    """

    known: float
    _: KW_ONLY
    kin: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fusion:
    """One way to join two legs.

    - ``rrf(k=60)``: the sum of 1 / (k + rank) over the legs that found it, reciprocal rank fusion
      (Cormack et al. 2009).
    - ``linear(dense=0.6)``: that share of the cosine and the rest of BM25, each standardised over
      the candidates of the question.
    - ``adaptive(lexical=0.6)``, the default: the standardised cosine, and so many times the
      standardised BM25 as the words of the question are known. Among candidates in another
      language only words that are there count, not those that are not. Where a word says much (a
      code that one passage holds), meaning says little: being far from it counts for a fifth.
    """

    kind: str = "adaptive"
    number: float = 0.6

    def __str__(self) -> str:
        """Write it as it is parsed."""
        return f"{self.kind}({KINDS[self.kind][0]}={self.number:g})"

    @classmethod
    def parse(cls, text: str) -> Fusion:
        """Read ``rrf``, ``rrf(60)`` or ``rrf(k=60)``.

        Raises:
            UsageError: it is none of these, or the number is out of range.
        """
        match = _FORM.fullmatch(text)
        kind = match.group(1) if match else ""
        if match is None or kind not in KINDS:
            near = difflib.get_close_matches(text.partition("(")[0].strip(), KINDS, n=1)
            known = ", ".join(str(cls(name, KINDS[name][1])) for name in KINDS)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {known}."
            raise UsageError(f"{text!r} is no way to join the legs of a search", hint=hint)
        name, default, low, high = KINDS[kind]
        given = match.group(3)
        if match.group(2) not in {None, name}:
            raise UsageError(f"{kind} has no {match.group(2)!r}", hint=f"Write {kind}({name}=…).")
        number = _number(given, f"{kind}({name}={default:g})") if given else default
        if not low <= number <= high:
            raise UsageError(
                f"{name} of {kind} is {number:g}", hint=f"Give one from {low:g} to {high:g}."
            )
        return cls(kind, number)

    def fuse(self, found: Candidates, trust: Trust) -> Scores:
        """Return a score (n,) for each candidate; where one leg was not asked, the other's."""
        asked = [scores for scores in (found.meaning, found.lexical) if not np.isnan(scores).all()]
        if len(asked) < 2:
            return asked[0] if asked else np.zeros(len(found), dtype=np.float32)
        return np.asarray(self._joined(found, trust), dtype=np.float32)

    def _joined(self, found: Candidates, trust: Trust) -> NDArray[np.floating]:
        if self.kind == "rrf":
            ranks = (found.dense_ranks, found.lexical_ranks)
            by_dense, by_words = (_reciprocal(each, self.number) for each in ranks)
            return by_dense + by_words
        everyone = np.ones(len(found), dtype=np.bool_)
        dense = standardised(found.meaning, everyone)
        if self.kind == "linear":
            words = standardised(found.lexical, everyone)
            return self.number * dense + (1 - self.number) * words
        near = np.maximum(dense, 0) + _BELOW * np.minimum(dense, 0)
        words = _outstanding(found.lexical, trust.kin)
        words = np.where(found.lift > 0, np.maximum(words, _lent(words, dense, trust.kin)), words)
        return near + self.number * trust.known * words


def _outstanding(lexical: Scores, kin: NDArray[np.bool_]) -> Scores:
    """Return (n,) how far each stands out by its words: among its language or all, what is more.

    Among few in its language, of which all or none have the words, nobody stands out. Of others,
    that they lack the words says nothing.
    """
    in_kin = standardised(lexical, kin)
    in_all = standardised(lexical, np.ones(len(lexical), dtype=np.bool_))
    words = np.where(lexical > 0, np.maximum(in_kin, in_all), in_kin)
    return np.where(kin, words, np.maximum(words, 0))


def _lent(words: Scores, dense: Scores, kin: NDArray[np.bool_]) -> Scores:
    """Return (n,) what passages in another language count for by words that they cannot meet.

    That is a share of what the passages in the question's language have: the best by words lends
    to the best by meaning, and so on down, nothing below 0 nor more than words say as a rule.
    """
    lent = np.zeros(len(words), dtype=np.float32)
    if kin.any():
        best = np.maximum(np.sort(words[kin])[::-1], 0)
        first = np.argsort(-dense, kind="stable")[: len(best)]
        lent[first] = np.minimum(_LENT * best, _MOST_LENT)
    return lent


def standardised(scores: Scores, among: NDArray[np.bool_]) -> Scores:
    """Return (score - mean) / deviation, both taken ``among`` some; all where there are none.

    Where a leg has no score, it has no opinion: 0.
    """
    given = ~np.isnan(scores)
    wide = scores.astype(np.float64)  # so that the order of the candidates does not show
    chosen = wide[given & among] if (given & among).any() else wide[given]
    spread = float(chosen.std()) if chosen.size else 0.0
    if spread < 1e-9:
        return np.zeros_like(scores)
    return np.where(given, (wide - chosen.mean()) / spread, 0).astype(np.float32)


def _reciprocal(ranks: NDArray[np.int64], k: float) -> Scores:
    return np.where(ranks > 0, 1 / (k + np.maximum(ranks, 1)), 0).astype(np.float32)


def _number(text: str, example: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not np.isfinite(number):
        raise UsageError(f"{text!r} is no number", hint=f"As in {example}.")
    return number
