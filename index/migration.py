"""From one embedder to another, and back: a shadow is built beside what serves, then they change.

The shadow has the same rows as the corpus, so that no document, chunk or row number is touched: to
change is one commit of the catalog, and whoever reads meanwhile reads the one or the other.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path

from memctl.index import manifest as manifests
from memctl.index.choose import choose
from memctl.index.comparison import Comparison, Exam, ask, compare
from memctl.index.errors import ShadowError
from memctl.index.judged import Judged, named
from memctl.index.progress import Progress, Silent
from memctl.index.shadow import check_length, check_vectors, filled, index_names, indexed, writing
from memctl.ingest import Embedder, Store, UsageError
from memctl.ingest.beside import begin
from memctl.ingest.embedders import get
from memctl.ingest.generations import Generation
from memctl.ingest.refill import refuse_other, seconds_to_fill


@dataclass(frozen=True, slots=True)
class Migration:
    """A shadow that is whole: what it is, what was done for it now, and what it changes."""

    shadow: Generation
    indexes: tuple[str, ...]
    _: KW_ONLY
    embedded: int
    seconds: float
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a migration would do: ``texts`` to embed, ``tokens`` in them, and bytes to write.

    ``seconds`` and ``vector_bytes`` are None where a provider would have to be asked.
    """

    embedder: str
    texts: int
    _: KW_ONLY
    tokens: int
    seconds: float | None
    vector_bytes: int | None


def migrate(
    store: Path,
    embedder: str = "",
    *,
    questions: Sequence[Judged] = (),
    progress: Progress | None = None,
) -> Migration:
    """Embed every chunk with ``embedder`` beside what serves, index that, and compare the two.

    It goes on with a shadow that was begun; only then the name may be left out. What serves stays
    as it is.

    Raises:
        UsageError: there is no name, or no document that the questions name.
        EmbedderError: there is no such embedder, or it failed.
        StoreError: there is no store, it holds no chunks, or another process writes to it.
        IndexNotFoundError: the store has no index that could be compared.
        ShadowError: the embedder is the store's, or another generation is in the way.
        TargetMissedError: an index falls short with the new vectors; what was embedded is kept.
    """
    shown = progress or Silent()
    with writing(store) as opened:
        names = index_names(opened)
        chosen = _chosen(opened, embedder)
        _check_wishes(opened, names, dimension=chosen.dimension)
        exam = _exam(opened, chosen, questions)
        shadow = opened.beside() or begin(opened, chosen)
        begun = time.monotonic()
        embedded = filled(shadow, chosen, shown)
        seconds = time.monotonic() - begun
        check_vectors(shadow)
        indexes = indexed(opened, shadow, shown)
        shown.stage("comparing", 0)
        return Migration(
            replace(shadow.generation, rows=shadow.rows),
            indexes,
            embedded=embedded,
            seconds=seconds,
            comparison=compare(opened, shadow, index=names[0], exam=exam),
        )


def forecast(store: Path, embedder: str = "") -> Forecast:
    """Say what ``migrate`` would have to do; a few texts are embedded to take the time.

    Raises:
        UsageError, EmbedderError, StoreError, IndexNotFoundError, ShadowError: as ``migrate``.
    """
    with Store.open(store) as opened:
        index_names(opened)
        shadow = opened.beside()
        chosen = _chosen(opened, embedder)
        first = 0 if shadow is None else shadow.rows
        texts, tokens = opened.catalog.used_from(first)
        seconds = seconds_to_fill(opened, chosen, first=first)
        width = None if seconds is None else chosen.dimension
        width = shadow.vectors.dimension if shadow is not None else width
        return Forecast(
            chosen.name,
            texts,
            tokens=tokens,
            seconds=seconds,
            vector_bytes=None if width is None else (opened.rows - first) * width * 2,
        )


def _chosen(store: Store, name: str) -> Embedder:
    """Return the embedder of a shadow, begun or to be begun; nothing is sent to it."""
    beside = store.beside()
    if beside is not None and beside.generation.state == "previous":
        before = beside.generation.embedder
        if name == before:
            raise ShadowError(f"{before!r} served before", hint="Run: memctl index rollback")
        raise ShadowError(
            f"{before!r} is kept to roll back to, and has to be dropped first",
            hint="Run: memctl index migrate --discard",
        )
    if beside is None:
        return _other(store, name)
    began = beside.generation.embedder
    if name and get(name).name != began:
        raise ShadowError(
            f"a shadow by {began!r} is there; leave out --embedder to go on with it, or drop it",
            hint="Run: memctl index migrate --discard",
        )
    embedder = get(began, dimension=beside.vectors.dimension, fingerprint=beside.fingerprint)
    refuse_other(beside, embedder)
    check_length(beside)
    return embedder


def _other(store: Store, name: str) -> Embedder:
    """Return the embedder ``name`` unless its vectors are those that the store has."""
    if not name:
        raise UsageError("no shadow was begun", hint="Run: memctl index migrate --embedder NAME")
    embedder = get(name)
    if embedder.fingerprint == store.fingerprint:
        raise ShadowError(
            f"the store is embedded with {embedder.name!r} as it is",
            hint="Name another one; this lists them: memctl embedders",
        )
    return embedder


def _exam(store: Store, new: Embedder, questions: Sequence[Judged]) -> Exam | None:
    """Embed the questions with both, before hours go into the corpus."""
    if not questions:
        return None
    gold = frozenset[str]().union(*(question.gold for question in questions))
    held, unknown = named(store.catalog.document_names(), gold)
    if gold and not held:
        raise UsageError(
            f"no document that the questions name is in the store: {min(gold)!r} is not",
            hint="Name documents as this does: memctl list",
        )
    old = ask(store.embedder(), questions)
    return Exam(questions, old, new=ask(new, questions), names=held, unknown=unknown)


def _check_wishes(store: Store, names: Sequence[str], *, dimension: int) -> None:
    """Refuse what cannot be built of the new vectors before they are made.

    Raises:
        UsageError: a wish does not go with the dimension.
    """
    count, _ = store.catalog.used_from(0)
    for name in names:
        try:
            choose(manifests.load(store.layout, name).wish, count=count, dimension=dimension)
        except UsageError as error:
            raise UsageError(
                f"the index {name!r} cannot be built of {dimension} dimensions: {error.message}",
                hint=f"Build it otherwise first, by memctl index build --name {name}. {error.hint}",
            ) from error
