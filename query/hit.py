"""A passage that was found."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace

from memctl.ingest import Catalog, Chunk, PageStarts, Sections, StoredChunk


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage of a search said of a hit, such as ``Stage("dense", 3, score=0.87)``.

    ``rank`` counts from 1; None means that the stage scored the hit but did not find it itself.
    """

    name: str
    rank: int | None
    _: KW_ONLY
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk at a rank, from 1. Of two scores the higher is the better one; NaN is none.

    ``ordinal`` is the chunk's number, from 1, in its document; ``sha256`` and ``pages`` are the
    document's as it was searched. ``context`` is the text of the chunk's context, empty where that
    is no larger than the chunk; ``sections`` are those that begin in the passage. ``row`` is that
    of its vector; equal texts share one. ``stages`` holds what each stage of the search said of it,
    the first stage first; ``alike`` the places of passages that say nearly the same, where it
    stands for them.

    Raises:
        ValueError: the context is not as long as the chunk says.
    """

    rank: int
    score: float
    _: KW_ONLY
    chunk: Chunk
    ordinal: int
    document_id: str
    title: str
    sha256: str
    row: int = -1
    pages: PageStarts = ()
    context: str = ""
    sections: Sections = ()
    stages: tuple[Stage, ...] = ()
    alike: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        start, end = self.chunk.context
        if self.context and len(self.context) != end - start:
            raise ValueError(f"context {start}:{end} holds {len(self.context)} characters")

    @property
    def document(self) -> str:
        """The path of the document under the ingested root."""
        return self.chunk.document

    @property
    def place(self) -> str:
        """The document and the number of the chunk in it, as in ``notes.md 3``."""
        return f"{self.chunk.document} {self.ordinal}"

    @property
    def passage(self) -> str:
        """The text to answer from: the context of the chunk, or else the chunk itself."""
        return self.context or self.chunk.text

    @property
    def passage_start(self) -> int:
        """Where the passage begins in the document's text."""
        return self.chunk.context[0] if self.context else self.chunk.start


def hit_of(stored: StoredChunk, rank: int, score: float, *, stages: tuple[Stage, ...] = ()) -> Hit:
    """Return a chunk of the catalog as a hit, with no more to read than the chunk."""
    return Hit(
        rank,
        score,
        chunk=stored.chunk,
        ordinal=stored.ordinal,
        document_id=stored.document_id,
        title=stored.title,
        sha256=stored.sha256,
        row=stored.row,
        pages=stored.pages,
        sections=stored.chunk.sections,
        stages=stages,
    )


def in_context(hit: Hit, catalog: Catalog) -> Hit:
    """Return a hit with the context of its chunk to read, if that is larger than the chunk."""
    start, end = span = hit.chunk.context
    if span == (hit.chunk.start, hit.chunk.end):
        return hit
    text = catalog.text_between(hit.document, start, end)
    return replace(hit, context=text, sections=catalog.sections_between(hit.document, start, end))
