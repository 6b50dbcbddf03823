"""tantivy at work: the one file that knows it. A document of it is a vector row of the store."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memctl.index.lexical.asked import Asked, Phrase, Word
from memctl.index.lexical.view import View
from memctl.index.sample import Rows

Scores = NDArray[np.float32]
Tantivy = Any  # its stubs call optional what is not: they are left at its door

_ROW, _TERMS, _SURFACES = "row", "terms", "surfaces"
_ANALYSER = "parted"  # at white space: what comes in are terms
_HEAP = 64_000_000  # bytes of a writer before it begins a new segment
# Up to so many rows a filter goes into the query; beyond, the ranking is read as far down as it
# takes to find enough that pass, to its end if need be.
_SET = 4_000


class Engine:
    """An index of tantivy in a folder, or in memory where ``folder`` is None.

    BM25 has k1 = 1.2 and b = 0.75, and lengths in 256 steps, as Lucene has them.
    """

    def __init__(self, folder: Path | None, *, create: bool = False) -> None:
        import tantivy

        self._library: Tantivy = tantivy
        if folder is not None and not create:
            self._index: Tantivy = tantivy.Index.open(str(folder))
        else:
            path = None if folder is None else str(folder)
            self._index = tantivy.Index(_schema(), path, sort_by_field=_ROW)
        self._index.config_reader("manual")  # no thread that waits for another writer
        self._schema = self._index.schema
        analyser = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer(_ANALYSER, analyser)
        self._searcher = self._index.searcher()

    @classmethod
    def reading(cls, folder: Path) -> Engine:
        """Open an index that is only read: nothing is written into its folder.

        tantivy puts a lock beside what it opens, also to read, so it is shown the files from a
        folder of the process's own. Where the system has no links for that, the lock is written.
        """
        try:
            view = View(folder)
        except OSError:
            return cls(folder)
        try:
            made = cls(view.folder)
        except BaseException:
            view.remove()
            raise
        weakref.finalize(made, view.remove)
        return made

    def write(
        self, added: Iterable[tuple[int, Sequence[str], Sequence[str]]], *, removed: Iterable[int]
    ) -> None:
        """Commit rows with their terms and folded words, without those that were removed."""
        writer = self._index.writer(_HEAP, 1)
        try:
            gone = list(removed)
            if gone:  # by a query: a term of a number that has no sign deletes nothing
                query = self._library.Query.term_set_query(self._schema, _ROW, gone)
                writer.delete_documents_by_query(query)
            for row, terms, surfaces in added:
                document = self._library.Document()
                document.add_unsigned(_ROW, row)
                document.add_text(_TERMS, " ".join(terms))
                document.add_text(_SURFACES, " ".join(surfaces))
                writer.add_document(document)
            writer.commit()
        finally:
            writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    @property
    def documents(self) -> int:
        """The number of rows that are held."""
        return int(self._searcher.num_docs)

    def documents_with(self, term: str) -> int:
        """Return how many rows hold a term."""
        return int(self._searcher.doc_freq(_TERMS, term))

    def vocabulary(self, prefix: str = "") -> list[tuple[str, int]]:
        """Return the folded words that begin so, and how many rows hold each."""
        found: list[tuple[str, int]] = self._searcher.terms_with_prefix(_SURFACES, prefix)
        return found

    def search(self, asked: Asked, k: int, *, allowed: Rows | None) -> tuple[Rows, Scores]:
        """Return the rows of the k highest scores (n,), and the scores (n,); n is k at most.

        ``allowed`` are the only rows to find, sorted.
        """
        k = min(k, self.documents)
        parts = self._parts(asked)
        if not parts or not k or (allowed is not None and not allowed.size):
            return _nothing()
        library = self._library
        if allowed is None or allowed.size > _SET:
            query = library.Query.boolean_query(parts)
            return self._best(query, k) if allowed is None else self._filtered(query, k, allowed)
        # The few rows lead, and words are looked up in them alone: many times as fast as to rank
        # all and to keep these. A row without a word comes along with the score 0. For a set of
        # terms tantivy reads through all row numbers, so that each row is a query of its own.
        should, term = library.Occur.Should, library.Query.term_query
        rows = [
            (should, term(self._schema, _ROW, row, index_option="basic"))
            for row in allowed.tolist()
        ]
        silent = library.Query.const_score_query(library.Query.boolean_query(rows), 0.0)
        query = library.Query.boolean_query([(library.Occur.Must, silent), *parts])
        found, scores = self._best(query, min(k, allowed.size))
        return found[scores > 0], scores[scores > 0]

    def _filtered(self, query: Tantivy, k: int, allowed: Rows) -> tuple[Rows, Scores]:
        deep = max(4 * k * self.documents // allowed.size, 1_000)
        while True:
            rows, scores = self._best(query, min(deep, self.documents))
            passing = allowed[np.minimum(np.searchsorted(allowed, rows), allowed.size - 1)] == rows
            if passing.sum() >= k or rows.size < deep:
                return rows[passing][:k], scores[passing][:k]
            deep *= 8

    def _best(self, query: Tantivy, k: int) -> tuple[Rows, Scores]:
        hits = self._searcher.search(query, k, count=False).hits
        if not hits:
            return _nothing()
        scores = np.array([score for score, _ in hits], dtype=np.float32)
        addresses = [address for _, address in hits]
        rows = np.array(self._searcher.fast_field_values(_ROW, addresses), dtype=np.int64)
        order = np.lexsort((rows, -scores))  # equals by row, whatever segment they are in
        return rows[order], scores[order]

    def _parts(self, asked: Asked) -> list[tuple[Tantivy, Tantivy]]:
        """Return the parts of what tantivy is asked; none where nothing can be found by it."""
        if not asked.words and not asked.phrases:
            return []
        occur = self._library.Occur
        return [
            *((occur.Must, self._phrase(phrase)) for phrase in asked.phrases),
            *((occur.Should, self._word(word)) for word in asked.words),
            *((occur.MustNot, self._phrase(phrase)) for phrase in asked.excluded),
            *((occur.MustNot, self._word(word)) for word in asked.unwanted),
        ]

    def _word(self, word: Word) -> Tantivy:
        """Return the query for a word: of its forms and wordings the best counts."""
        queries = [self._term(_TERMS, term) for term in word.terms]
        for wording in word.wordings:
            parts = [(self._library.Occur.Should, self._word(part)) for part in wording]
            queries.append(self._library.Query.boolean_query(parts))
        if len(queries) == 1:
            return queries[0]
        return self._library.Query.disjunction_max_query(queries)

    def _phrase(self, phrase: Phrase) -> Tantivy:
        """Return the query for a phrase: one of its sequences is to stand there."""
        if len(phrase) == 1:
            return self._sequence(phrase[0])
        occur = self._library.Occur
        return self._library.Query.boolean_query(
            [(occur.Should, self._sequence(each)) for each in phrase]
        )

    def _sequence(self, words: Sequence[str]) -> Tantivy:
        if len(words) == 1:
            return self._term(_SURFACES, words[0])
        return self._library.Query.phrase_query(self._schema, _SURFACES, list(words))

    def _term(self, field: str, value: str) -> Tantivy:
        return self._library.Query.term_query(self._schema, field, value, index_option="freq")


def _schema() -> Tantivy:
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_unsigned_field(_ROW, indexed=True, fast=True)
    schema.add_text_field(_TERMS, tokenizer_name=_ANALYSER, index_option="freq")
    schema.add_text_field(_SURFACES, tokenizer_name=_ANALYSER, index_option="position")
    return schema.build()


def _nothing() -> tuple[Rows, Scores]:
    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
