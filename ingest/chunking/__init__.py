"""Cutting documents into chunks that fit a token limit, by one of several methods.

All of them keep the same laws. A chunk's text is its span of the document's and fits the limit.
Without overlap the chunks tile the text, with it they cover it in order; white space belongs to
the chunk before it. No character is parted from its marks. Pages, headings and language are those
of the span.
"""

from __future__ import annotations

from collections.abc import Iterable

from memctl.ingest import segments
from memctl.ingest.chunk import Chunk
from memctl.ingest.chunking import context
from memctl.ingest.chunking.cutter import Cutter
from memctl.ingest.chunking.labels import Labels
from memctl.ingest.chunking.ruler import Ruler
from memctl.ingest.chunking.rules import METHODS, ChunkRules
from memctl.ingest.chunking.semantic import joined
from memctl.ingest.chunking.structure import Structure
from memctl.ingest.chunking.windows import Windows
from memctl.ingest.document import Document

__all__ = ["METHODS", "ChunkRules", "cut", "joined"]


def cut(document: Document, rules: ChunkRules) -> list[Chunk]:
    """Cut ``document`` into chunks of at most ``rules.max_tokens``.

    A document that is white space alone has no chunks. By ``structure`` a chunk is white space
    alone only where a run of it does not fit beside a character. A heading begins a chunk when
    the one before is a quarter full, and a page when it is half full; neither a heading nor what
    stands between them ends a chunk. A table or a piece of code is cut only where it does not fit,
    with the heading above it, and then between lines. By ``semantic`` these are only the pieces
    that ``joined`` makes chunks of: that takes an embedder, and this needs none.
    """
    if not document.text.strip():
        return []
    labels = Labels(document)
    return [labels.chunk(*span, within) for span, within in _cuts(document, rules)]


def _cuts(document: Document, rules: ChunkRules) -> Iterable[tuple[context.Cut, context.Span]]:
    """Return start, end and tokens of each chunk, and the span of its context."""
    ruler, most = Ruler(document.text), rules.max_tokens
    if rules.method == "sentences":
        small = list(context.sentences(document, ruler, most, least=rules.sentence_tokens))
        return zip(small, context.around(small, ruler, most, window=rules.window), strict=True)
    if rules.method == "semantic":
        pieces = context.sentences(document, ruler, most, least=rules.sentence_tokens)
        return (((start, end, count), (start, end)) for start, end, count in pieces)
    cutter: Cutter
    if rules.method == "tokens":
        cutter = Windows(ruler, most, overlap=rules.overlap_tokens)
    else:
        places = segments.find(document, lambda start, end: ruler.fits(start, end, most))
        cutter = Structure(ruler, most, places=places, overlap=rules.overlap_tokens)
    if rules.method == "parents":
        return context.children(document, ruler, list(cutter.cuts()), most=rules.child_tokens)
    return (((start, end, count), (start, end)) for start, end, count in cutter.cuts())
