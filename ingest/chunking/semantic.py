"""Breaking a text where its meaning turns, as the embedder of the store sees it.

Greg Kamradt's semantic chunking ("The 5 levels of text splitting for retrieval", 2023, level 4):
with unit vectors e(i) of neighbouring groups of sentences, the drop behind group i is
d(i) = 1 - e(i)·e(i+1), and a chunk ends where d(i) > P, the given percentile of all drops of the
document. The limit of tokens is added here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from memctl.ingest import tokens
from memctl.ingest.chunk import Chunk, sections_between
from memctl.ingest.chunking.labels import language_of
from memctl.ingest.chunking.rules import ChunkRules
from memctl.ingest.vectors import Vectors

_TOGETHER = 64  # pieces that are embedded in one call
Embed = Callable[[Sequence[str]], Vectors]
Drops = npt.NDArray[np.float32]


def joined(
    chunks: Sequence[Chunk], rules: ChunkRules, *, embed: Embed, language: str
) -> Sequence[Chunk]:
    """Join the pieces of a document, which is in ``language``, to chunks; no vector is kept.

    Only ``semantic`` cuts into pieces: the chunks of another method are returned as they are.
    ``embed`` embeds texts as parts of documents.

    Raises:
        EmbedderError: the embedder failed.
    """
    if rules.method != "semantic" or len(chunks) < 2:
        return chunks
    drops = _drops([chunk.text for chunk in chunks], embed)
    breaks = drops > np.percentile(drops, rules.percentile)
    made: list[Chunk] = []
    first = 0
    while first < len(chunks):
        end = _end(chunks, first, drops=drops, breaks=breaks, most=rules.max_tokens)
        made.append(_one(chunks[first:end], language))
        first = end
    return made


def _drops(texts: Sequence[str], embed: Embed) -> Drops:
    """Return how much the likeness drops behind each text but the last; memory is bounded."""
    drops: Drops = np.empty(len(texts) - 1, dtype=np.float32)
    last: Vectors | None = None
    for start in range(0, len(texts), _TOGETHER):
        vectors = embed(texts[start : start + _TOGETHER])
        row = vectors if last is None else np.concatenate((last, vectors))
        first = start - (last is not None)
        drops[first : first + len(row) - 1] = 1 - np.einsum("ij,ij->i", row[:-1], row[1:])
        last = vectors[-1:]
    return drops


def _end(
    chunks: Sequence[Chunk],
    first: int,
    *,
    drops: Drops,
    breaks: npt.NDArray[np.bool_],
    most: int,
) -> int:
    """Return the number of the piece before which the chunk that begins with ``first`` ends.

    That is the next break, or, where that is too far, the greatest drop in the second half.
    """
    end, filled, half = first + 1, chunks[first].tokens, 0
    while end < len(chunks) and not breaks[end - 1] and filled + chunks[end].tokens <= most:
        if not half and filled >= most / 2:
            half = end
        filled += chunks[end].tokens
        end += 1
    if end < len(chunks) and not breaks[end - 1] and half:
        end = half + int(np.argmax(drops[half - 1 : end]))
    # Where two pieces meet, the count of tokens is another than the sum, at most by a few.
    while end > first + 1 and tokens.count(_text(chunks[first:end])) > most:
        end -= 1
    return end


def _one(pieces: Sequence[Chunk], language: str) -> Chunk:
    if len(pieces) == 1:
        return pieces[0]
    text = _text(pieces)
    inked = next((piece for piece in pieces if not piece.text.isspace()), pieces[-1])
    return Chunk(
        pieces[0].document,
        pieces[0].start,
        end=pieces[-1].end,
        text=text,
        tokens=tokens.count(text),
        pages=tuple(sorted({page for piece in pieces for page in piece.pages})),
        headings=inked.headings,
        sections=sections_between(
            (piece.part for piece in pieces), pieces[0].start, pieces[-1].end
        ),
        language=language_of(text, language),
    )


def _text(pieces: Sequence[Chunk]) -> str:
    return "".join(piece.text for piece in pieces)
