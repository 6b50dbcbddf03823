"""A passage that was found."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from memctl.ingest import Chunk, PageStarts


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk at a rank, from 1. Of two scores the higher is the better one.

    ``ordinal`` is the chunk's number, from 1, in its document; ``sha256`` and ``pages`` are the
    document's as it was searched. ``stages`` holds the rank that each
    stage of the search gave, such as ``(("dense", 3),)``.
    """

    rank: int
    score: float
    _: KW_ONLY
    chunk: Chunk
    ordinal: int
    document_id: str
    title: str
    sha256: str
    pages: PageStarts = ()
    stages: tuple[tuple[str, int], ...] = ()

    @property
    def document(self) -> str:
        """The path of the document under the ingested root."""
        return self.chunk.document
