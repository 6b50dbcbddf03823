"""Hits and answers as JSON fields and as lines for people."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from memctl.cli.output import bold, dim, laid_out, safe, wrapped

if TYPE_CHECKING:
    from memctl.query import Hit


def hit_fields(hit: Hit) -> dict[str, object]:
    """Return a hit as ``memctl.query/1`` has it."""
    fields: dict[str, object] = {
        "rank": hit.rank,
        "score": None if math.isnan(hit.score) else round(hit.score, 6),
        "document": hit.document,
        "document_id": hit.document_id,
        "chunk": hit.ordinal,
        "pages": list(hit.chunk.pages),
        "start": hit.chunk.start,
        "end": hit.chunk.end,
        "text": hit.chunk.text,
        "title": hit.title,
        "headings": list(hit.chunk.headings),
        "language": hit.chunk.language,
    }
    if hit.context:
        start, end = hit.chunk.context
        fields["passage"] = {"start": start, "end": end, "text": hit.context}
    if hit.alike:
        fields["alike"] = list(hit.alike)
    return fields


def explain_fields(hit: Hit, words: Sequence[str]) -> dict[str, object]:
    """Return how a hit came to its place: what each stage said, and the words that matched."""
    stages = {
        stage.name: {"rank": stage.rank, "score": round(stage.score, 6)} for stage in hit.stages
    }
    return {"stages": stages, "words": list(words)}


def hit_lines(hit: Hit, *, full: bool, words: Sequence[str] | None = None) -> Iterator[str]:
    """Yield a hit for people: where it stands, then its text, the beginning or all of it.

    ``words`` are those that matched; where they are given, each stage is told.
    """
    where = place(hit.document, hit.chunk.pages)
    path = " › ".join(hit.chunk.headings[-2:])
    yield f"{hit.rank:>2}  {bold(where)}  {dim(_worth(hit))}".rstrip()
    if path:
        yield f"    {dim(safe(path))}"
    text = hit.passage if hit.context else hit.chunk.text
    if full:
        yield from laid_out(text, indent="    ")
    else:
        yield from wrapped(text, indent="    ", lines=3)
    if hit.alike:
        yield dim(f"    nearly the same: {safe(', '.join(hit.alike))}")
    if words is not None:
        yield from _explained(hit, words)
    yield ""


_SMALL = 0.1  # as those of reciprocal ranks are, which three decimals would make alike
_STAGES = {"dense": "meaning", "lexical": "words", "fused": "both", "reranked": "reranked"}


def _explained(hit: Hit, words: Sequence[str]) -> Iterator[str]:
    for stage in hit.stages:
        place_ = "not found" if stage.rank is None else f"rank {stage.rank}"
        yield dim(f"    {_STAGES[stage.name]:<9} {place_:<10} {score_words(stage.score)}")
    if words:
        yield from (dim(line) for line in wrapped(f"matched   {', '.join(words)}", indent="    "))


def _worth(hit: Hit) -> str:
    """Return the score of a hit; nothing where it has none.

    Scores of several hits are standardised. One alone would stand at 0, as if it did not match: the
    score of the stage that found it is told instead.
    """
    if math.isnan(hit.score):
        return ""
    legs = [stage for stage in hit.stages if stage.name in {"dense", "lexical"} and stage.rank]
    if hit.score or not legs:
        return score_words(hit.score)
    return f"{_STAGES[legs[0].name]} {score_words(legs[0].score)}"


def score_words(score: float) -> str:
    """Return a score with three decimals, or three digits that tell where it is small."""
    return f"{score:.3f}" if abs(score) >= _SMALL or not score else f"{score:.3g}"


def place(document: str, pages: tuple[int, ...]) -> str:
    """Return a document with the pages of a passage, as a reader would cite them."""
    return f"{safe(document)}{page_words(pages)}"


def page_words(pages: tuple[int, ...]) -> str:
    """Return ``, page 3`` or ``, pages 3–4``, and nothing where there are no pages."""
    if not pages:
        return ""
    first, last = pages[0], pages[-1]
    return f", page {first}" if first == last else f", pages {first}–{last}"
