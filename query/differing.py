"""Questions whose answers two stores differ in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass

from memctl.ingest import MemctlError
from memctl.query.answers.answer import Answer
from memctl.query.answers.asker import Asker
from memctl.query.batch import Question


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """A question and what it was answered with; an empty text says that nothing was found."""

    id: str
    question: str
    _: KW_ONLY
    old: str
    new: str
    old_documents: tuple[str, ...]
    new_documents: tuple[str, ...]


def differing(old: Asker, new: Asker, questions: Iterable[Question]) -> Iterator[AnswerChange]:
    """Yield the questions that are answered in other words, or from other documents.

    Raises:
        MemctlError: one could not be answered.
    """
    for each in questions:
        before, after = old.ask(each), new.ask(each)
        for answer in (before, after):
            if answer.fault:
                raise MemctlError(answer.fault)
        change = AnswerChange(
            each.id,
            each.text,
            old="" if before.abstained else before.text,
            new="" if after.abstained else after.text,
            old_documents=_cited(before),
            new_documents=_cited(after),
        )
        if (change.old, change.old_documents) != (change.new, change.new_documents):
            yield change


def _cited(answer: Answer) -> tuple[str, ...]:
    return tuple(dict.fromkeys(citation.document for citation in answer.citations))
