"""Bring the lexical index up to the catalog: what is new goes in, what is gone goes out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from memctl.index.errors import IndexDamagedError, IndexNotFoundError
from memctl.index.known import note_built
from memctl.index.lexical import generation as generations
from memctl.index.lexical.analysis import VERSION
from memctl.index.lexical.engine import Engine
from memctl.index.lexical.generation import Held, LexicalManifest
from memctl.index.lexical.texts import analysed
from memctl.index.sample import Rows
from memctl.ingest import Layout, Store, writing_to

# Beyond this share of removed rows the index is written anew: their words leave the disk, and the
# frequencies that scores rest on are exact again.
_REMOVED = 0.1
_NO_ROWS: Rows = np.empty(0, dtype=np.int64)
_NOTHING = Held(_NO_ROWS, _NO_ROWS, spoken=_NO_ROWS)


def look(layout: Layout) -> LexicalManifest:
    """Return the manifest of a store's index of words; its files are not read.

    Raises:
        IndexNotFoundError: there is none yet.
        IndexDamagedError: it is not one, or another memctl made it.
    """
    return generations.load(layout.lexical)


def verify_words(store: Store) -> LexicalManifest:
    """Read every byte of the index of words and return its manifest.

    Raises:
        IndexNotFoundError: there is none yet.
        IndexDamagedError: a file is not what was written, or another memctl wrote it.
    """
    manifest = look(store.layout)
    generations.verified(store.layout.lexical, manifest, whole=True)
    return manifest


def update(store: Path, *, anew: bool = False) -> LexicalManifest:
    """Bring the lexical index of the store up to date and return its manifest.

    One that is up to date costs no more than a look. With ``anew`` it is written from the catalog's
    texts alone, so that no byte of a removed text stays in it.

    Raises:
        StoreError: there is no store, or another process writes to it.
    """
    with Store.open(store) as opened:  # an update makes no store
        if not anew and (served := _current(opened)) is not None:
            return served
    with Store.write(store) as opened:
        return update_in(opened, anew=anew)


def _current(store: Store) -> LexicalManifest | None:
    """Return the manifest that serves, if it is of the catalog as it is and no file is missing."""
    folder = store.layout.lexical
    with suppress(IndexNotFoundError, IndexDamagedError):
        manifest = generations.load(folder)
        current = (manifest.revision, manifest.analysis) == (store.catalog.revision, VERSION)
        if current and manifest.complete(folder):
            return manifest
    return None


def update_in(store: Store, *, anew: bool = False) -> LexicalManifest:
    """Bring the lexical index of a store that is open for writing up to date."""
    made = _updated(store, anew=anew)
    note_built(store)
    return made


def _updated(store: Store, *, anew: bool) -> LexicalManifest:
    folder = store.layout.lexical
    old = None if anew else _sound(folder)
    with store.catalog.snapshot():
        revision = store.catalog.revision
        if old is not None and old.revision == revision:
            return old
        live: Rows = np.fromiter(store.catalog.live_rows(), dtype=np.int64)
        held = _NOTHING if old is None else generations.read_held(folder, old)
        gone = np.setdiff1d(held.rows, live, assume_unique=True)
        if gone.size > _REMOVED * max(held.rows.size, 1):
            old, held, gone = None, _NOTHING, _NO_ROWS
        new = np.setdiff1d(live, held.rows, assume_unique=True)
        made = _Filling(store, held, new=new, gone=gone)
        with writing_to(store.layout.root):
            return generations.commit(folder, old, fill=made.fill, revision=revision)


def _sound(folder: Path) -> LexicalManifest | None:
    """Return the manifest that serves; none where it is damaged, or of a former analysis."""
    with suppress(IndexNotFoundError, IndexDamagedError):
        manifest = generations.load(folder)
        if manifest.analysis == VERSION:
            generations.verified(folder, manifest, whole=True)
            return manifest
    return None


class _Filling:
    """One change of a generation: from what is held to that without ``gone`` and with ``new``."""

    def __init__(self, store: Store, held: Held, *, new: Rows, gone: Rows) -> None:
        self._store = store
        self._anew = held is _NOTHING
        self._lengths = dict(zip(held.rows.tolist(), held.lengths.tolist(), strict=True))
        spoken = [held.languages[place] for place in held.spoken.tolist()]
        self._languages = dict(zip(held.rows.tolist(), spoken, strict=True))
        self._new = new
        self._gone = gone

    def fill(self, folder: Path) -> Held:
        """Change the files in ``folder`` and return what they hold."""
        engine = Engine(folder, create=self._anew)
        engine.write(self._texts(), removed=self._gone.tolist())
        for row in self._gone.tolist():
            del self._lengths[row], self._languages[row]
        rows = sorted(self._lengths)
        languages = sorted(set(self._languages.values()))
        return Held(
            np.array(rows, dtype=np.int64),
            np.array([self._lengths[row] for row in rows], dtype=np.int64),
            spoken=np.array(
                [languages.index(self._languages[row]) for row in rows], dtype=np.int64
            ),
            languages=tuple(languages),
        )

    def _texts(self) -> Iterator[tuple[int, list[str], list[str]]]:
        for text in analysed(self._store, self._new):
            self._languages[text.row] = text.language
            self._lengths[text.row] = len(text.terms)
            yield text.row, text.terms, text.surfaces
