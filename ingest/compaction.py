"""A store without what is no longer wanted: new vector files, put in place by one commit.

Rows keep their numbers; what no text uses is a hole in the new file, which takes no room where the
system can leave it out. The old files serve until the commit, and are removed after it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from memctl.ingest.beside import numbered, sweep
from memctl.ingest.durable import sync_folder
from memctl.ingest.extents import check, digests
from memctl.ingest.generations import NUMBERED, Generation, kept
from memctl.ingest.layout import Layout
from memctl.ingest.store import Store, writing_to

Rows = NDArray[np.int64]

# A fact of the catalog while bytes of removed texts may still be in some file of the store.
UNSWEPT = "unswept"
_BLOCK = 16_384  # rows


@dataclass(frozen=True, slots=True)
class Compaction:
    """Stores by the generations that are to be; ``rows`` are those that stay, sorted."""

    views: tuple[Store, ...]
    rows: Rows


def rows_without(store: Store, paths: Sequence[str]) -> Rows:
    """Return the rows in use, sorted, when the documents ``paths`` are gone."""
    return np.fromiter(store.catalog.rows_without(paths), dtype=np.int64)


def prepare(store: Store, rows: Rows) -> Compaction:
    """Write new vector files of these rows alone, for each generation.

    Raises:
        StoreError: they cannot be written, or the old ones are damaged.
    """
    sweep(store)
    beside = store.beside()
    old = (store,) if beside is None else (store, beside)
    for view in old:
        check(view)  # what is copied is taken for sound from here on
    first = numbered(store) + 1
    with store.catalog.transaction():
        store.catalog.put_facts({NUMBERED: str(first + len(old) - 1)})
    views = tuple(_view(view, first + place) for place, view in enumerate(old))
    with writing_to(store.layout.root):
        for was, view in zip(old, views, strict=True):
            _write(was, view, rows[rows < view.generation.rows])
        sync_folder(store.layout.root)
    return Compaction(views, rows)


def commit(store: Store, made: Compaction, *, remove: Iterable[str] = ()) -> None:
    """Have the new files serve, without the documents ``remove``; the old ones are removed."""
    catalog = store.catalog
    serving, beside = made.views[0].generation, [view.generation for view in made.views[1:]]
    with catalog.erasing(), catalog.transaction():
        catalog.forget_documents(remove)
        catalog.forget_unused(first=0)
        for generation in catalog.generations():
            if generation is not None:
                catalog.drop_generation(generation.number)
        for view in made.views:
            extents = digests(view, [(0, view.generation.rows)])
            catalog.put_extents(view.generation.number, extents)
        facts = {"generation": str(serving.number), UNSWEPT: "yes"}
        for each in beside:
            facts |= kept(each)
        catalog.put_facts(facts)
    sweep(store)


def swept(store: Store) -> None:
    """Say that no file of the store holds removed texts any more, and shrink the catalog."""
    with store.catalog.erasing():
        store.catalog.vacuum()
        with store.catalog.transaction():
            store.catalog.put_facts({UNSWEPT: ""})


def _view(old: Store, number: int) -> Store:
    generation: Generation = replace(old.generation, number=number, rows=old.rows)
    return Store(old.layout.root, catalog=old.catalog, settings=old.settings, generation=generation)


def _write(old: Store, new: Store, rows: Rows) -> None:
    mapped, width = old.vectors.map(old.rows), old.vectors.row_bytes
    file = Layout(new.layout.root, new.generation.number).vectors
    file.touch(mode=0o600)
    with file.open("wb") as stream:
        for start in range(0, len(rows), _BLOCK):
            part = rows[start : start + _BLOCK]
            ends = np.flatnonzero(np.diff(part) != 1) + 1  # of stretches without a hole
            for stretch in np.split(part, ends):
                stream.seek(int(stretch[0]) * width)
                stream.write(mapped[stretch[0] : stretch[-1] + 1].tobytes())
        stream.truncate(new.generation.rows * width)
        stream.flush()
        os.fsync(stream.fileno())
