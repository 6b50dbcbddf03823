"""Embed what a generation lacks: commit after commit, so that a run that was killed goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice, takewhile

import numpy as np

from memctl.ingest.batches import Batches, Sent
from memctl.ingest.embedders import Embedder
from memctl.ingest.errors import StoreError
from memctl.ingest.forecast import embedding_seconds
from memctl.ingest.generations import kept
from memctl.ingest.records import Extent
from memctl.ingest.store import Store, writing_to
from memctl.ingest.writer import embedding_text

_BATCH = 32  # texts a call of the embedder
_SECONDS = 0.25  # between commits at least
_SHARE = 20  # and so many times as long as a commit takes


def fill(view: Store, embedder: Embedder, *, advance: Callable[[int], None]) -> int:
    """Embed the texts whose vectors ``view`` lacks, and return how many there were.

    What is made is committed on the way; after an error or an interruption, all that is made.

    Raises:
        StoreError: the vectors of ``view`` are another embedder's, or it cannot be written.
        EmbedderError: the embedder failed.
    """
    refuse_other(view, embedder)
    first = view.rows
    if first == view.catalog.rows:
        return 0
    with view.catalog.transaction():
        # A row that no chunk uses is passed over: its text is gone. No document may use it again.
        view.catalog.forget_unused(first=first)
    return _Filling(view, advance).fill(embedder, first=first)


def refuse_other(view: Store, embedder: Embedder) -> None:
    """Refuse an embedder whose vectors must not stand beside those of ``view``.

    Raises:
        StoreError: it is another one, or another version.
    """
    if embedder.fingerprint != view.fingerprint:
        raise StoreError(
            f"{view.layout.vectors.name} is of {view.fingerprint}, here is {embedder.fingerprint}",
            hint="Run: memctl index migrate --discard",
        )


def seconds_to_fill(store: Store, embedder: Embedder, *, first: int) -> float | None:
    """Return about how long ``embedder`` takes for the texts from the row ``first`` on.

    None where nothing is to be sent to a provider only to see how long it takes.
    """
    tried = list(islice(store.catalog.chunks_from(first), _BATCH))
    return embedding_seconds(
        embedder,
        [embedding_text(each.chunk, each.title) for each in tried],
        sample_tokens=sum(each.chunk.tokens for each in tried),
        tokens=store.catalog.used_from(first)[1],
    )


class _Filling:
    """One run that fills a generation: vectors are written and synced, then committed."""

    def __init__(self, view: Store, advance: Callable[[int], None]) -> None:
        self._view = view
        self._advance = advance
        self._sent: list[Sent[int]] = []
        self._committed_at = time.monotonic()
        self._pause = _SECONDS
        self._total = view.catalog.rows
        self.embedded = 0

    def fill(self, embedder: Embedder, *, first: int) -> int:
        """Embed from the row ``first`` on, and return how many texts there were."""
        with Batches(embedder) as batches:
            try:
                for rows, texts in _batches(self._view, first):
                    self._sent.append(Sent(rows, batches.put(texts)))
                    due = time.monotonic() - self._committed_at >= self._pause
                    if due or any(each.bad() for each in self._sent):
                        self._commit(list(takewhile(Sent.done, self._sent)))
                self._commit(self._sent, whole=True)
            except BaseException:
                batches.stop()
                self._commit(list(takewhile(Sent.good, self._sent)))
                raise
        return self.embedded

    def _commit(self, made: Sequence[Sent[int]], *, whole: bool = False) -> None:
        """Commit the first batches, waiting for their vectors; ``whole`` says that they are all.

        How far the last commit came is asked of the catalog: an interruption may have kept this
        object from noting it.
        """
        begun = time.monotonic()
        vectors = [each.vectors.result() for each in made]
        before = self._view.rows
        new = [at for at, each in enumerate(made) if each.marks[-1] >= before]
        lines = list(chain.from_iterable(made[at].marks for at in new))
        if lines or whole:
            total = self._total if whole else lines[-1] + 1
            width = self._view.vectors.dimension
            block = np.concatenate([np.empty((0, width), np.float32), *(vectors[at] for at in new)])
            with writing_to(self._view.layout.root):
                sha256 = self._view.vectors.put(block, lines, committed=before, total=total)
            self._advance_catalog(Extent(before, total - before, sha256=sha256))
        self.embedded += len(lines)
        self._sent = self._sent[len(made) :]
        self._committed_at = time.monotonic()
        self._pause = max(_SECONDS, _SHARE * (self._committed_at - begun))
        self._advance(len(lines))

    def _advance_catalog(self, written: Extent) -> None:
        catalog = self._view.catalog
        with catalog.transaction():
            _, beside = catalog.generations()
            if beside is None or beside.number != self._view.generation.number:
                raise ValueError(f"generation {self._view.generation.number} is not kept")
            catalog.put_facts(kept(replace(beside, rows=written.first + written.count)))
            if written.count:
                catalog.put_extents(beside.number, [written])


def _batches(view: Store, first: int) -> Iterator[tuple[list[int], list[str]]]:
    rows: list[int] = []
    texts: list[str] = []
    for stored in view.catalog.chunks_from(first):
        rows.append(stored.row)
        texts.append(embedding_text(stored.chunk, stored.title))
        if len(rows) == _BATCH:
            yield rows, texts
            rows, texts = [], []
    if rows:
        yield rows, texts
