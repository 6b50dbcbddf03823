"""Small chunks to search, each inside a larger context to answer from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memctl.ingest import segments
from memctl.ingest.chunking.ruler import Ruler
from memctl.ingest.chunking.structure import Structure
from memctl.ingest.document import Document
from memctl.ingest.segments import Segments

Span = tuple[int, int]
Cut = tuple[int, int, int]  # start, end, tokens

# The estimate of a context that is this much under the limit need not be counted.
_SURE = 16


def sentences(document: Document, ruler: Ruler, most: int, *, least: int) -> Iterator[Cut]:
    """Yield sentences, joined until they have ``least`` tokens; a heading begins a new one.

    A sentence that is long enough by itself ends what it is joined to, so that a change moves no
    cut behind the next such sentence. A table, or a sentence, is cut where it does not fit.
    """
    places = _places(document, ruler, most)
    return Structure(ruler, most, places=places, forced=_joined(places, ruler, least)).cuts()


def _joined(places: Segments, ruler: Ruler, least: int) -> list[int]:
    headings = set(places.headings)
    ends: list[int] = []
    begun = segments.first_ink(ruler.text, 0)
    for at in places.sentences:
        if at > begun and (at in headings or ruler.estimate(begun, at) >= least):
            ends.append(at)
            begun = at
    return ends


def around(cuts: Sequence[Cut], ruler: Ruler, most: int, *, window: int) -> Iterator[Span]:
    """Yield for each of ``cuts``, which tile, its context: ``window`` neighbours on either side.

    They are added in turn, the ones before first, while the context has at most ``most`` tokens.
    """
    for number in range(len(cuts)):
        first = last = number
        for _ in range(window):
            before = first, last
            if first > 0 and _fits(ruler, cuts[first - 1][0], cuts[last][1], most):
                first -= 1
            if last + 1 < len(cuts) and _fits(ruler, cuts[first][0], cuts[last + 1][1], most):
                last += 1
            if (first, last) == before:
                break
        yield cuts[first][0], cuts[last][1]


def _fits(ruler: Ruler, start: int, end: int, most: int) -> bool:
    return ruler.estimate(start, end) <= most - _SURE or ruler.fits(start, end, most)


def children(
    document: Document, ruler: Ruler, parents: Sequence[Cut], *, most: int
) -> Iterator[tuple[Cut, Span]]:
    """Cut each of ``parents``, which tile, into children of ``most`` tokens; yield both."""
    places = _places(document, ruler, most)
    starts = [start for start, _, _ in parents[1:]]
    families = iter(parents)
    start, end, _ = next(families)
    for child in Structure(ruler, most, places=places, forced=starts, exact=True).cuts():
        while child[0] >= end:
            start, end, _ = next(families)
        yield child, (start, end)


def _places(document: Document, ruler: Ruler, most: int) -> Segments:
    return segments.find(document, lambda start, end: ruler.fits(start, end, most))
