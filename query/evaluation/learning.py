"""Lessons from failed cases: what to look for instead, kept only where held-out cases gain.

A question that does not find its passage is turned into a lesson: of what it asks, and the words
that the passage has and the question lacks. A lesson is tried on questions like it that it was not
made from, and kept if they find their passages better with it than without.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np

from memctl.ingest import UsageError, Vectors
from memctl.memory.lessons import LIKE
from memctl.query.answers.learned import LOOK_FOR, widened
from memctl.query.evaluation.case import Case
from memctl.query.hit import Hit
from memctl.query.search import Searcher
from memctl.query.terms import stem, words

DEPTH = 10  # hits that are looked at
FAILED = 3  # a case whose passage is not among so many hits has failed
_WORDS = 5  # of a lesson
_LEAST = 3  # letters of one


@dataclass(frozen=True, slots=True)
class Lesson:
    """When it applies, what to look for then, and what it is worth on held-out questions.

    ``gain`` is the sum, over ``tried`` held-out questions, of what the reciprocal rank gains.
    """

    situation: str
    advice: str
    _: KW_ONLY
    gain: float
    tried: int


@dataclass(frozen=True, slots=True)
class Learning:
    """What came of it: lessons that are kept, how many were tried, and held-out questions.

    ``before`` and ``after`` are their mean reciprocal ranks, without and with the kept lessons.
    """

    kept: tuple[Lesson, ...]
    _: KW_ONLY
    failed: int
    learned_from: int
    held_out: int
    before: float
    after: float


def learn(searcher: Searcher, cases: Sequence[Case]) -> Learning:
    """Learn from half of the cases, chosen by a hash of their ids, and try it on the other half.

    Raises:
        UsageError: too few cases say which documents answer them.
    """
    known = [case for case in cases if _wanted(case)]
    lesson_of = [case for case in known if _is_first_half(case)]
    held = [case for case in known if not _is_first_half(case)]
    if not lesson_of or not held:
        raise UsageError(
            f"{len(known)} of {len(cases)} questions say which documents answer them, too few "
            "to learn from",
            hint="Give more of them; docs/ci.md shows the form.",
        )
    failed = [case for case in lesson_of if _rank(searcher, case.question.text, case) > FAILED]
    drafts = [draft for case in failed if (draft := _draft(searcher, case)) is not None]
    plain = [_reciprocal(searcher, case.question.text, case) for case in held]
    vectors = searcher.embedder.embed([case.question.text for case in held], role="query")
    kept = [
        lesson
        for draft in drafts
        if (lesson := _tried(searcher, draft, held, plain, vectors)).gain > 0
    ]
    after = _with_all(searcher, kept, held, plain, vectors)
    return Learning(
        tuple(kept),
        failed=len(failed),
        learned_from=len(lesson_of),
        held_out=len(held),
        before=float(np.mean(plain)),
        after=float(np.mean(after)),
    )


def _is_first_half(case: Case) -> bool:
    told = f"{case.id}\n{case.question.text}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).digest()[0] % 2 == 0


def _wanted(case: Case) -> set[str]:
    return {each.document for each in case.judgements if each.relevance > 0}


def _hits(searcher: Searcher, text: str) -> list[Hit]:
    (hits,) = searcher.search([text], DEPTH)
    return hits


def _rank(searcher: Searcher, text: str, case: Case) -> float:
    """Return the rank of the first hit in a document that answers; infinite where none is."""
    wanted = _wanted(case)
    for hit in _hits(searcher, text):
        if {hit.document, hit.document_id} & wanted:
            return float(hit.rank)
    return float("inf")


def _reciprocal(searcher: Searcher, text: str, case: Case) -> float:
    return 1 / _rank(searcher, text, case)


def _draft(searcher: Searcher, case: Case) -> Lesson | None:
    """Return a lesson from a failed case: the words of its passage that the question lacks."""
    texts = list(_passages(searcher, case))
    if not texts:
        return None
    own = {stem(word) for word in words(case.question.text)}
    counts = Counter(
        word
        for word in words("\n".join(texts))
        if len(word) >= _LEAST and stem(word) not in own and not word.isdigit()
    )
    lexical = searcher.lexical

    def telling(word: str) -> float:
        rarity = 1.0 if lexical is None else lexical.idf(lexical.documents(word))
        return counts[word] * rarity

    chosen = sorted(counts, key=lambda word: (-telling(word), word))[:_WORDS]
    if not chosen:
        return None
    advice = f"{LOOK_FOR}: {', '.join(chosen)}"
    return Lesson(case.question.text, advice, gain=0.0, tried=0)


def _passages(searcher: Searcher, case: Case) -> list[str]:
    """Return the text of the evidence: the quotes, or the chunk of the document that is nearest."""
    quotes = [each.quote for each in case.judgements if each.quote and each.relevance > 0]
    if quotes:
        return quotes
    catalog = searcher.store.catalog
    chunks: list[str] = []
    for name in sorted(_wanted(case)):
        paths = [name] if catalog.document(name) else catalog.documents_of(name)
        for path in paths:
            chunks += [stored.chunk.text for stored in catalog.chunks_of(path)]
    if not chunks:
        return []
    (asked,) = searcher.embedder.embed([case.question.text], role="query")
    vectors = searcher.embedder.embed(chunks, role="document")
    return [chunks[int(np.argmax(vectors @ asked))]]


def _tried(
    searcher: Searcher,
    draft: Lesson,
    held: Sequence[Case],
    plain: Sequence[float],
    vectors: Vectors,
) -> Lesson:
    """Return a lesson with what it is worth on the held-out questions that are like it."""
    (situation,) = searcher.embedder.embed([draft.situation], role="query")
    like = np.flatnonzero(vectors @ situation >= LIKE).tolist()
    gain = sum(
        _reciprocal(searcher, widened(held[at].question.text, [draft.advice]), held[at]) - plain[at]
        for at in like
    )
    return Lesson(draft.situation, draft.advice, gain=float(gain), tried=len(like))


def _with_all(
    searcher: Searcher,
    kept: Sequence[Lesson],
    held: Sequence[Case],
    plain: Sequence[float],
    vectors: Vectors,
) -> list[float]:
    """Return the reciprocal ranks of the held-out questions, with all lessons that apply."""
    if not kept:
        return list(plain)
    situations = searcher.embedder.embed([each.situation for each in kept], role="query")
    likeness = vectors @ situations.T
    found: list[float] = []
    for at, case in enumerate(held):
        advice = [kept[n].advice for n in np.flatnonzero(likeness[at] >= LIKE).tolist()]
        text = widened(case.question.text, advice)
        found.append(_reciprocal(searcher, text, case) if advice else plain[at])
    return found
