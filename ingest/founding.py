"""A new store: its folder, its settings, an empty catalog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from memctl.ingest.catalog import Catalog
from memctl.ingest.durable import put, sync_folder
from memctl.ingest.embedders import get
from memctl.ingest.errors import StoreError
from memctl.ingest.layout import Layout
from memctl.ingest.seal import seal
from memctl.ingest.settings import EmbedderChoice, Settings, load


def make_folder(root: Path) -> None:
    """Make the folder of a new store.

    Raises:
        StoreError: there is something else in it.
        OSError: the system refused it.
    """
    if root.exists() and (not root.is_dir() or any(_foreign(root))):
        raise StoreError(
            f"{root} is not a memctl store, and not empty",
            hint="Choose another --store.",
        )
    root.mkdir(parents=True, exist_ok=True, mode=0o700)


def _foreign(root: Path) -> Iterator[Path]:
    """Yield what a first ingest that was killed cannot have left."""
    layout = Layout(root)
    settings = {layout.settings, layout.settings.with_suffix(".new")}
    seals = {layout.seal, layout.seal.with_suffix(".new")}
    own = {
        layout.lock,
        layout.holder,
        layout.vectors,
        layout.memories,
        *seals,
        *settings,
        *_partial(layout),
    }
    return (entry for entry in root.iterdir() if entry not in own)


def _partial(layout: Layout) -> tuple[Path, Path]:
    """Return the catalog before its rename, and SQLite's journal of it."""
    partial = layout.catalog.with_suffix(".partial")
    return partial, partial.with_name(partial.name + "-journal")


def create(layout: Layout, embedder: str | None) -> None:
    """Write an empty store; its catalog is renamed into place last, as the commit point."""
    if layout.settings.exists():
        chosen = get(embedder or load(layout.settings).embedder.name)
    else:
        chosen = get(embedder or EmbedderChoice().name)
    # A model that has to be asked for its dimension, and is not there, leaves no settings behind.
    fingerprint, dimension = chosen.fingerprint, chosen.dimension
    if not layout.settings.exists():
        settings = Settings(embedder=EmbedderChoice(chosen.name))
        put(layout.settings, settings.to_toml())
    layout.vectors.touch(mode=0o600)
    for leftover in _partial(layout):
        leftover.unlink(missing_ok=True)
    partial = _partial(layout)[0]
    Catalog.create(
        partial,
        embedder=chosen.name,
        fingerprint=fingerprint,
        dimension=dimension,
    ).close()
    seal(layout, catalog=partial)
    partial.replace(layout.catalog)
    sync_folder(layout.root)
