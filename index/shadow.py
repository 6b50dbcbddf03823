"""What a generation beside the one that serves needs: vectors for every text, and its indexes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from memctl.index import manifest as manifests
from memctl.index.build import Request, build_in
from memctl.index.dense import verify
from memctl.index.errors import (
    IndexDamagedError,
    IndexNotFoundError,
    ShadowError,
    TargetMissedError,
)
from memctl.index.progress import Progress
from memctl.index.sample import Rows, RowSource
from memctl.ingest import Embedder, Store, StoreError
from memctl.ingest.beside import sweep
from memctl.ingest.embedders import get
from memctl.ingest.refill import fill


@contextmanager
def writing(store: Path) -> Generator[Store]:
    """Open a store that is there for writing, free of what a killed command left."""
    with Store.open(store):  # none is made
        pass
    with Store.write(store) as opened:
        sweep(opened)
        yield opened


def index_names(store: Store) -> list[str]:
    """Return the names of the indexes, the default one first.

    Raises:
        IndexNotFoundError: there is none.
    """
    names = manifests.names(store.layout)
    if not names:
        raise IndexNotFoundError(f"no index in {store.layout.root}", hint="Run: memctl index build")
    return sorted(names, key=lambda name: (name != manifests.DEFAULT, name))


def caught_up(view: Store, progress: Progress) -> int:
    """Embed what ``view`` lacks; where that is nothing, its embedder need not be there."""
    if view.rows == view.catalog.rows:
        return 0
    generation = view.generation
    known, dimension = generation.fingerprint, generation.dimension
    embedder = get(generation.embedder, dimension=dimension, fingerprint=known)
    return filled(view, embedder, progress)


def filled(view: Store, embedder: Embedder, progress: Progress) -> int:
    """Embed what ``view`` lacks, and return how many texts there were."""
    progress.stage("embedding", view.catalog.used_from(view.rows)[0])
    return fill(view, embedder, advance=progress.advance)


def indexed(serving: Store, view: Store, progress: Progress) -> tuple[str, ...]:
    """Build each index of the one that serves for ``view`` too, and bring its own up to date."""
    own = set(manifests.names(view.layout))
    names = sorted(own | set(manifests.names(serving.layout)))
    for name in names:
        keeps = view.generation.state == "previous" and name in own
        wish = None if keeps else manifests.load(serving.layout, name).wish
        try:
            _build(view, Request(name, wish), progress)
        except TargetMissedError as error:
            raise TargetMissedError(
                f"the index {name!r} by {view.generation.embedder!r}: {error.message}",
                hint="What was embedded is kept. Ask less of the index that serves, then migrate "
                f"again. {error.hint}",
            ) from error
    return tuple(names)


def check_length(view: Store) -> None:
    """Compare the length of the vector file with what was committed.

    Raises:
        ShadowError: it is shorter, or not there.
    """
    with _discardable():
        view.check_vectors()


def check_vectors(view: Store) -> None:
    """Read every vector in use.

    Raises:
        ShadowError: one is no unit vector.
    """
    live: Rows = np.fromiter(view.catalog.live_rows(), dtype=np.int64)
    with _discardable():
        for _ in RowSource(view, view.rows).blocks(live):
            pass


@contextmanager
def _discardable() -> Generator[None]:
    """Tell of damage that costs no more than the embedding."""
    try:
        yield
    except StoreError as error:
        raise ShadowError(
            f"{error.message}; drop it, then migrate again",
            hint="Run: memctl index migrate --discard",
        ) from error


def _build(view: Store, asked: Request, progress: Progress) -> None:
    build_in(view, asked, progress=progress)
    try:
        verify(view, asked.name)
    except IndexDamagedError:  # it is made of the vectors, so it can be made again
        build_in(view, replace(asked, force=True), progress=progress)
