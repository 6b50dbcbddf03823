"""How a question was read, for people and programs: what was mended, what else was looked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memctl.query import Filter, How, Searcher
    from memctl.query.syntax import Query


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it was read, and remarks on it; no ``query`` where nothing was searched for."""

    query: Query | None
    remarks: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Yield what to tell a person."""
        yield from self.remarks
        if self.query is not None:
            yield from _besides(self.query)

    def fields(self) -> dict[str, object]:
        """Return what to tell a program, without what is empty."""
        said: dict[str, object] = {}
        if self.query is not None:
            said["absent"] = list(self.query.absent)
            said["mended"] = dict(self.query.mended)
            said["beside"] = self.query.beside
        said["remarks"] = list(self.remarks)
        return {name: value for name, value in said.items() if value}


def understood(
    searcher: Searcher,
    question: str,
    how: How | None,
    *,
    filters: Sequence[Filter],
    found: bool,
    searched: bool = True,
) -> Understood:
    """Return how a question is read that is searched for in a way.

    ``found`` says whether there were hits; ``searched``, whether they are those of a search.
    """
    from memctl.query import How
    from memctl.query.remarks import remarks

    told = tuple(remarks(question, filters, searcher.store.catalog, found=found))
    return Understood(searcher.understood(question, how or How()) if searched else None, told)


def _besides(query: Query) -> Iterator[str]:
    """Yield what was looked for besides the question as it was written."""
    from memctl.ingest import folded

    if query.absent:
        quoted = ", ".join(f'"{each}"' for each in query.absent)
        yield f'No passage has {quoted} as written; looked for without quotes (+"…" demands it).'
    for word, meant in query.mended:
        how = "too" if word in folded(query.text) else "instead"
        yield f"No passage holds {word!r}; {meant!r} was looked for {how}."
    if query.beside:
        yield f"Also looked for: {query.beside}, of which it is computed."
