"""What an answer says against what its passages say, and the quotes that it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from memctl.ingest import pages_between, sentence_spans
from memctl.query.answers.answer import Citation, Claim
from memctl.query.answers.fence import inert
from memctl.query.answers.headed import Headed
from memctl.query.answers.passages import Passage
from memctl.query.answers.statements import Stated
from memctl.query.terms import stems
from memctl.query.verify import Source, Statement, Verdict, Verifier

Level = Literal["strict", "warn", "off"]
LEVELS: tuple[Level, ...] = ("strict", "warn", "off")
Span = tuple[int, int, int]  # the number of a passage, and characters of its text

_SHARED = 0.5  # of the words of a claim, in a passage that it rests on as well
_EDGES = re.compile(r"^[\s\-*+•|#>]+|[\s|]+$")


@dataclass(frozen=True, slots=True)
class Checked:
    """The claims of an answer with the citations that they rest on."""

    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]


def check(
    sentences: Sequence[Stated],
    passages: Sequence[Passage],
    verifier: Verifier | None,
    *,
    printed: Mapping[str, Sequence[str]] | None = None,
) -> Checked:
    """Check each sentence of an answer; without a verifier they are only given their quotes.

    A sentence without a citation is given that of the passage which says it, if there is one.
    ``printed`` holds what the pages of a document call themselves.
    """
    known = {passage.n: passage for passage in passages}
    if verifier is None:
        verdicts: list[Verdict | None] = [None] * len(sentences)
        cited = [each.cited for each in sentences]
    else:
        verdicts, cited = _judged(sentences, passages, verifier)
    claims: list[Claim] = []
    spans: list[Span] = []
    spare: dict[int, Span] = {}  # for a passage that is cited and quoted by nothing else
    for each, verdict, numbers in zip(sentences, verdicts, cited, strict=True):
        given = tuple(n for n in numbers if n in known)
        for span, worth in _quoted(each.text, verdict, [known[n] for n in given]):
            if worth:
                spans.append(span)
            spare.setdefault(span[0], span)
        claims.append(
            Claim(
                each.text,
                "unchecked" if verdict is None else verdict.status,
                citations=given,
                reasons=() if verdict is None else verdict.reasons,
                start=each.start,
                end=each.end,
            )
        )
    quoted = {n for n, _, _ in spans}
    spans.extend(span for n, span in spare.items() if n not in quoted)
    labels = printed or {}
    citations = tuple(
        citation_of(known[n], start, end, labels.get(known[n].hit.document, ()))
        for n, start, end in sorted(dict.fromkeys(spans))
    )
    return Checked(tuple(claims), citations)


def citation_of(passage: Passage, start: int, end: int, labels: Sequence[str] = ()) -> Citation:
    """Return the citation of characters of a passage's text."""
    hit, first = passage.hit, passage.start
    pages = pages_between(hit.pages, first + start, first + end)
    return Citation(
        passage.n,
        hit.document,
        document_id=hit.document_id,
        title=hit.title,
        heading=Headed(hit).heading(first + start - hit.passage_start),
        pages=pages,
        printed=tuple(labels[page - 1] for page in pages if page <= len(labels)),
        start=first + start,
        end=first + end,
        quote=passage.text[start:end],
        sha256=hit.sha256,
    )


def _judged(
    sentences: Sequence[Stated], passages: Sequence[Passage], verifier: Verifier
) -> tuple[list[Verdict | None], list[tuple[int, ...]]]:
    """Return a verdict for each sentence, and what it cites or should have cited."""
    sources = [
        Source(each.n, each.text, title=" · ".join((each.hit.title, *each.hit.chunk.headings)))
        for each in passages
    ]
    cited = [each.cited for each in sentences]
    verdicts = verifier.verify(
        [Statement(each.text, numbers) for each, numbers in zip(sentences, cited, strict=True)],
        sources,
    )
    found: list[Verdict | None] = list(verdicts)
    alone = [
        (at, verdict.span[0])
        for at, verdict in enumerate(verdicts)
        if not cited[at] and verdict.status == "partial" and verdict.span
    ]
    if alone:
        again = verifier.verify([Statement(sentences[at].text, (n,)) for at, n in alone], sources)
        for (at, n), verdict in zip(alone, again, strict=True):
            if verdict.status == "supported":
                found[at], cited[at] = verdict, (n,)
    return found, cited


def _quoted(
    text: str, verdict: Verdict | None, cited: Sequence[Passage]
) -> Iterator[tuple[Span, bool]]:
    """Yield the sentence of each cited passage that a claim rests on, and whether it does so.

    Of several passages that a sentence cites at once not all need say it.
    """
    span = verdict.span if verdict and verdict.status != "unsupported" else None
    for passage in cited:
        if span and span[0] == passage.n:
            start, end = _trimmed(passage.text, span[1], span[2])
            share = 1.0
        else:
            start, end, share = _nearest(text, passage.text)
        if end > start:
            yield (passage.n, start, end), len(cited) == 1 or share >= _SHARED


def _nearest(claim: str, text: str) -> tuple[int, int, float]:
    """Return the sentence of ``text`` that shares the most words with a claim, and what share."""
    wanted = set(stems(claim))
    best = (0, 0, -2.0)
    for start, end in (_trimmed(text, *span) for span in sentence_spans(text)):
        held = wanted.intersection(stems(text[start:end]))
        share = len(held) / max(len(wanted), 1)
        if inert(text[start:end]) != text[start:end]:  # rather another than one with a link
            share = -1.0
        if end > start and share > best[2]:
            best = (start, end, share)
    return best


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    first = _EDGES.match(piece)
    left = first.end() if first else 0
    return min(start + left, end), start + len(piece.rstrip(" \n\t|"))
