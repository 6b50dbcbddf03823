"""What brings a document into a search: what a person would do is tried, and told with its rank."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from memctl.query.how import How
from memctl.query.legs import Mode
from memctl.query.syntax import Query

_WIDER = (200, 500)  # candidates that are tried
_READ = 50  # hits that a person looks through at most
_LEGS: tuple[Mode, ...] = ("lexical", "dense")


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something that brings the document in: what to write, and its rank then."""

    words: str
    rank: int


@dataclass(frozen=True, slots=True)
class Trials:
    """A search in which a document is not among the first ``k``.

    ``rank`` searches in another way, and returns the document's rank, or None.
    """

    query: Query
    how: How
    _: KW_ONLY
    k: int
    rank: Callable[[Query, How], int | None]

    def remedies(self, place: int | None, telling: Sequence[str]) -> Iterator[Remedy]:
        """Yield what brings the document in, which stands at ``place`` now.

        ``telling`` are words of its passage that the question lacks.
        """
        if place is not None and place <= _READ:
            yield Remedy(f"-k {place}", place)
        if place is None:
            yield from self._wider()
        if self.how.mode == "hybrid":
            for mode in _LEGS:
                rank = self.rank(self.query, replace(self.how, mode=mode))
                if rank is not None and rank <= self.k:
                    yield Remedy(f"--mode {mode}", rank)
        if telling:
            asked = replace(self.query, text=" ".join((self.query.text, *telling)), meant="")
            rank = self.rank(asked, self.how)
            if rank is not None and rank <= self.k:
                yield Remedy(f"{', '.join(telling)} in the question", rank)

    def _wider(self) -> Iterator[Remedy]:
        """Yield the first number of candidates that brings it among those that are looked at."""
        for candidates in _WIDER:
            rank = self.rank(self.query, replace(self.how, candidates=candidates))
            if rank is not None and rank <= _READ:
                yield Remedy(f"--candidates {candidates} -k {max(rank, self.k)}", rank)
                return
