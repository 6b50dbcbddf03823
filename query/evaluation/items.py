"""What a ranking consists of when documents, pages or passages are counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from memctl.query.evaluation.measure import Unit
from memctl.query.evaluation.places import Place
from memctl.query.hit import Hit

Places = Mapping[str, Sequence[Place]]  # by the id of the question


def items(hits: Sequence[Hit], places: Sequence[Place], unit: Unit) -> list[str]:
    """Return the items of a ranking, best first, each once, at the place of its best hit.

    A hit on two pages stands for both. Counted in passages, a hit that holds evidence is that
    evidence; one that holds only what a better hit held is left out.
    """
    named = {"document": _documents, "page": _pages, "passage": _passages}[unit]
    return list(dict.fromkeys(named(hits, places)))


def relevances(places: Sequence[Place], unit: Unit) -> dict[str, int]:
    """Return the relevance of the items that are judged; nothing where no place is that exact."""
    found: dict[str, int] = {}
    for number, place in enumerate(places):
        names = {
            "document": (place.document_id,),
            "page": tuple(page_item(place.document_id, page) for page in sorted(place.pages)),
            "passage": () if place.span is None else (_evidence(number),),
        }[unit]
        for name in names:
            found[name] = max(found.get(name, place.relevance), place.relevance)
    return found


def page_item(document_id: str, page: int) -> str:
    """Return the name of a page in a ranking."""
    return f"{document_id}#page={page}"


def _evidence(number: int) -> str:
    return f"evidence-{number + 1}"


def _documents(hits: Sequence[Hit], _: Sequence[Place]) -> Iterator[str]:
    return (hit.document_id for hit in hits)


def _pages(hits: Sequence[Hit], _: Sequence[Place]) -> Iterator[str]:
    return (page_item(hit.document_id, page) for hit in hits for page in hit.chunk.pages)


def _passages(hits: Sequence[Hit], places: Sequence[Place]) -> Iterator[str]:
    for hit in hits:
        span = (hit.chunk.start, hit.chunk.end)
        held = [
            _evidence(number)
            for number, place in enumerate(places)
            if place.span is not None and place.held_by(hit.document, span, hit.chunk.pages)
        ]
        yield from held or [f"{hit.document}:{span[0]}-{span[1]}"]
