"""Attributes by meaning, for what no pattern finds: sentences and questions near to examples.

Cosines of such a model are all high, so the mean of the examples is taken off first (Ethayarajh
2019); what counts is how far the nearest attribute is ahead of the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from memctl.ingest import Embedder, Vectors
from memctl.memory.attributes import Grammar
from memctl.memory.attribution import PETS
from memctl.memory.candidate import Candidate
from memctl.memory.language.clauses import Clause, clauses
from memctl.memory.language.context import USER
from memctl.memory.values import key_of

MODEL = "e5-small"  # whose cosines the thresholds are of; with another embedder patterns are alone
CONFIDENCE = 0.5
_TOLD, _ASKED, _AHEAD = 0.42, 0.6, 0.1
_SHORT, _LONG = 15, 200  # characters of a sentence that is looked at


class Prototypes:
    """The examples of a grammar, as an embedder sees them."""

    def __init__(self, names: Sequence[str], vectors: Vectors) -> None:
        self._names = np.array(names)
        self._mean = vectors.mean(axis=0)
        self._vectors = _apart(vectors - self._mean)

    def told(self, vector: Vectors) -> str:
        """Return the attribute that a sentence tells of, by its vector (dimension,); or none."""
        return self._nearest(vector, _TOLD)

    def asked(self, vector: Vectors) -> str:
        """Return the attribute that a question asks for, by its vector (dimension,); or none."""
        return self._nearest(vector, _ASKED)

    def cosines(self, vectors: Vectors, vector: Vectors) -> Vectors:
        """Return the cosines (n,) of vectors (n, dimension) to one, apart from the mean of all."""
        found: Vectors = _apart(vectors - self._mean) @ _apart((vector - self._mean)[np.newaxis])[0]
        return found

    def _nearest(self, vector: Vectors, least: float) -> str:
        scores = self._vectors @ _apart((vector - self._mean)[np.newaxis])[0]
        names = sorted(set(self._names.tolist()))
        best = {name: float(scores[self._names == name].max()) for name in names}
        first, second = sorted(best, key=lambda name: -best[name])[:2]
        return first if best[first] >= max(least, best[second] + _AHEAD) else ""


def sentences_like(grammar: Grammar, embedder: Embedder) -> Prototypes | None:
    """Return the sentences that tell of attributes; None for an embedder of other cosines."""
    return _made(grammar, embedder, "like") if embedder.name == MODEL else None


def questions_like(grammar: Grammar, embedder: Embedder) -> Prototypes | None:
    """Return the questions that ask for attributes; None for an embedder of other cosines."""
    return _made(grammar, embedder, "examples") if embedder.name == MODEL else None


def meaning_of(
    texts: Sequence[str], vector: Vectors, grammar: Grammar, embedder: Embedder
) -> Vectors | None:
    """Return the cosines (n,) of texts to a question (dimension,), apart from what all share.

    None for an embedder of other cosines.
    """
    questions = questions_like(grammar, embedder)
    if questions is None:
        return None
    return questions.cosines(embedder.embed(texts, role="query"), vector)


def unexplained(
    text: str, found: Sequence[Candidate], grammar: Grammar
) -> Iterator[tuple[int, int]]:
    """Yield the sentences of a turn in which the user says what no pattern has found."""
    told, _ = clauses(text, grammar.relations)
    for start, end in dict.fromkeys(clause.sentence for clause in told):
        inside = [clause for clause in told if clause.sentence == (start, end)]
        known = any(each.start < end and start < each.end for each in found)
        if not known and _SHORT <= end - start <= _LONG and all(map(_says, inside)):
            yield start, end


def in_own_words(text: str, start: int, end: int, attribute: str) -> Candidate:
    """Return a sentence of a turn as the value of the attribute that it tells of."""
    value = " ".join(text[start:end].split()).rstrip(".!… ")
    return Candidate(
        USER,
        attribute,
        value=value,
        key=key_of(value),
        start=start,
        end=end,
        confidence=CONFIDENCE,
    )


def _says(clause: Clause) -> bool:
    of_somebody = bool(clause.mentioned) and clause.mentioned not in PETS
    return clause.stance == "said" and clause.subject == USER and not of_somebody


_KNOWN: dict[tuple[int, str, str], tuple[Grammar, Prototypes]] = {}  # made once in a process


def _made(grammar: Grammar, embedder: Embedder, which: str) -> Prototypes:
    name = (id(grammar), embedder.fingerprint, which)
    if name not in _KNOWN:  # the grammar is held with them, so that no other has its identity
        _KNOWN[name] = (grammar, _read(grammar, embedder, which))
    return _KNOWN[name][1]


def _read(grammar: Grammar, embedder: Embedder, which: str) -> Prototypes:
    names: list[str] = []
    texts: list[str] = []
    for attribute in grammar.attributes.values():
        for wording in attribute.wordings.values():
            chosen = wording.like if which == "like" else wording.examples
            names += [attribute.name] * len(chosen)
            texts += chosen
    return Prototypes(names, embedder.embed(texts, role="query"))


def _apart(vectors: Vectors) -> Vectors:
    made: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return made
