"""Whether the indexes of a store are what was built: every byte, and against the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from memctl.index import manifest as manifests
from memctl.index.dense import verify
from memctl.index.errors import IndexDamagedError, IndexNotFoundError
from memctl.index.known import WORDS, known
from memctl.index.lexical.update import verify_words
from memctl.ingest import Store
from memctl.ingest.integrity import Fault

_REPAIR = "Run: memctl repair"


@dataclass(frozen=True, slots=True)
class IndexFault:
    """An index that is not what was built; ``name`` is empty for the one of words."""

    view: Store
    name: str
    fault: Fault


def faults(store: Store) -> Iterator[IndexFault]:
    """Yield the indexes, of both generations, that are damaged or gone."""
    beside = store.beside()
    for view in (store,) if beside is None else (store, beside):
        for name in sorted(known(view) - {WORDS} | set(manifests.names(view.layout))):
            try:
                verify(view, name)
            except (IndexDamagedError, IndexNotFoundError) as error:
                yield IndexFault(view, name, Fault(f"index {name}", error.message, _REPAIR))
    try:
        verify_words(store)
    except (IndexDamagedError, IndexNotFoundError) as error:
        if WORDS in known(store) or isinstance(error, IndexDamagedError):
            yield IndexFault(store, WORDS, Fault("index of words", error.message, _REPAIR))
