"""What of the hits is shown to a model: as much as it can read, the best first and last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from memctl.ingest import pages_between, sentence_spans
from memctl.query.hit import Hit


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage with its number in the prompt; ``start`` is where it begins in its document."""

    n: int
    hit: Hit
    _: KW_ONLY
    start: int
    text: str

    @property
    def end(self) -> int:
        """Where it ends in its document."""
        return self.start + len(self.text)

    @property
    def pages(self) -> tuple[int, ...]:
        """The pages that it stands on."""
        return pages_between(self.hit.pages, self.start, self.end)


Counter = Callable[[str], int]


def numbered(hits: Sequence[Hit]) -> list[Passage]:
    """Return the passages of hits, numbered in their order, but for those that lie in another."""
    found: list[Passage] = []
    for hit in hits:
        passage = Passage(0, hit, start=hit.passage_start, text=hit.passage)
        if not any(_within(passage, other) for other in found):
            found.append(passage)
    return [replace(each, n=n) for n, each in enumerate(found, start=1)]


def packed(hits: Sequence[Hit], room: int, tokens: Counter) -> list[Passage]:
    """Return the passages that fit into ``room`` tokens, as ``tokens`` counts, the best ones first.

    Where the passage of a hit does not fit its chunk is tried, and of the very first at least its
    first sentences. Then they are put so that the best ones stand at the beginning and at the
    end, where models read best (Liu et al. 2023), and numbered as they stand.
    """
    taken: list[Passage] = []
    left = room
    for passage in numbered(hits):
        fitting = _fitting(passage, left, tokens, needed=not taken)
        if fitting is not None and not any(_within(fitting, other) for other in taken):
            taken.append(fitting)
            left -= tokens(fitting.text)
    order = [*taken[::2], *reversed(taken[1::2])]
    return [replace(each, n=n) for n, each in enumerate(order, start=1)]


def _fitting(passage: Passage, room: int, tokens: Counter, *, needed: bool) -> Passage | None:
    if tokens(passage.text) <= room:
        return passage
    chunk = passage.hit.chunk
    if tokens(chunk.text) <= room:
        return replace(passage, start=chunk.start, text=chunk.text)
    if not needed:
        return None
    return _begun(replace(passage, start=chunk.start, text=chunk.text), room, tokens)


def _begun(passage: Passage, room: int, tokens: Counter) -> Passage | None:
    """Return the first sentences of a passage that fit."""
    fitting = [end for _, end in sentence_spans(passage.text) if tokens(passage.text[:end]) <= room]
    return replace(passage, text=passage.text[: fitting[-1]]) if fitting else None


def _within(one: Passage, other: Passage) -> bool:
    return (
        one.hit.document == other.hit.document and other.start <= one.start and one.end <= other.end
    )
