"""A question with what is known of its answer."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from memctl.query.batch import Question


@dataclass(frozen=True, slots=True)
class Judgement:
    """Evidence for a question: a document, or a place in one, and how much it counts.

    ``document`` is a path or an id, as ``memctl list`` shows them. ``page`` counts from 1, as a
    viewer does; ``span`` are characters of the document's text; ``quote`` stands in it, but for
    white space, case and punctuation. A ``relevance`` of 0 says that the document was judged and
    does not help. ``where`` is its line, for messages.
    """

    document: str
    relevance: int = 1
    _: KW_ONLY
    page: int | None = None
    span: tuple[int, int] | None = None
    quote: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A question of an evaluation.

    ``answers`` are right ones, any of which will do; ``answerable`` says whether the documents
    answer at all, None where that is not known.
    """

    question: Question
    _: KW_ONLY
    judgements: tuple[Judgement, ...] = ()
    answers: tuple[str, ...] = ()
    answerable: bool | None = None
    tags: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of the question."""
        return self.question.id
