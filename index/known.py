"""What indexes a store has: noted in its catalog, so that one that is gone is missed."""

from __future__ import annotations

import shutil

from memctl.ingest import Store

WORDS = ""  # the name of the index of words, one for all generations


def note_built(store: Store, name: str = WORDS) -> None:
    """Note that there is an index of this name."""
    fact = _fact(store, name)
    if fact not in store.catalog.facts():
        with store.catalog.transaction():
            store.catalog.put_facts({fact: "built"})


def drop_words(store: Store) -> None:
    """Remove the index of words of a store that holds no text any more.

    Raises:
        OSError: the system refused it.
    """
    with store.catalog.transaction():
        store.catalog.put_facts({_fact(store, WORDS): ""})
    if store.layout.lexical.exists():
        shutil.rmtree(store.layout.lexical)


def known(store: Store) -> set[str]:
    """Return the names of the indexes that were built for the generation of ``store``."""
    start = _fact(store, "x")[:-1]
    names = {fact[len(start) :] for fact in store.catalog.facts() if fact.startswith(start)}
    return names | ({WORDS} if _fact(store, WORDS) in store.catalog.facts() else set())


def _fact(store: Store, name: str) -> str:
    return f"index {store.generation.number}:{name}" if name else "index of words"
