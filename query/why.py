"""Where in a search a document fell out, and what would bring it in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace

import numpy as np

from memctl.index import Rows, RowSource
from memctl.index.lexical import LexicalQuery
from memctl.ingest import Chunk, StoredChunk, UsageError, composed
from memctl.ingest.amounts import counted
from memctl.ingest.nearnames import near_hint
from memctl.query.feedback import words
from memctl.query.filters import Filter, alternatives, check_fields, to_sql
from memctl.query.hit import Stage
from memctl.query.how import How
from memctl.query.ranked import Ranked
from memctl.query.ranking import Where
from memctl.query.remedies import Remedy, Trials
from memctl.query.search import Searcher
from memctl.query.syntax import ASKS, Query

_TIE = 1e-6  # what rounding can take a score from itself
_NAMED = 4  # words of the passage that are told


@dataclass(frozen=True, slots=True)
class Why:
    """What became of a document in a search.

    ``lost`` says where it fell out, in words; it is empty where the document is among the first
    ``k``. ``known`` says whether there is a document, or a file, of its name. ``chunk`` is its
    passage that came furthest. ``dense`` and ``lexical`` are its place and score in the whole
    ranking of each leg; None where a leg has none for it. ``stages`` are those of the search
    itself. ``shared`` are the words of its passages that the question's words meet.
    """

    document: str
    page: int | None
    _: KW_ONLY
    k: int
    known: bool = True
    lost: str = ""
    hint: str = ""
    chunk: StoredChunk | None = None
    dense: Stage | None = None
    lexical: Stage | None = None
    stages: tuple[Stage, ...] = ()
    shared: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()


def why(
    searcher: Searcher,
    question: str,
    document: str,
    *,
    page: int | None = None,
    k: int = 10,
    filters: Sequence[Filter] = (),
    how: How | None = None,
) -> Why:
    """Follow ``document`` through the search for ``question``; ``page`` narrows it to one page.

    ``document`` is a path, a file with several documents, or a document's id.

    Raises:
        UsageError: the question is none.
    """
    way = how or How(searcher.mode)
    query = searcher.understood(question, way)
    return _Tracing(searcher, query, k=k, filters=filters, how=way).of(document, page)


class _Tracing:
    """One question, and how it is searched for."""

    def __init__(
        self, searcher: Searcher, query: Query, *, k: int, filters: Sequence[Filter], how: How
    ) -> None:
        self._searcher = searcher
        self._catalog = searcher.store.catalog
        self._query = query
        self._k = k
        self._given = filters
        # Filters of one list are alternatives; those of the question hold beside the given ones.
        self._lists = (filters, query.filters)
        self._how = how

    def of(self, document: str, page: int | None) -> Why:
        with self._catalog.snapshot():
            check_fields([each for some in self._lists for each in some], self._catalog)
            found = Why(self._catalog.named(document), page, k=self._k)
            paths = self._paths(found.document)
            if not paths:
                return self._unread(found)
            chunks = [each for path in paths for each in self._catalog.chunks_of(path)]
            if page is not None:
                chunks = [each for each in chunks if page in each.chunk.pages]
                if not chunks:
                    return self._no_page(found, paths)
            passing = self._passing(chunks)
            if not passing:
                return self._filtered(found, chunks)
            return self._traced(found, passing)

    # --- before the search

    def _paths(self, document: str) -> list[str]:
        names, forms = list(self._catalog.document_names()), composed(document)
        for place in range(3):  # its path, its id, its file
            if paths := [each[0] for each in names if each[place] in forms]:
                return paths
        return []

    def _unread(self, found: Why) -> Why:
        file = self._catalog.file(found.document.partition("#")[0])
        if file is not None and file.code:
            lost = f"it was not read ({file.code}): {file.reason}"
            return replace(found, lost=lost, hint="memctl doctor says what can be done.")
        notes = self._catalog.notes(file=found.document.partition("#")[0], lost=True)
        for note in notes:
            if note.path == found.document:
                lost = f"it was not read ({note.code}): {note.reason}"
                return replace(found, lost=lost, hint="memctl doctor says what can be done.")
        names = [name for each in self._catalog.document_names() for name in each]
        hint = near_hint(found.document, names, otherwise="memctl list shows what is in the store.")
        lost = "no document of this name was ingested"
        return replace(found, known=False, lost=lost, hint=hint)

    def _no_page(self, found: Why, paths: Sequence[str]) -> Why:
        for path in paths:
            record = self._catalog.document(path)
            for note in self._catalog.notes(file=record.file if record else path):
                if note.path == path and note.page == found.page:
                    lost = f"its page {found.page} has no text ({note.code}): {note.reason}"
                    return replace(found, lost=lost, hint="memctl doctor says what can be done.")
        return replace(
            found,
            lost=f"it has no page {found.page} with text",
            hint="Pages are counted from 1, as a viewer does.",
        )

    def _passing(self, chunks: Sequence[StoredChunk]) -> list[StoredChunk]:
        where = to_sql(*self._lists)
        kept = self._within(chunks, where)
        allowed = self._searcher.ranker.allowed(self._query, where)
        if allowed is None:
            return kept
        rows = set(allowed.tolist())
        return [each for each in kept if each.row in rows]

    def _within(self, chunks: Sequence[StoredChunk], where: Where) -> list[StoredChunk]:
        """Return the chunks for which a condition holds: of those of one row it may be some."""
        rows = np.unique([each.row for each in chunks]).tolist()
        held = self._catalog.chunks_at(rows, *where)
        kept = {_key(each) for some in held.values() for each in some}
        return [each for each in chunks if _key(each) in kept]

    def _filtered(self, found: Why, chunks: Sequence[StoredChunk]) -> Why:
        for group in alternatives(*self._lists):
            if not self._within(chunks, to_sql(group)):
                return replace(found, lost=_left_out(group))
        if self._query.hard:
            said = [f'"{phrase}"' for phrase in self._query.phrases]
            said += [f'-"{phrase}"' for phrase in self._query.excluded]
            said += [f"-{word}" for word in self._query.unwanted]
            lost = f"no passage of it fits {' '.join(said)}"
            hint = "Phrases are compared as they are written, -words in all their forms."
            return replace(found, lost=lost, hint=hint)
        return replace(found, lost="the filters together leave it out")

    # --- in the search

    def _traced(self, found: Why, chunks: Sequence[StoredChunk]) -> Why:
        rows = np.unique([each.row for each in chunks])
        placed = self._place(chunks, self._query, self._how)
        place = placed[0] if placed else None
        dense, lexical = self._by_meaning(rows), self._by_words(rows)
        row = placed[1].row if placed else (dense or lexical or (int(rows[0]), None))[0]
        chunk = next(each for each in chunks if each.row == row)
        shared, missing = self._words(chunks)
        found = replace(
            found,
            chunk=chunk,
            dense=dense[1] if dense else None,
            lexical=lexical[1] if lexical else None,
            stages=placed[1].stages if placed else (),
            shared=shared,
            missing=missing,
        )
        if place is not None and place <= self._k:
            return found
        if place is not None:
            lost = f"it stands at rank {place}, after the first {self._k}"
        else:
            lost = f"neither leg has it among its {counted(self._how.candidates, 'candidate')}"
            if self._how.mode != "hybrid":
                lost = f"it is not among the {counted(self._how.candidates, 'candidate')}"
        telling = self._telling(chunk.chunk) if self._is_near(found) else []
        trials = Trials(
            self._query,
            self._how,
            k=self._k,
            rank=lambda query, how: self._rank(chunks, query, how),
        )
        remedies = tuple(trials.remedies(place, telling))
        hint = (
            "It shares no telling word with the question, and many passages are nearer by meaning."
        )
        if telling:
            hint = f"Ask in its own words, such as: {', '.join(telling)}."
        return replace(found, lost=lost, hint="" if remedies else hint, remedies=remedies)

    def _place(
        self, chunks: Sequence[StoredChunk], query: Query, how: How
    ) -> tuple[int, Ranked] | None:
        """Return the rank of the best of ``chunks`` among the hits of a search, and its row.

        Equal texts share a row and are a hit each, so that a row may stand for many.
        """
        wanted = {_key(each) for each in chunks}
        rows = {each.row for each in chunks}
        order = self._ranking(query, how)
        at = next((place for place, each in enumerate(order) if each.row in rows), None)
        if at is None:
            return None
        first = order[: at + 1]
        held = self._catalog.chunks_at([each.row for each in first], *to_sql(*self._lists))
        hits = [_key(chunk) for each in first for chunk in held.get(each.row, ())]
        return next(rank for rank, key in enumerate(hits, start=1) if key in wanted), first[-1]

    def _rank(self, chunks: Sequence[StoredChunk], query: Query, how: How) -> int | None:
        placed = self._place(chunks, query, how)
        return placed[0] if placed else None

    def _ranking(self, query: Query, how: How) -> Sequence[Ranked]:
        ranker = self._searcher.ranker
        asked = ranker.prepare([query], how)
        (order,) = ranker.rank(asked, how, filters=[self._given], k=self._k)
        return order

    def _by_meaning(self, rows: Rows) -> tuple[int, Stage] | None:
        """Return the row nearest to the question, with its place among all by exact search."""
        if self._how.mode == "lexical":
            return None
        store = self._searcher.store
        vector = self._searcher.ranker.sought([self._query])[0]
        lift = self._searcher.ranker.lift(self._query, vector, self._how)
        source, total = RowSource(store, store.rows), store.rows
        rows = rows[rows < total]
        if not rows.size:
            return None
        cosines = source.take(rows) @ vector
        meant = cosines + lift(rows)
        best = int(meant.argmax())
        live = np.fromiter(self._catalog.live_rows(), dtype=np.int64)
        better = sum(
            int((block @ vector + lift(of) > meant[best] + _TIE).sum())
            for of, block in source.blocks(live[live < total])
        )
        return int(rows[best]), Stage("dense", better + 1, score=float(cosines[best]))

    def _by_words(self, rows: Rows) -> tuple[int, Stage] | None:
        lexical = self._searcher.lexical
        if lexical is None or self._how.mode == "dense":
            return None
        everything = max(lexical.manifest.rows * 2, 1_000)
        ranked, scores = lexical.search(
            LexicalQuery(self._query.words, also=self._query.also), everything
        )
        places = np.flatnonzero(np.isin(ranked, rows))
        if not places.size:
            return None
        first = int(places[0])
        return int(ranked[first]), Stage("lexical", first + 1, score=float(scores[first]))

    def _words(self, chunks: Sequence[StoredChunk]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the words of the passages that the question meets, and those that it has alone."""
        lexical = self._searcher.lexical
        if lexical is None:
            return (), ()
        text = self._query.text
        shared = [
            word
            for each in chunks
            for word in lexical.matched(text, each.chunk.text, each.chunk.language)
        ]
        met = {
            fact.text
            for fact in lexical.words(text)
            if any(lexical.matched(fact.text, word, "und") for word in shared)
        }
        alone = [fact.text for fact in lexical.words(text) if fact.text not in met]
        return tuple(dict.fromkeys(shared)), tuple(alone)

    def _is_near(self, found: Why) -> bool:
        """Tell whether words of the passage would be words for what is asked.

        Added to the question they bring in any passage, also one that has nothing to do with it.
        """
        if found.dense is not None and (found.dense.rank or 0) <= self._k:
            return True
        return any(not ASKS.fullmatch(word) for word in found.shared)

    def _telling(self, chunk: Chunk) -> list[str]:
        """Return words of a passage that the question lacks and few others have."""
        lexical = self._searcher.lexical
        if lexical is None or self._how.mode == "dense":
            return []
        return words([chunk], lexical, but=self._query.text)[:_NAMED]


def _key(stored: StoredChunk) -> tuple[str, int]:
    return stored.chunk.document, stored.ordinal


def _left_out(group: Sequence[Filter]) -> str:
    if len(group) == 1 or group[0].negated:
        return f"the filter {' '.join(map(str, group))} leaves it out"
    return f"none of the filters {', '.join(map(str, group))} lets it in"


def parse_place(text: str) -> tuple[str, int | None]:
    """Read ``FILE`` or ``FILE#PAGE``; a row of a file is ``FILE#ID`` and stays whole.

    Raises:
        UsageError: it is empty.
    """
    if not text.strip():
        raise UsageError(
            "the document has no name", hint="Name a document, as memctl list shows it."
        )
    name, mark, last = text.rpartition("#")
    if mark and name and last.isdecimal() and int(last):
        return name, int(last)
    return text, None
