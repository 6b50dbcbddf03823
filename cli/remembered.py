"""What memory gives to an answer from documents: the user's own words as passages, and lessons."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memctl.cli.output import safe, talk

if TYPE_CHECKING:
    from memctl.memory import Episode, Evidence, Fact, Place, Recollection
    from memctl.memory.bearing import Bearing
    from memctl.query import Answer, Hit
    from memctl.query.answers.learned import Learned


@dataclass(frozen=True, slots=True)
class Remembered:
    """Passages of memory that bear on a question, and what was learned before it.

    ``answer`` is memory's own, where it has one.
    """

    hits: tuple[Hit, ...] = ()
    learned: Learned | None = None
    answer: Answer | None = None


def remembered(store: Path, user: str, question: str) -> Remembered:
    """Return what of a user's memory bears on a question.

    Raises:
        StoreError: there is no memory of the user, or it is damaged.
    """
    from memctl.memory import place_of
    from memctl.query.answers.learned import Learned

    place = place_of(store, user)
    with _bearing(place, question) as found:
        return Remembered(
            tuple(_hit(place, fact, told) for fact, told in found.facts),
            Learned(
                tuple((each.situation, each.advice) for each in found.lessons),
                tuple((each.situation, each.advice) for each in found.examples),
            ),
            _answer(place, found.answer),
        )


def tell_lessons(known: Remembered, *, model: bool) -> None:
    """Tell the person what was learned before, as nobody else reads it: a ``model`` is told."""
    if known.learned is None or model:
        return
    for situation, advice in known.learned.lessons:
        talk(f"Learned before, of {safe(situation)}: {safe(advice)}")


@contextmanager
def _bearing(place: Place, question: str) -> Generator[Bearing]:
    from memctl.memory import Book, Recall, grammar_for
    from memctl.memory.bearing import bearing

    with Book.open(place) as book:
        yield bearing(book, Recall(book, book.embedder(), grammar_for(place)), question)


def _answer(place: Place, told: Recollection) -> Answer | None:
    """Return what memory answers as an answer like any other; None where it knows nothing."""
    from memctl.query import Answer, Citation, Claim

    if told.abstained:
        return None
    citations = tuple(
        Citation(
            n,
            f"memory:{place.user}#{_where(each.episode)}",
            document_id=each.episode.id or _where(each.episode),
            title=each.episode.said_at,
            pages=(),
            start=each.start,
            end=each.end,
            quote=each.quote,
            sha256=_sha256(each.episode.text),
        )
        for n, each in enumerate(told.evidence, 1)
    )
    numbers = tuple(each.n for each in citations)
    text = f"{told.text} {''.join(f'[{n}]' for n in numbers)}".rstrip()
    claim = Claim(told.text, "supported", citations=numbers, end=len(told.text))
    return Answer(
        told.question,
        text,
        abstained=False,
        confidence=told.confidence,
        model="memory",
        claims=(claim,),
        citations=citations,
    )


def _where(episode: Episode) -> str:
    return f"{episode.session}:{episode.ordinal or episode.id}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _hit(place: Place, fact: Fact, told: Evidence) -> Hit:
    """Return a fact as a passage: the sentences of the turn that tell it."""
    from memctl.ingest import Chunk, detect, sentence_spans
    from memctl.query import Hit

    episode = told.episode
    spans = [
        span for span in sentence_spans(episode.text) if span[0] < told.end and told.start < span[1]
    ]
    start, end = (spans[0][0], spans[-1][1]) if spans else (told.start, told.end)
    text = episode.text[start:end]
    where = _where(episode)
    chunk = Chunk(
        f"memory:{place.user}#{where}",
        start,
        end=end,
        text=text,
        tokens=max(len(text) // 3, 1),
        pages=(),
        headings=(),
        language=detect(text),
    )
    return Hit(
        1,
        1.0,
        chunk=chunk,
        ordinal=1,
        document_id=episode.id or where,
        title=f"{fact.attribute}, {episode.said_at}".rstrip(", "),
        sha256=_sha256(episode.text),
    )
