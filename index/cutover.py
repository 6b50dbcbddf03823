"""Put one embedder in the place of another, back again, or drop it: one commit each."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from memctl.index.errors import ShadowError, TargetMissedError
from memctl.index.progress import Progress, Silent
from memctl.index.shadow import (
    caught_up,
    check_length,
    check_vectors,
    index_names,
    indexed,
    writing,
)
from memctl.ingest import Store
from memctl.ingest.beside import drop, exchange
from memctl.ingest.generations import Generation, State

_NEXT = "Run: memctl index migrate --embedder NAME"


@dataclass(frozen=True, slots=True)
class Cutover:
    """What serves now, what it took the place of, and how many texts were embedded for it."""

    serving: Generation
    before: Generation
    _: KW_ONLY
    embedded: int


def accept(store: Path, *, progress: Progress | None = None) -> Cutover:
    """Have the shadow serve; what was ingested since it was built is embedded first.

    What served is kept, to roll back to.

    Raises:
        ShadowError: there is no shadow, or it is damaged.
        StoreError, EmbedderError, TargetMissedError: as ``migrate``; the old one serves on.
    """
    shown = progress or Silent()
    with writing(store) as opened:
        shadow = _beside(opened, "shadow", "there is no shadow to accept", hint=_NEXT)
        index_names(opened)
        embedded = caught_up(shadow, shown)
        check_vectors(shadow)
        indexed(opened, shadow, shown)
        exchange(opened, shadow)
        return _cutover(opened, embedded)


def rollback(store: Path, *, progress: Progress | None = None) -> Cutover:
    """Have the embedder before serve again; what was ingested since is embedded with it first.

    The one that is called back is kept as a shadow. Where nothing was ingested since, all files are
    as they were.

    Raises:
        ShadowError: there is no embedder to go back to.
        StoreError, EmbedderError: what was ingested since cannot be embedded with it.
    """
    shown = progress or Silent()
    with writing(store) as opened:
        before = _beside(opened, "previous", "there is nothing to roll back to")
        embedded = caught_up(before, shown)
        check_vectors(before)
        try:
            indexed(opened, before, shown)
        except TargetMissedError as error:  # who wants to go back is not to be held up by it
            shown.tell(f"an index stays behind the corpus: {error.message}")
        exchange(opened, before)
        return _cutover(opened, embedded)


def discard(store: Path) -> Generation:
    """Remove the generation beside the one that serves, and return what it was.

    Raises:
        ShadowError: there is none.
    """
    with writing(store) as opened:
        beside = opened.beside()
        if beside is None:
            raise ShadowError("there is nothing to discard")
        drop(opened)
        return beside.generation


def _beside(store: Store, state: State, message: str, *, hint: str = "") -> Store:
    beside = store.beside()
    if beside is None or beside.generation.state != state:
        raise ShadowError(message, hint=hint)
    check_length(beside)
    return beside


def _cutover(store: Store, embedded: int) -> Cutover:
    serving, before = store.catalog.generations()
    if before is None:
        raise ValueError("nothing was kept")
    return Cutover(serving, before, embedded=embedded)
