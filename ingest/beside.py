"""A generation beside the one that serves: begun, exchanged, dropped.

Each step needs the writer's lock, and is one commit of the catalog: a process that is killed leaves
what serves whole.
"""

from __future__ import annotations

import shutil
from contextlib import suppress

from memctl.ingest.durable import sync_folder
from memctl.ingest.embedders import Embedder
from memctl.ingest.generations import BESIDE, NUMBERED, Generation, exchanged, kept
from memctl.ingest.layout import Layout
from memctl.ingest.settingslines import renamed
from memctl.ingest.store import Store, settle, writing_to


def begin(store: Store, embedder: Embedder) -> Store:
    """Begin a shadow: the vectors of ``embedder``, of which there are none yet.

    Raises:
        StoreError: its files cannot be made.
    """
    number = numbered(store) + 1
    shadow = Generation(
        number,
        embedder.name,
        fingerprint=embedder.fingerprint,
        dimension=embedder.dimension,
        rows=0,
    )
    root = store.layout.root
    with writing_to(root):
        Layout(root, number).vectors.touch(mode=0o600)
        sync_folder(root)
    with store.catalog.transaction():
        store.catalog.put_facts({NUMBERED: str(number), **kept(shadow)})
    return Store(root, catalog=store.catalog, settings=store.settings, generation=shadow)


def exchange(store: Store, beside: Store) -> None:
    """Have ``beside`` serve in place of ``store``, in one commit; then change the settings.

    Raises:
        SettingsError: their embedder cannot be changed safely; nothing has happened.
    """
    layout, catalog = store.layout, store.catalog
    if layout.settings.exists():
        renamed(layout.settings, beside.generation.embedder)  # or it raises, before the commit
    with catalog.transaction():
        serving, other = catalog.generations()
        if other is None or other.number != beside.generation.number:
            raise ValueError(f"generation {beside.generation.number} is not kept")
        catalog.put_facts(exchanged(serving, other))
    settle(layout, catalog)


def drop(store: Store) -> None:
    """Forget the generation beside the one that serves, then remove its files."""
    with store.catalog.transaction():
        _, beside = store.catalog.generations()
        if beside is not None:
            store.catalog.drop_generation(beside.number)
        store.catalog.put_facts({BESIDE: ""})
    sweep(store)


def sweep(store: Store) -> None:
    """Remove the files of generations that the catalog does not know: a drop was killed."""
    known = {each.number for each in store.catalog.generations() if each is not None}
    for number in range(1, numbered(store) + 1):
        if number not in known:
            layout = Layout(store.layout.root, number)
            with suppress(PermissionError):  # held open, where the system minds that
                layout.vectors.unlink(missing_ok=True)
                if layout.indexes.exists():
                    shutil.rmtree(layout.indexes)


def numbered(store: Store) -> int:
    """Return the last number that a generation was given."""
    return int(store.catalog.facts().get(NUMBERED, "1"))
