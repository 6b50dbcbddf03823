"""Search by words: what is open of a lexical index, and what the catalog has beyond it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from memctl.index.errors import IndexDamagedError
from memctl.index.lexical import generation as generations
from memctl.index.lexical.analysis import lowered, normalised, terms_of, tokens
from memctl.index.lexical.asked import Asked, LexicalQuery, Word, asked
from memctl.index.lexical.delta import Delta, Statistics
from memctl.index.lexical.engine import Engine, Scores
from memctl.index.lexical.generation import LexicalManifest
from memctl.index.lexical.names import Named, named
from memctl.index.lexical.texts import analysed, language_of
from memctl.index.sample import Rows
from memctl.ingest import Store

_REMEMBERED = 512  # questions
_STANDING = 1 << 14  # words of which it is known whether a text in use has them


@dataclass(frozen=True, slots=True)
class WordFact:
    """A word of a question and in how many texts it stands, in any of its forms."""

    text: str
    documents: int


class LexicalIndex:
    """The words of a store's texts, by vector row.

    Rows that the catalog has gained since the index was written are searched in memory, and those
    that it has lost are not found. ``search`` may be called while the store is open.
    """

    def __init__(self, store: Store, manifest: LexicalManifest, engine: Engine) -> None:
        self._store = store
        self.manifest = manifest
        self._engine = engine
        held = generations.read_held(store.layout.lexical, manifest)
        self._rows, self._lengths, self._spoken = held.rows, held.lengths, held.spoken
        self._revision = manifest.revision
        self._live: Rows | None = None
        self._delta = Delta(())
        self._words: dict[str, list[tuple[str, int]]] = {}
        self._asked: dict[LexicalQuery, Asked] = {}
        self._files: dict[str, tuple[Named, ...]] = {}
        self._standing: dict[Asked, bool] = {}

    @classmethod
    def open(cls, store: Store) -> LexicalIndex:
        """Open the current generation, its files checked first.

        Raises:
            IndexNotFoundError: there is none yet.
            IndexDamagedError: a file is not what was written, or another memctl wrote it.
        """
        folder = store.layout.lexical
        while True:
            manifest = generations.load(folder)
            try:
                where = generations.verified(folder, manifest)
                return cls(store, manifest, _opened(where))
            except (IndexDamagedError, FileNotFoundError):
                # An update may just have put another generation in its place.
                if generations.load(folder) == manifest:
                    raise

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that its texts are in."""
        return self.manifest.languages

    def search(
        self, query: LexicalQuery, k: int, *, allowed: Rows | None = None
    ) -> tuple[Rows, Scores]:
        """Return the rows (n,) of the best k texts and their BM25 scores (n,), best first.

        ``allowed`` are the only rows to find, sorted. A text that holds none of the words is not
        found, so that n may be less than k. Where the query names a file, each part of the name
        counts as a word that stands in every text of the file.
        """
        self._catch_up()
        question = self._read(query)
        rows, scores = self._search(question, k, allowed=allowed)
        files = self.named(query.text)
        if files and (question.phrases or question.excluded or question.unwanted):
            having = self.having(query)
            allowed = having if allowed is None else _both(allowed, having)
        return self._lifted((rows, scores), question, files, allowed=allowed, k=k)

    def _lifted(
        self,
        found: tuple[Rows, Scores],
        question: Asked,
        files: Sequence[Named],
        *,
        allowed: Rows | None,
        k: int,
    ) -> tuple[Rows, Scores]:
        """Return the best k of what was found and of the files that are named."""
        if not files:
            return found
        lifted = np.unique(np.concatenate([each.rows for each in files]))
        if allowed is not None:
            lifted = _both(lifted, allowed)
        worth = np.zeros(lifted.size, dtype=np.float32)
        own, theirs = self._search(question, max(lifted.size, 1), allowed=lifted)
        worth[np.searchsorted(lifted, own)] = theirs
        for each in files:
            worth[np.isin(lifted, each.rows)] += each.parts * self.idf(each.rows.size)
        others = np.isin(found[0], lifted, invert=True)
        rows = np.concatenate((found[0][others], lifted))
        scores = np.concatenate((found[1][others], worth))
        order = np.lexsort((rows, -scores))[:k]
        return rows[order], scores[order]

    def named(self, text: str) -> tuple[Named, ...]:
        """Return the files that a question names; the last questions are remembered."""
        self._catch_up()
        if text not in self._files:
            if len(self._files) >= _REMEMBERED:
                self._files.clear()
            self._files[text] = named(text, self._store.catalog)
        return self._files[text]

    def _search(self, question: Asked, k: int, *, allowed: Rows | None) -> tuple[Rows, Scores]:
        allowed = self._live if allowed is None else allowed
        rows, scores = self._engine.search(question, k, allowed=allowed)
        if len(self._delta):
            more, theirs = self._delta.search(question, self._statistics(), allowed=allowed)
            rows, scores = np.concatenate((rows, more)), np.concatenate((scores, theirs))
            order = np.lexsort((rows, -scores))[:k]
            rows, scores = rows[order], scores[order]
        return rows, scores

    def having(self, query: LexicalQuery) -> Rows:
        """Return all rows, sorted, that hold the phrases of a query and not what it excludes."""
        self._catch_up()
        kept = self._live if self._live is not None else self._rows
        question = self._read(query)
        for phrase in question.phrases:
            kept = kept[self._among(kept, Asked((), phrases=(phrase,)))]
        for phrase in question.excluded:
            kept = kept[~self._among(kept, Asked((), phrases=(phrase,)))]
        for word in question.unwanted:
            kept = kept[~self._among(kept, Asked((word,)))]
        return kept

    def _among(self, rows: Rows, question: Asked) -> NDArray[np.bool_]:
        """Tell of each of the sorted rows whether it is found."""
        whole = self._live if self._live is not None else self._rows
        allowed = rows if rows.size < whole.size else None
        found, _ = self._search(question, max(rows.size, 1), allowed=allowed)
        table = np.zeros(int(rows[-1]) + 1 if rows.size else 1, dtype=np.bool_)
        table[found[found < table.size]] = True
        return table[rows]

    def spoken(self, rows: Rows, languages: Collection[str]) -> NDArray[np.bool_]:
        """Tell of each row whether its text is in one of the ``languages``.

        A row that the index on disk does not hold has the language ``und``.
        """
        wanted = np.array([each in languages for each in self.languages], dtype=np.bool_)
        if not self._rows.size:
            return np.full(len(rows), "und" in languages)
        places = np.minimum(np.searchsorted(self._rows, rows), self._rows.size - 1)
        held = self._rows[places] == rows
        return np.where(held, wanted[self._spoken[places]], "und" in languages)

    def rows_in(self, language: str) -> Rows:
        """Return the rows in use, sorted, whose texts are in a language; those on disk alone."""
        self._catch_up()
        if language not in self.languages:
            return np.empty(0, dtype=np.int64)
        rows: Rows = self._rows[self._spoken == self.languages.index(language)]
        return rows if self._live is None else _both(rows, self._live)

    def words(self, text: str) -> tuple[WordFact, ...]:
        """Return the telling words of a question, each with the number of texts that hold it.

        The words of a file's name stand in all texts of the file.
        """
        of_names = {word: each.rows.size for each in self.named(text) for word in each.words}
        return tuple(
            WordFact(word.text, max(self.documents_with(word), of_names.get(word.text, 0)))
            for word in self.asked(text)
        )

    def reworded(self, query: LexicalQuery) -> Iterator[str]:
        """Yield the words of a query that no text holds but in another wording of the query's."""
        if query.also:
            plain = {word.text for word in self.asked(query.text) if not self.documents_with(word)}
            for word in self._read(query).words:
                if word.text in plain and self.documents_with(word):
                    yield word.text

    def asked(self, text: str) -> tuple[Word, ...]:
        """Return the telling words of a question in the terms of all languages held."""
        return self._read(LexicalQuery(text)).words

    def _read(self, query: LexicalQuery) -> Asked:
        """Return the query in terms; the last ones are remembered, as each is asked for often."""
        if query not in self._asked:
            if len(self._asked) >= _REMEMBERED:
                self._asked.clear()
            self._asked[query] = asked(query, self.languages, self._words_from)
        return self._asked[query]

    def texts_of(self, rows: Rows) -> Iterator[str]:
        """Yield the text of each row, in the order of the rows."""
        for chunks in self._store.catalog.chunks_at(rows.tolist()).values():
            yield chunks[0].chunk.text

    @staticmethod
    def terms_of(text: str, language: str) -> list[str]:
        """Return the terms of a text, one a token: compounds whole."""
        spoken = language_of(language)
        return [terms_of(token, spoken)[0] for token in tokens(text)]

    def idf(self, documents: int) -> float:
        """Return how telling a word is that so many texts hold: ln(1 + (N - n + ½) / (n + ½))."""
        total = max(self._engine.documents + len(self._delta), documents)
        return float(np.log1p((total - documents + 0.5) / (documents + 0.5)))

    def matched(self, question: str, text: str, language: str) -> tuple[str, ...]:
        """Return the words of a text in ``language`` that a question meets, as they stand there."""
        wanted = {term for word in self.asked(question) for term in word.all_terms}
        spoken = language_of(language)
        found = [word for word in tokens(text) if wanted.intersection(terms_of(word, spoken))]
        return tuple(dict.fromkeys(found))

    def near(self, word: str, edits: int) -> list[tuple[str, int]]:
        """Return the folded words within so many edits, and how many texts hold each.

        An edit is a letter more, less, another, or two that changed places (Damerau-Levenshtein).
        Words that begin with another letter are left out: too much is near without it. So are
        those of removed texts alone.
        """
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract_iter

        asked_for = lowered(normalised(word))
        self._catch_up()
        found = self._beginning_with(asked_for[:1])
        words = [each for each, _ in found]
        near = extract_iter(asked_for, words, scorer=OSA.distance, score_cutoff=edits)
        return [found[place] for each, _, place in near if self._is_written(each)]

    def _beginning_with(self, letter: str) -> list[tuple[str, int]]:
        """Return the folded words that begin so, sorted, and how many texts hold each."""
        if letter not in self._words:
            self._words[letter] = sorted(self._held(letter).items())
        return self._words[letter]

    def _words_from(self, beginning: str) -> list[str]:
        """Return the folded words of the texts that begin so, sorted; nothing is remembered."""
        return sorted(self._held(beginning))

    def _held(self, beginning: str) -> dict[str, int]:
        counts = dict(self._engine.vocabulary(beginning))
        for each, documents in self._delta.vocabulary.items():
            if each.startswith(beginning):
                counts[each] = counts.get(each, 0) + documents
        return counts

    def missing_from(self, live: Rows) -> int:
        """Return how many of the ``live`` rows the index on disk does not hold yet."""
        return int(np.isin(live, self._rows, invert=True).sum())

    def documents_with(self, word: Word) -> int:
        """Return how many texts hold a word in any of its forms; a compound also by its parts.

        Removed texts may be counted as long as there is another that holds it.
        """
        self._catch_up()
        counts = [self._with(term) if self._is_held(term) else 0 for term in word.terms]
        counts += [min(map(self.documents_with, wording)) for wording in word.wordings]
        return max(counts)

    def documents(self, word: str) -> int:
        """Return how many texts hold a word in any of its forms."""
        return max((self.documents_with(each) for each in self.asked(word)), default=0)

    def _is_held(self, term: str) -> bool:
        return self._delta.documents_with(term) > 0 or self._stands(Asked((Word(term, (term,)),)))

    def _is_written(self, word: str) -> bool:
        return word in self._delta.vocabulary or self._stands(Asked((), phrases=(((word,),),)))

    def _stands(self, asked: Asked) -> bool:
        """Tell whether a text on disk that is in use has what is asked.

        tantivy lists and counts the words of removed texts until it writes their segment anew; its
        search leaves these texts out.
        """
        if asked not in self._standing:
            if len(self._standing) >= _STANDING:
                self._standing.clear()
            found, _ = self._engine.search(asked, 1, allowed=self._live)
            self._standing[asked] = bool(found.size)
        return self._standing[asked]

    def _with(self, term: str) -> int:
        """Return how many texts hold a term by the count that scores rest on."""
        return self._engine.documents_with(term) + self._delta.documents_with(term)

    def _statistics(self) -> Statistics:
        total = self._engine.documents + len(self._delta)
        length = int(self._lengths.sum()) + self._delta.length
        return Statistics(total, length / max(total, 1), documents_with=self._with)

    def _catch_up(self) -> None:
        """Read what the catalog has gained and lost since the index was written."""
        catalog = self._store.catalog
        if catalog.revision == self._revision:
            return
        with catalog.snapshot():
            self._revision = catalog.revision
            self._live = np.fromiter(catalog.live_rows(), dtype=np.int64)
            new = np.setdiff1d(self._live, self._rows, assume_unique=True)
            self._delta = Delta(_texts(self._store, new))
        self._words.clear()
        self._asked.clear()
        self._files.clear()
        self._standing.clear()


def _both(rows: Rows, others: Rows) -> Rows:
    return np.intersect1d(rows, others, assume_unique=True)


def _texts(store: Store, rows: Rows) -> Iterator[tuple[int, list[str], list[str]]]:
    return ((text.row, text.terms, text.surfaces) for text in analysed(store, rows))


def _opened(folder: Path) -> Engine:
    try:
        return Engine.reading(folder)
    except (OSError, ValueError) as error:
        raise IndexDamagedError(
            f"{folder} cannot be read: {error}", hint=generations.HINT
        ) from error
