"""What of a memory bears on a question: facts that are so, lessons, examples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from memctl.memory.book import Book
from memctl.memory.lessons import Lesson, recalled
from memctl.memory.recall import Evidence, Recall, Recollection
from memctl.memory.records import Fact

_MOST = 5  # facts
_NEAR = 0.87  # the cosine from which on a fact bears on a question that shares no word with it


@dataclass(frozen=True, slots=True)
class Bearing:
    """Facts with the turns that tell them, the likeliest first; lessons; examples.

    ``answer`` is what memory itself answers.
    """

    answer: Recollection
    facts: tuple[tuple[Fact, Evidence], ...]
    lessons: tuple[Lesson, ...]
    examples: tuple[Lesson, ...]


def bearing(book: Book, recall: Recall, question: str) -> Bearing:
    """Return what is to be known for an answer to a question about whatever it may be.

    Raises:
        UsageError: the question is empty.
    """
    answer = recall.answer(question)
    (vector,) = recall.embedder.embed([question], role="query")
    found = {fact.number: fact for fact in answer.facts if fact.state == "current"}
    numbers, vectors = book.vectors("facts")
    if len(numbers):
        rows, scores = recall.finder.matches(question)
        near, held = vectors @ vector, np.zeros(len(numbers))
        _, at_facts, at_rows = np.intersect1d(2 * numbers, rows, return_indices=True)
        held[at_facts] = scores[at_rows]
        for at in np.argsort(-(near + held / (1 + held.max())), kind="stable").tolist():
            if len(found) >= _MOST or (near[at] < _NEAR and not held[at]):
                break
            fact = book.fact(int(numbers[at]))
            if fact is not None and fact.state == "current":
                found[fact.number] = fact
    told: list[tuple[Fact, Evidence]] = []
    for fact in found.values():
        episode = book.episode(fact.episode)
        if episode is not None:
            told.append((fact, Evidence(episode, fact.start, fact.end)))
    return Bearing(
        answer,
        tuple(told),
        tuple(recalled(book, "lesson", vector)),
        tuple(recalled(book, "example", vector)),
    )
