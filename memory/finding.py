"""Finding by meaning and by words: the episodes and facts of a memory that fit a question best."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memctl.index.lexical.analysis import terms
from memctl.index.lexical.grammar import GRAMMAR
from memctl.ingest import Vectors, detect
from memctl.memory.book import Book
from memctl.memory.nearness import Nearest

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]

LEXICAL = 0.6  # of a deviation of BM25, to one of the cosine
NEAR = 0.3  # of the better neighbour: a question and its answer are two turns
USER = 1.0  # deviations for the user's own turns, where an assistant speaks too
# A word in more rows than this is only looked up and not weighed by how often each has it, which
# takes SQLite long; one in more than this share of all rows is left out where others are left.
_FREQUENT, _COMMON = 1_000, 0.2
_MOST = 400  # windows that either way of finding brings, of a large memory
_NO_WORD = re.compile(r"\W")


@dataclass(frozen=True, slots=True)
class Ranked:
    """Episodes, best first, with their scores in deviations."""

    episodes: Rows
    scores: Scores


class Finder:
    """Ranks what a book holds; it is read once, when it is first asked."""

    def __init__(self, book: Book) -> None:
        self._book = book
        # By episode, so that the windows of one lie together.
        rows = book.db.execute(
            "SELECT number, episode, vector FROM windows ORDER BY episode, number"
        ).fetchall()
        self._numbers = np.array([row[0] for row in rows], dtype=np.int64)
        self._order = np.argsort(self._numbers, kind="stable")
        people = book.db.execute("SELECT number, role FROM episodes ORDER BY number").fetchall()
        self._episodes = np.array([row[0] for row in people], dtype=np.int64)
        self._by_user = np.array([row[1] == "user" for row in people], dtype=np.bool_)
        episode_of = np.array([row[1] for row in rows], dtype=np.int64)
        self._place = np.searchsorted(self._episodes, episode_of)
        self._nearest = Nearest([row[2] for row in rows], int(book.meta("dimension")))
        self.rows = book.count("facts") + len(rows)
        self._matched: tuple[str, tuple[Rows, Scores]] | None = None

    def rank(self, question: str, vector: Vectors) -> Ranked:
        """Return the episodes by how well their best window fits.

        ``vector`` (dimension,) is that of the question. Of a large memory only those are ranked
        that meaning or words bring.
        """
        total = len(self._numbers)
        if not total:
            return Ranked(np.empty(0, dtype=np.int64), np.empty(0))
        at, words = self._by_words(question)
        near = self._nearest.search(vector, _MOST)
        asked = at if at.size <= _MOST else at[np.argsort(-words, kind="stable")[:_MOST]]
        found = np.union1d(near.places, asked)
        dense = (self._nearest.scores(found, vector) - near.mean) / near.spread
        lexical = np.zeros(len(found))
        _, left, right = np.intersect1d(found, at, assume_unique=True, return_indices=True)
        lexical[left] = words[right]
        mean = float(words.sum()) / total
        spread = math.sqrt(max(float(words @ words) / total - mean * mean, 0.0))
        both = dense + (LEXICAL * (lexical - mean) / spread if spread > 1e-9 else 0.0)
        return self._ranked(found, both)

    def _ranked(self, found: Rows, both: Scores) -> Ranked:
        """Return episodes by their best window, and what their neighbours and their speaker add."""
        places = self._place[found]
        starts = np.flatnonzero(np.diff(places, prepend=-1))
        episodes, best = places[starts], np.maximum.reduceat(both, starts)
        low = float(best.min())
        padded = np.full(len(self._episodes) + 2, low)
        padded[episodes + 1] = best
        scores = best + NEAR * np.maximum(padded[episodes], padded[episodes + 2])
        if not self._by_user.all():
            scores = scores + USER * self._by_user[episodes]
        order = np.argsort(-scores, kind="stable")
        return Ranked(self._episodes[episodes[order]], scores[order])

    def _by_words(self, question: str) -> tuple[Rows, Scores]:
        """Return the places (n,) of windows with words of a question, sorted, and their BM25."""
        rows, scores = self.matches(question)
        windows = rows % 2 == 1
        numbers = (rows[windows] - 1) // 2
        places = self._order[np.searchsorted(self._numbers, numbers, sorter=self._order)]
        order = np.argsort(places)
        return places[order], scores[windows][order]

    @staticmethod
    def stems(text: str) -> set[str]:
        """Return the stems of a text, in small letters: a slip of the shift key parts no word."""
        return set(terms(text.casefold(), detect(text)))

    def weights(self, question: str, *, kinds: bool = True) -> dict[str, float]:
        """Return the telling stems of a question with their rarity.

        With ``kinds`` words for the kind of thing that is asked for count little.
        """
        found = {term: self._idf(self._documents(term)) for term in telling(question)}
        if not kinds:
            return found
        least = min((found[term] for term in found if term not in _KINDS), default=1.0)
        return {term: _KIND * least if term in _KINDS else found[term] for term in found}

    def matches(self, question: str) -> tuple[Rows, Scores]:
        """Return the rows (n,) of the index of words with a word of a question, and their BM25.

        A fact has twice its number, a window twice its number and one. They are sorted.
        """
        if self._matched is None or self._matched[0] != question:  # asked for more than once
            self._matched = question, self._matches(question)
        return self._matched[1]

    def _matches(self, question: str) -> tuple[Rows, Scores]:
        wanted = telling(question) or _stems(question)
        counts = {term: self._documents(term) for term in wanted}
        held = {term: count for term, count in counts.items() if count}
        limit = max(_COMMON * self.rows, _FREQUENT)
        asked = [term for term in held if held[term] <= limit]
        asked = asked or sorted(held, key=lambda term: held[term])[:1]
        parts = [self._looked_up(term, held[term]) for term in asked if held[term] > _FREQUENT]
        parts.append(self._weighed([term for term in asked if held[term] <= _FREQUENT]))
        rows, inverse = np.unique(np.concatenate([each[0] for each in parts]), return_inverse=True)
        weights = np.concatenate([each[1] for each in parts])
        scores = np.bincount(inverse, weights, len(rows)).astype(np.float64)
        return rows, scores

    def _weighed(self, asked: Sequence[str]) -> tuple[Rows, Scores]:
        if not asked:
            return np.empty(0, dtype=np.int64), np.empty(0)
        query = " OR ".join(f'"{term}"' for term in asked)
        rows = self._book.db.execute(
            "SELECT rowid, -bm25(words) FROM words WHERE words MATCH ?", (query,)
        ).fetchall()
        found = np.array([row[0] for row in rows], dtype=np.int64)
        return found, np.array([row[1] for row in rows], dtype=np.float64)

    def _looked_up(self, term: str, count: int) -> tuple[Rows, Scores]:
        """Return all rows with a frequent word, each for as much as the word tells."""
        (told,) = self._book.db.execute(
            "SELECT group_concat(rowid) FROM words WHERE words MATCH ?", (f'"{term}"',)
        ).fetchone()
        rows = np.fromstring(told or "", dtype=np.int64, sep=",")
        return rows, np.full(len(rows), self._idf(count))

    def _documents(self, term: str) -> int:
        row = self._book.db.execute("SELECT doc FROM vocabulary WHERE term = ?", (term,)).fetchone()
        return int(row[0]) if row else 0

    def _idf(self, found: int) -> float:
        return math.log(1 + (self.rows - found + 0.5) / (found + 0.5))


_QUESTION_WORDS = frozenset(
    """
    i 'm 's what which who whom whose when where why how does did do have has had am was were my me
    we our you your can could would should will tell know remember about ever any
    что кто где куда откуда когда как какой какая какое какие каким какого какому какую каком каких
    кем чем чего кому чему почему зачем сколько чей ли я мне меня мной мой моя мое мои моего моей
    моему моим моем мою моих мы нас нам ты тебе есть быть был была было были скажи напомни помнишь
    лет знаешь какова каков
    """.split()
)
_EMPTY = {
    _NO_WORD.sub("_", term) for word in _QUESTION_WORDS | GRAMMAR for term in terms(word, "und")
} | _QUESTION_WORDS


# Words for what kind of thing is asked for: an answer does not say "colour", it says "green".
_KIND = 0.3
_KINDS = {
    term
    for word in (
        "color colour kind type sort brand model name food book movie film song drink dish thing"
        " place number size цвет вид тип марка модель имя название еда книга фильм песня напиток"
        " блюдо вещь место номер размер"
    ).split()
    for term in terms(word, "und")
}


def telling(text: str) -> list[str]:
    """Return the stems of a text that are no grammar and no words of asking, each once."""
    return [term for term in _stems(text) if term not in _EMPTY]


def _stems(text: str) -> list[str]:
    made = (_NO_WORD.sub("_", term) for term in terms(text, detect(text)))
    return list(dict.fromkeys(made))


def sentences_of(text: str) -> Sequence[tuple[int, int]]:
    """Return the spans of the sentences of a turn."""
    from memctl.ingest import sentence_spans

    return list(sentence_spans(text))
