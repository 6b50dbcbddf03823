"""Lessons and examples: what went wrong and what to do instead; good answers to questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from memctl.ingest import Embedder, UsageError, Vectors, clean
from memctl.memory.book import Book
from memctl.memory.rows import insert, stored

Kind = Literal["lesson", "example"]
LIKE = 0.86  # the cosine from which on a situation is like a question


@dataclass(frozen=True, slots=True)
class Lesson:
    """A situation, and what to do in it; of an example, a question and its good answer."""

    number: int
    kind: Kind
    situation: str
    advice: str


def add(book: Book, kind: Kind, situation: str, advice: str, *, embedder: Embedder) -> Lesson:
    """Keep a lesson or an example; one that is there already stays as it is.

    Raises:
        UsageError: a part of it is empty.
    """
    situation, advice = clean(situation).strip(), clean(advice).strip()
    if not situation or not advice:
        raise UsageError(f"the {kind} is empty", hint="Say when it applies, and what to do.")
    row = book.db.execute(
        "SELECT number FROM lessons WHERE kind = ? AND situation = ? AND advice = ?",
        (kind, situation, advice),
    ).fetchone()
    if row is not None:
        return Lesson(row[0], kind, situation, advice)
    (vector,) = embedder.embed([situation], role="query")
    with book.transaction():
        number = insert(
            book.db,
            "lessons",
            {
                "kind": kind,
                "situation": situation,
                "advice": advice,
                "uses": 0,
                "vector": stored(vector[np.newaxis])[0],
            },
        )
    return Lesson(number, kind, situation, advice)


def lessons(book: Book, kind: Kind) -> list[Lesson]:
    """Return all lessons, or all examples, the oldest first."""
    rows = book.db.execute(
        "SELECT number, kind, situation, advice FROM lessons WHERE kind = ? ORDER BY number",
        (kind,),
    )
    return [Lesson(*row) for row in rows]


def drop(book: Book, kind: Kind, number: int) -> None:
    """Remove a lesson or an example.

    Raises:
        UsageError: there is none of that number.
    """
    with book.transaction():
        gone = book.db.execute(
            "DELETE FROM lessons WHERE kind = ? AND number = ?", (kind, number)
        ).rowcount
        if not gone:
            raise UsageError(f"no {kind} {number}", hint=f"Run: memctl memory {kind} list")


def recalled(book: Book, kind: Kind, question: Vectors, *, most: int = 3) -> list[Lesson]:
    """Return what fits a question, by the cosine of its vector (dimension,), nearest first."""
    rows = book.db.execute(
        "SELECT number, kind, situation, advice, vector FROM lessons WHERE kind = ?", (kind,)
    ).fetchall()
    if not rows:
        return []
    vectors = np.stack([np.frombuffer(row[4], dtype=np.float16) for row in rows])
    scores = vectors.astype(np.float32) @ question
    order = np.argsort(-scores, kind="stable")[:most]
    return [Lesson(*rows[n][:4]) for n in order.tolist() if scores[n] >= LIKE]
