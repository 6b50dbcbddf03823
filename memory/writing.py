"""Turns into memory: each is kept, and what it tells is weighed against what is known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from memctl.ingest import Embedder, Vectors, detect
from memctl.memory.attributes import Grammar
from memctl.memory.book import Book
from memctl.memory.candidate import Candidate
from memctl.memory.extraction import LONGEST
from memctl.memory.extractor import Extractor, Patterns
from memctl.memory.journal import Ledger
from memctl.memory.people import known_people, people_in
from memctl.memory.prototypes import in_own_words, sentences_like, unexplained
from memctl.memory.records import Turn
from memctl.memory.telling import Told, Written
from memctl.memory.windows import indexed_text, windows
from memctl.memory.writer import Ready, Writer

Done = Callable[[int], None]


def write(
    book: Book,
    turns: Sequence[Turn],
    *,
    embedder: Embedder,
    grammar: Grammar,
    extractor: Extractor,
    operation: str = "import",
    done: Done = lambda _: None,
) -> Written:
    """Keep turns and what they tell; those that are known already are passed over.

    Nothing is written before all is read and embedded, and then all of it at once.

    Raises:
        EmbedderError: a vector could not be made.
        StoreError: the system let nothing be written.
    """
    written = Written()
    ready = list(_read(book, turns, extractor, grammar, written))
    if not ready:
        return written
    if isinstance(extractor, Patterns):
        ready = _by_meaning(ready, embedder, grammar)
    pieces = [indexed_text(each.turn, *span) for each in ready for span in each.spans]
    told = [
        fact_text(candidate, grammar, each.turn) for each in ready for candidate in each.candidates
    ]
    vectors = _embedded(embedder, [*pieces, *told], done)
    with book.transaction():
        ledger = Ledger(book, operation)
        writer = Writer(book, ledger, grammar, written)
        writer.write(ready, pieces, vectors[: len(pieces)], told, vectors[len(pieces) :])
        written.entry = ledger.entry
        ledger.note(_note(written))
    return written


def _by_meaning(ready: Sequence[Ready], embedder: Embedder, grammar: Grammar) -> list[Ready]:
    """Return the turns with what their sentences tell by meaning, where no pattern has found it."""
    prototypes = sentences_like(grammar, embedder)
    if prototypes is None:
        return list(ready)
    spans = [
        (at, span)
        for at, each in enumerate(ready)
        if each.turn.role == "user"
        for span in unexplained(each.turn.text[:LONGEST], each.candidates, grammar)
    ]
    texts = [ready[at].turn.text[start:end] for at, (start, end) in spans]
    found = list(ready)
    for start in range(0, len(texts), _AT_ONCE):
        vectors = embedder.embed(texts[start : start + _AT_ONCE], role="query")
        for (at, span), vector in zip(spans[start : start + _AT_ONCE], vectors, strict=True):
            if attribute := prototypes.told(vector):
                made = in_own_words(found[at].turn.text, *span, attribute)
                found[at] = replace(found[at], candidates=(*found[at].candidates, made))
    return found


def fact_text(candidate: Candidate, grammar: Grammar, turn: Turn) -> str:
    """Return what a fact is found by: what it is, its value, and how it was said."""
    language = detect(turn.text)
    label = grammar.get(candidate.attribute).label(language)
    who = grammar.relation_word(candidate.subject, language)
    owner = "" if candidate.subject in {"user", ""} else f"{who}, "
    quote = turn.text[candidate.start : candidate.end]
    return f"{owner}{label}: {candidate.value}. {quote}"


def _read(
    book: Book, turns: Sequence[Turn], extractor: Extractor, grammar: Grammar, written: Written
) -> Iterator[Ready]:
    """Yield the turns that are new, with their windows and candidates."""
    seen: set[bytes] = set()
    people = known_people(book, grammar)
    for _, group in groupby(turns, key=lambda turn: turn.session):
        session = list(group)
        new: list[tuple[Turn, bytes]] = []
        for turn in session:
            key = key_of_turn(turn)
            if (
                key in seen
                or book.db.execute("SELECT 1 FROM episodes WHERE key = ?", (key,)).fetchone()
            ):
                written.known += 1
                continue
            seen.add(key)
            new.append((turn, key))
        if not new:
            continue
        told = extractor.draw([turn for turn, _ in new], people=people)
        for (turn, key), drawn in zip(new, told, strict=True):
            if drawn is not None:
                people |= people_in(drawn.candidates, grammar)
                for each in drawn.passed:
                    written.passed[each.reason] = written.passed.get(each.reason, 0) + 1
            yield Ready(
                turn,
                key,
                tuple(windows(turn.text)),
                drawn.candidates if drawn is not None else (),
            )


def key_of_turn(turn: Turn) -> bytes:
    """Return what tells turns apart: where one stands, who says it, and what."""
    told = json.dumps(
        [turn.session, turn.ordinal, turn.role, turn.speaker, turn.text], ensure_ascii=True
    )
    return hashlib.sha256(told.encode("ascii")).digest()


_AT_ONCE = 64


def _embedded(embedder: Embedder, texts: Sequence[str], done: Done) -> Vectors:
    parts: list[Vectors] = []
    for start in range(0, len(texts), _AT_ONCE):
        part = texts[start : start + _AT_ONCE]
        parts.append(embedder.embed(part, role="document"))
        done(len(part))
    if not parts:
        return np.empty((0, embedder.dimension), dtype=np.float32)
    return np.concatenate(parts)


def _note(written: Written) -> dict[str, object]:
    outcomes: dict[str, int] = {}
    for each in written.told:
        outcomes[each.outcome] = outcomes.get(each.outcome, 0) + 1
    superseded = [number for each in written.told for number in each.superseded]
    return {"turns": written.turns, "outcomes": outcomes, "superseded": superseded}


__all__ = ["Told", "Written", "fact_text", "key_of_turn", "write"]
