"""An answer, and what it rests on."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a document. ``quote`` stands there character for character.

    ``n`` is the number in the answer's text, ``[n]``; ``start`` and ``end`` are characters of the
    document's text; ``sha256`` is that of the file, or of the row, when it was read.
    """

    n: int
    document: str
    _: KW_ONLY
    document_id: str
    title: str
    pages: tuple[int, ...]
    start: int
    end: int
    quote: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the answer and the numbers of the citations that it rests on."""

    text: str
    status: str
    _: KW_ONLY
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, or the word that the documents hold none.

    ``confidence``, from 0 to 1, is the estimated probability that the documents answer the
    question; an answer below the threshold is not given.
    """

    question: str
    text: str
    _: KW_ONLY
    abstained: bool
    confidence: float
    model: str
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
