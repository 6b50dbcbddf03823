"""Finding by meaning and by words: the episodes and facts of a memory that fit a question best."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import NDArray

from memctl.index.lexical.analysis import terms
from memctl.index.lexical.grammar import GRAMMAR
from memctl.ingest import Vectors, detect
from memctl.memory.book import Book

Scores = NDArray[np.float64]

LEXICAL = 0.6  # of a deviation of BM25, to one of the cosine
NEAR = 0.3  # of the better neighbour: a question and its answer are two turns
USER = 1.0  # deviations for the user's own turns, where an assistant speaks too
# A word in more rows than this is only looked up and not weighed by how often each has it, which
# takes SQLite long; one in more than this share of all rows is left out where others are left.
_FREQUENT, _COMMON = 1_000, 0.2
_NO_WORD = re.compile(r"\W")


@dataclass(frozen=True, slots=True)
class Ranked:
    """Episodes, best first, with their scores in deviations."""

    episodes: NDArray[np.int64]
    scores: Scores
    _: KW_ONLY
    windows: NDArray[np.int64]  # the best window of each


class Finder:
    """Ranks what a book holds; it is read once, when it is first asked."""

    def __init__(self, book: Book) -> None:
        self._book = book
        numbers, vectors = book.vectors("windows")
        self._numbers, self._vectors = numbers, vectors
        rows = book.db.execute("SELECT number, episode FROM windows ORDER BY number").fetchall()
        self._episode_of = np.array([row[1] for row in rows], dtype=np.int64)
        people = book.db.execute("SELECT number, role FROM episodes ORDER BY number").fetchall()
        self._episodes = np.array([row[0] for row in people], dtype=np.int64)
        self._by_user = np.array([row[1] == "user" for row in people], dtype=np.bool_)
        self.rows = book.count("facts") + len(numbers)

    def rank(self, question: str, vector: Vectors, allowed: Iterable[int] | None = None) -> Ranked:
        """Return the episodes by how well their best window fits; ``allowed`` are the only ones.

        ``vector`` (dimension,) is that of the question.
        """
        if not len(self._numbers):
            empty = np.empty(0, dtype=np.int64)
            return Ranked(empty, np.empty(0), windows=empty)
        words = self._bm25(question)
        both = _standard(self._vectors @ vector) + LEXICAL * _standard(words)
        place = np.searchsorted(self._episodes, self._episode_of)
        scores = np.full(len(self._episodes), both.min())
        np.maximum.at(scores, place, both)
        best = np.zeros(len(self._episodes), dtype=np.int64)
        order = np.argsort(both, kind="stable")
        best[place[order]] = self._numbers[order]  # the last written is the best
        scores = scores + NEAR * _neighbour(scores)
        if not self._by_user.all():
            scores = scores + USER * self._by_user
        chosen = np.arange(len(self._episodes))
        if allowed is not None:
            chosen = chosen[np.isin(self._episodes, np.fromiter(allowed, dtype=np.int64))]
        ranked = chosen[np.argsort(-scores[chosen], kind="stable")]
        return Ranked(self._episodes[ranked], scores[ranked], windows=best[ranked])

    def weights(self, question: str) -> dict[str, float]:
        """Return the telling stems of a question with their rarity."""
        return {term: self._idf(term) for term in telling(question)}

    def _bm25(self, question: str) -> Scores:
        scores = np.zeros(len(self._numbers))
        found = self.matches(question)
        rows = np.array([row for row in found if row % 2], dtype=np.int64)
        if rows.size:
            places = np.searchsorted(self._numbers, (rows - 1) // 2)
            scores[places] = [found[row] for row in rows.tolist()]
        return scores

    def matches(self, question: str) -> dict[int, float]:
        """Return the BM25 of all rows of the index of words that hold a word of the question.

        A fact has twice its number, a window twice its number and one.
        """
        wanted = telling(question) or _stems(question)
        counts = {term: self._documents(term) for term in wanted}
        held = {term: count for term, count in counts.items() if count}
        telling_ones = [term for term in held if held[term] <= max(_COMMON * self.rows, _FREQUENT)]
        asked = telling_ones or sorted(held, key=lambda term: held[term])[:1]
        rare = [term for term in asked if held[term] <= _FREQUENT]
        found: dict[int, float] = {}
        if rare:
            query = " OR ".join(f'"{term}"' for term in rare)
            found.update(
                self._book.db.execute(
                    "SELECT rowid, -bm25(words) FROM words WHERE words MATCH ?", (query,)
                ).fetchall()
            )
        for term in asked:
            if held[term] > _FREQUENT:
                weight = self._idf(term)
                rows = self._book.db.execute(
                    "SELECT rowid FROM words WHERE words MATCH ?", (f'"{term}"',)
                ).fetchall()
                for (row,) in rows:
                    found[row] = found.get(row, 0.0) + weight
        return found

    def _documents(self, term: str) -> int:
        row = self._book.db.execute("SELECT doc FROM vocabulary WHERE term = ?", (term,)).fetchone()
        return int(row[0]) if row else 0

    def _idf(self, term: str) -> float:
        found = self._documents(term)
        return math.log(1 + (self.rows - found + 0.5) / (found + 0.5))


_QUESTION_WORDS = frozenset(
    """
    i 'm 's what which who whom whose when where why how do does did have has had am was were my
    me we our
    you your can could would should will tell know remember about ever any
    что кто где куда откуда когда как какой какая какое какие каким какого какому какую каком каких
    кем чем чего кому чему почему зачем сколько чей ли я мне меня мной мой моя мое мои моего моей
    моему моим моем мою моих мы нас нам ты тебе есть быть был была было были скажи напомни
    помнишь лет
    знаешь какова каков
    """.split()
)
_EMPTY = {
    _NO_WORD.sub("_", term) for word in _QUESTION_WORDS | GRAMMAR for term in terms(word, "und")
} | _QUESTION_WORDS


def telling(text: str) -> list[str]:
    """Return the stems of a text that are no grammar and no words of asking, each once."""
    return [term for term in _stems(text) if term not in _EMPTY]


def _stems(text: str) -> list[str]:
    made = (_NO_WORD.sub("_", term) for term in terms(text, detect(text)))
    return list(dict.fromkeys(made))


def _standard(scores: NDArray[np.floating]) -> Scores:
    wide = scores.astype(np.float64)
    spread = float(wide.std())
    return (wide - wide.mean()) / spread if spread > 1e-9 else np.zeros_like(wide)


def _neighbour(scores: Scores) -> Scores:
    """Return for each turn the better score of the one before and the one behind."""
    low = scores.min()
    padded = np.concatenate(([low], scores, [low]))
    return np.maximum(padded[:-2], padded[2:])


def sentences_of(text: str) -> Sequence[tuple[int, int]]:
    """Return the spans of the sentences of a turn."""
    from memctl.ingest import sentence_spans

    return list(sentence_spans(text))
