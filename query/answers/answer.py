"""An answer, and what it rests on."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from memctl.query.answers.suspects import Suspicion

Status = Literal["supported", "partial", "unsupported", "misattributed", "unchecked"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a document. ``quote`` stands there character for character.

    ``n`` is the number in the answer's text, ``[n]``; a passage that says several things is quoted
    as often. ``pages`` count as a viewer does, ``printed`` are the same pages as they call
    themselves, where they do. ``start`` and ``end`` are characters of the document's text;
    ``heading`` is the one above it, empty where that is not known. ``sha256`` is that of the file,
    or of the row, when it was read.
    """

    n: int
    document: str
    _: KW_ONLY
    document_id: str
    title: str
    heading: str = ""
    pages: tuple[int, ...]
    printed: tuple[str, ...] = ()
    start: int
    end: int
    quote: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the answer and the numbers of the citations that it rests on.

    ``reasons`` say why it is not supported; ``start`` and ``end`` span it in the answer's text.
    """

    text: str
    status: Status
    _: KW_ONLY
    citations: tuple[int, ...]
    reasons: tuple[str, ...] = ()
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens that an answer took, as its model counted them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, or the word that the documents hold none.

    ``confidence``, from 0 to 1, is the estimated probability that the documents answer the
    question; the built-in answerer gives no answer below the threshold. ``asked`` is the question
    as it was searched for, where a conversation gave it its meaning. ``notes`` are what a reader
    is to know of how it came about; ``fault`` is why it breaks off. ``suspected`` are places in
    the passages that speak to a model. ``short`` are the few words of it that a factoid question
    asks for, where they are certain.
    """

    question: str
    text: str
    _: KW_ONLY
    abstained: bool
    confidence: float
    model: str
    asked: str = ""
    short: str = ""
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    usage: Usage = Usage()
    notes: tuple[str, ...] = ()
    fault: str = ""
    suspected: tuple[Suspicion, ...] = ()
