"""Which sentences answer a question best: by its words, by what it asks for, and by meaning."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import KW_ONLY, dataclass
from itertools import pairwise
from pathlib import PurePosixPath

import numpy as np

from memctl.ingest import Embedder, Vectors, detect
from memctl.query.answers.asked import dated, kind_of, things
from memctl.query.answers.marks import clause
from memctl.query.answers.sentences import Sentence, distinct, sentences
from memctl.query.hit import Hit
from memctl.query.longnumbers import holds, long_numbers
from memctl.query.terms import stems
from memctl.query.verify.dates import Date, dates_in
from memctl.query.verify.weights import logistic

_EMBEDDED = 3  # sentences whose meaning is compared: it is what takes the time
_FEW = 0.15  # share of the words of a question that does not tell
_LABEL = 0.5  # what a label or a heading counts beside a sentence
_ABOVE = 0.5  # what a word counts that the title, a heading or the name of the file holds
_DOUBT = 0.25  # what is left of the doubt in what is asked for by its number
_ISO_MONTH = re.compile(r"(?<![\d-])((?:1\d|20)\d\d)-(0[1-9]|1[0-2])(?![\d-])")
_APART = re.compile(r"[_\W]+")
_LOOKED_AT = 12  # sentences that are searched for what the question asks for

# Logistic regressions; bench/answers.py fits them on one set and checks them on the others. The
# first number is the intercept, the others belong to ``Chosen.signs``, the last to the meaning.
BY_WORDS = (-5.28, 2.7, 1.57, 0.89, 3.25, 0.3, -0.79, 0.76)
BY_BOTH = (-22.08, 1.33, 1.04, 1.39, 1.89, 0.42, -0.61, 0.69, 21.08)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sentence with what speaks for it, and the estimate that it answers the question.

    ``signs`` are: the share of the question's words that it holds, rare ones more, and by half
    those that only stand above it; how much less that is than the most; one by the rank of its
    hit; how near the score of the hit is to the best; whether it has, and whether it lacks, a
    thing of the kind that is asked for; the share of the question's pairs of words. ``by_words``
    is the estimate by these alone; ``cosine`` is None where the meaning was not compared.
    """

    sentence: Sentence
    chance: float
    _: KW_ONLY
    signs: tuple[float, ...]
    by_words: float
    cosine: float | None = None

    @property
    def coverage(self) -> float:
        """The share of the question's words that it holds."""
        return self.signs[0]


def chosen(
    question: str, hits: Sequence[Hit], embedder: Embedder, meaning: Vectors
) -> list[Chosen]:
    """Return the sentences of hits that could answer a question, the likeliest first.

    Where words do not tell, in another language above all, the first few are compared with
    ``meaning``, the question's vector (d,), and come before the others.
    """
    by_words = ranked_by_words(question, hits)
    if not by_words or not _unsure(question, by_words[0]):
        return by_words
    first = by_words[:_EMBEDDED]
    texts = [each.sentence.in_place for each in first]
    cosines = np.asarray(embedder.embed(texts, role="document") @ meaning).tolist()
    compared = [
        Chosen(
            each.sentence,
            logistic(BY_BOTH, (*each.signs, cosine)) * (1 if each.sentence.whole else _LABEL),
            signs=each.signs,
            by_words=each.by_words,
            cosine=cosine,
        )
        for each, cosine in zip(first, cosines, strict=True)
    ]
    compared.sort(key=lambda each: -each.chance)
    return [*compared, *by_words[_EMBEDDED:]]


def _unsure(question: str, best: Chosen) -> bool:
    """Return whether words do not tell which sentence answers."""
    return best.coverage < _FEW or detect(question) != best.sentence.hit.chunk.language


def ranked_by_words(question: str, hits: Sequence[Hit]) -> list[Chosen]:
    """Return the sentences of hits by all but their meaning, the likeliest first."""
    found = distinct(each for hit in hits for each in sentences(hit))
    written = _Written(question)
    rows = [[*stems(each.told), *written.also(each.told)] for each in found]
    weights, above = _weights(question, rows), _Above()
    shares = [_share(weights, row, above(each)) for each, row in zip(found, rows, strict=True)]
    most = max(shares, default=0.0)
    pairs = _pairs(stems(question))
    low, high = _range(hits)
    order = sorted(range(len(found)), key=lambda at: (-shares[at], found[at].hit.rank))
    looked_at = set(order[:_LOOKED_AT])
    kind, proves = kind_of(question), _proof(question)
    result: list[Chosen] = []
    for at, (each, row) in enumerate(zip(found, rows, strict=True)):
        has = at in looked_at and bool(
            things(kind, question, dated(question, each.told, each.heading))
        )
        signs = (
            shares[at],
            shares[at] - most,
            1 / each.hit.rank,
            (each.hit.score - low) / (high - low) if high > low else 1.0,
            float(has),
            float(kind != "other" and not has),
            len(pairs & _pairs(row)) / max(len(pairs), 1),
        )
        chance = logistic(BY_WORDS, signs) * (1 if each.whole else _LABEL)
        if each.whole and proves(each.told):
            chance = 1 - _DOUBT * (1 - chance)
        result.append(Chosen(each, chance, signs=signs, by_words=chance))
    return sorted(result, key=lambda each: -each.chance)


def _proof(question: str) -> Callable[[str], bool]:
    """Return whether a sentence is meant: the clause that is named, or whose number it is."""
    named = clause(question)
    numbers = long_numbers(question) if kind_of(question) == "person" else []
    return lambda told: bool(
        (named and named.match(told)) or any(holds(told, number) for number in numbers)
    )


class _Written:
    """What a question writes in one way and sentences in another: long numbers and dates."""

    def __init__(self, question: str) -> None:
        self._numbers = [(each, stems(each)) for each in long_numbers(question)]
        self._dates = [
            (each, stems(question[each.start : each.end])) for each in dates_in(question)
        ]

    def also(self, told: str) -> Iterator[str]:
        """Yield the words of the question for the numbers and dates that a sentence has, too."""
        for number, said in self._numbers:
            if holds(told, number):
                yield from said
        dates = _dates(told) if self._dates else []
        for date, said in self._dates:
            if any(map(date.agrees, dates)):
                yield from said


def _dates(told: str) -> list[Date]:
    """Return the dates of a sentence; in rows of tables 2024-08 is a month, too."""
    months = (
        Date(int(each[1]), int(each[2]), None, *each.span()) for each in _ISO_MONTH.finditer(told)
    )
    return [*dates_in(told), *months]


def _weights(question: str, rows: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return the words of a question; those that few sentences hold weigh more."""
    seen = Counter(word for row in rows for word in set(row))
    return {
        word: math.log(1 + len(rows) / (1 + seen[word])) for word in dict.fromkeys(stems(question))
    }


def _share(weights: dict[str, float], row: Sequence[str], above: Set[str]) -> float:
    held = weights.keys() & set(row)
    told = (weights.keys() & above) - held
    worth = sum(weights[word] for word in held) + _ABOVE * sum(weights[word] for word in told)
    return worth / (sum(weights.values()) or 1.0)


class _Above:
    """The words that stand above sentences, looked up once for each heading of a document."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], frozenset[str]] = {}

    def __call__(self, sentence: Sentence) -> frozenset[str]:
        hit = sentence.hit
        key = hit.document_id, sentence.heading
        if key not in self._known:
            name = _APART.sub(" ", PurePosixPath(hit.document).stem)
            told = (hit.title, *hit.chunk.headings, sentence.heading, name)
            self._known[key] = frozenset(stems("\n".join(told)))
        return self._known[key]


def _pairs(row: Sequence[str]) -> set[tuple[str, str]]:
    return set(pairwise(row))


def _range(hits: Sequence[Hit]) -> tuple[float, float]:
    scores = [hit.score for hit in hits]
    return (min(scores), max(scores)) if scores else (0.0, 0.0)
