"""Extents: the rows that were written at once to a vector file, and the sha256 of their bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from memctl.ingest.catalog import Catalog
from memctl.ingest.errors import StoreError
from memctl.ingest.generations import Generation
from memctl.ingest.records import Extent
from memctl.ingest.vectors import VectorFile

_ROWS = 16_384  # an extent of rows that have none yet


class HasVectors(Protocol):
    """A store by one of its generations."""

    catalog: Catalog
    generation: Generation
    vectors: VectorFile

    @property
    def rows(self) -> int:
        """The number of committed rows of this generation."""
        ...


def cover(view: HasVectors) -> None:
    """Note extents for rows that have none: they were written by an older memctl."""
    made = digests(view, [(gap.first, gap.first + gap.count) for gap in uncovered(view)])
    if made:
        with view.catalog.transaction():
            view.catalog.put_extents(view.generation.number, made)


def digests(view: HasVectors, stretches: Sequence[tuple[int, int]]) -> list[Extent]:
    """Return extents of the rows from the first to the end of each stretch, as the file is now."""
    return [
        Extent(start, count, sha256=view.vectors.digest(start, start + count))
        for first, end in stretches
        for start in range(first, end, _ROWS)
        for count in (min(_ROWS, end - start),)
    ]


def uncovered(store: HasVectors) -> Iterator[Extent]:
    """Yield the gaps between the extents, up to the committed rows; their digests are empty."""
    reached = 0
    ends = Extent(store.rows, 0, sha256=b"")
    for each in [*store.catalog.extents(store.generation.number), ends]:
        if each.first > reached:
            yield Extent(reached, each.first - reached, sha256=b"")
        reached = max(reached, each.first + each.count)


def damaged(store: HasVectors) -> Iterator[Extent]:
    """Yield the extents whose rows are not what was written."""
    for each in store.catalog.extents(store.generation.number):
        if store.vectors.digest(each.first, each.first + each.count) != each.sha256:
            yield each


def check(store: HasVectors) -> None:
    """Read every row and compare it with what was written.

    Raises:
        StoreError: one is another.
    """
    for each in damaged(store):
        raise StoreError(
            f"{store.vectors.file} is damaged in rows {each.first} to "
            f"{each.first + each.count - 1}",
            hint="Run: memctl repair",
        )
