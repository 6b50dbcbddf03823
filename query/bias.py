"""What a passage loses for being in another language than the question, and giving it back.

Embedders put texts of one language nearer to each other than what they say deserves (language
bias: Roy et al. 2020, "LAReQA"), so that in a corpus of two languages passages in the question's
own stand before better ones in the other. How much is seen from passages that answer nothing: the
mean cosine of the question to those of a language (as vectors are centred by language: Yang et
al. 2021, "A simple and effective method to eliminate the self language bias").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field

import numpy as np

from memctl.index import Rows
from memctl.index.lexical import LexicalIndex
from memctl.ingest import Vectors
from memctl.query.candidates import Scores

_FEWEST = 8  # passages that tell what is usual in a language
_LOOKED_AT = 1_000  # of a language
# Deviations of the cosines in the question's own language that are given back at most: where the
# languages of a corpus speak of different things, means differ for that reason, too.
MOST = 1.25
# Deviations above the mean of its language from which a passage is near to whatever is asked in
# the other one (a hub: Radovanović et al. 2010), as scraps of a few words are.
_HUB = 2.5
_NONE: Rows = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Lifts:
    """What is added to the cosines of a question in ``own`` to passages, ``by`` their language."""

    own: str = ""
    _: KW_ONLY
    by: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Group:
    """The rows in one language, sorted, the vectors (n, d) of some of them, and their mean (d,)."""

    rows: Rows
    sample: Vectors
    centre: Vectors


class LanguageBias:
    """Knows what is usual in each language of a corpus; one language alone has no bias."""

    def __init__(
        self, lexical: LexicalIndex | None, take: Callable[[Rows], Vectors], *, total: int
    ) -> None:
        """Look at some passages of each language; ``take`` gives the vectors of rows < total.

        Without an index of words, which knows the languages, there is nothing to look at.
        """
        self._lexical = lexical
        self._take = take
        self._total = total
        self._groups: dict[str, _Group] = {}
        self._hubs: dict[tuple[str, str], float] = {}
        self._near: dict[tuple[str, str], Scores] = {}
        for language in lexical.languages if lexical is not None else ():
            rows = self._rows_in(language)
            if language != "und" and rows.size >= _FEWEST:
                sample = take(rows[:: max(1, rows.size // _LOOKED_AT)]).astype(np.float32)
                self._groups[language] = _Group(rows, sample, sample.mean(axis=0))

    def rows(self, language: str) -> Rows:
        """Return the rows of texts in a language that was looked at, sorted."""
        return self._groups[language].rows

    def lifts(self, vector: Vectors, spoken: str) -> Lifts:
        """Return what passages of each other language are given back for a question.

        ``vector`` (d,) is the question's, ``spoken`` its language; where no text is in that, it
        counts as the one that its vector is nearest to.
        """
        if len(self._groups) < 2:
            return Lifts()
        usual = {name: float(each.centre @ vector) for name, each in self._groups.items()}
        own = spoken if spoken in usual else max(usual, key=lambda name: usual[name])
        most = MOST * float((self._groups[own].sample @ vector).std())
        lost = {name: min(usual[own] - mean, most) for name, mean in usual.items()}
        return Lifts(own, by={name: lift for name, lift in lost.items() if lift > 0})

    def lift(self, rows: Rows, lifts: Lifts) -> Scores:
        """Return what is added to the cosine (n,) of each row; nothing to hubs."""
        given = np.zeros(len(rows), dtype=np.float32)
        for language, lift in lifts.by.items():
            its = self._groups[language].rows
            places = np.minimum(np.searchsorted(its, rows), its.size - 1)
            here = np.flatnonzero(its[places] == rows)
            near = self._nearness(language, lifts.own, places[here])
            given[here[near <= self._hub(language, lifts.own)]] = lift
        return given

    def _nearness(self, language: str, own: str, places: Rows) -> Scores:
        """Return how near (n,) the rows at these places of a language are to what ``own`` says.

        What was asked for is remembered: the rows of a question come twice.
        """
        if (language, own) not in self._near:
            count = self._groups[language].rows.size
            self._near[language, own] = np.full(count, np.nan, dtype=np.float32)
        near = self._near[language, own]
        new = places[np.isnan(near[places])]
        if new.size:
            rows = self._groups[language].rows[new]
            near[new] = self._take(rows) @ self._groups[own].centre
        return near[places]

    def _hub(self, language: str, own: str) -> float:
        """Return how near to what is said in ``own`` a passage in ``language`` is at most."""
        if (language, own) not in self._hubs:
            near = self._groups[language].sample @ self._groups[own].centre
            self._hubs[language, own] = float(near.mean() + _HUB * near.std())
        return self._hubs[language, own]

    def _rows_in(self, language: str) -> Rows:
        rows = self._lexical.rows_in(language) if self._lexical is not None else _NONE
        return rows[rows < self._total]
