"""Build an index over the vectors of a store: assemble, tune, certify, commit."""

from __future__ import annotations

import re
import shutil
import time
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

import numpy as np

from memctl.index import manifest as manifests
from memctl.index.assembly import Assembly, anew, grown
from memctl.index.certify import Certified, certify
from memctl.index.choose import Wish, check
from memctl.index.errors import IndexDamagedError, IndexNotFoundError, TargetMissedError
from memctl.index.files import CODES, REFINE, ROWS, FileFact, fact_of, write_index
from memctl.index.known import note_built
from memctl.index.lexical.update import update_in
from memctl.index.manifest import Manifest
from memctl.index.memory import as_option, in_words, peak_mb
from memctl.index.progress import Progress, Silent
from memctl.index.sample import Rows, RowSource
from memctl.ingest import (
    Store,
    StoreError,
    UsageError,
    Vectors,
    extents,
    sync_folder,
    writing_to,
)
from memctl.ingest.amounts import counted

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a catalog will hold when the index serves: rows in use, sorted, of a ``total``."""

    rows: Rows
    total: int
    _: KW_ONLY
    revision: int


@dataclass(frozen=True, slots=True)
class Request:
    """What to build: ``wish`` is None for what was wished the last time, or else ``auto``.

    ``questions`` are vectors of real questions, float32 (n, dimension), to certify with.
    ``outlook`` is what to index in place of what the catalog holds now.

    Raises:
        UsageError: the parts of the wish do not go together.
    """

    name: str = manifests.DEFAULT
    wish: Wish | None = None
    _: KW_ONLY
    force: bool = False
    questions: Vectors | None = None
    outlook: Outlook | None = None

    def __post_init__(self) -> None:
        if self.wish is not None:
            check(self.wish)


def build(
    store: Path, request: Request | None = None, *, progress: Progress | None = None
) -> Manifest:
    """Index every chunk of the store, its words too, and return the manifest of what now serves.

    An index that is up to date stays as it is, unless ``force``. The old generation serves until
    the new one is whole, and goes on where that falls short of its target.

    Raises:
        StoreError: there is no store, it holds no chunks, or another process writes to it.
        UsageError: the name is not one for a folder, or the wish cannot be built.
        TargetMissedError: the recall, the latency or the memory that was wished for is missed.
    """
    asked = request or Request()
    if not _NAME.fullmatch(asked.name):
        raise UsageError(
            f"{asked.name!r} is no name for an index", hint="Use letters, digits, dots and hyphens."
        )
    with Store.open(store):  # a build makes no store
        pass
    with Store.write(store) as opened:
        update_in(opened)  # first: words are found also where vectors fall short of their target
        return build_in(opened, asked, progress=progress or Silent())


def build_in(store: Store, asked: Request, *, progress: Progress) -> Manifest:
    """Index every chunk of a store that is open for writing, by the vectors of its generation.

    Raises:
        StoreError, UsageError, TargetMissedError: as ``build`` does.
    """
    old = _served(store, asked, progress)
    wish = asked.wish or (old.wish if old else Wish())
    if old and not asked.force and _current(old, store, wish):
        return old
    progress.stage("comparing", 0)
    extents.check(store)
    made = _Builder(store, asked, wish, progress=progress).build(old)
    note_built(store, made.name)
    return made


def _served(store: Store, asked: Request, progress: Progress) -> Manifest | None:
    """Return the manifest that serves now; one that is damaged is as good as none."""
    try:
        return manifests.load(store.layout, asked.name)
    except IndexNotFoundError:
        return None
    except IndexDamagedError as error:
        how = "" if asked.wish else " as auto chooses, since its type is lost"
        progress.tell(f"built anew{how}: {error.message}")
        return None


def _current(old: Manifest, store: Store, wish: Wish) -> bool:
    same = (old.embedder, old.revision, old.wish)
    wanted = (store.fingerprint, store.catalog.revision, wish)
    return same == wanted and old.complete(store.layout.indexes / old.name)


def _seen(store: Store) -> Outlook:
    with store.catalog.snapshot():
        rows: Rows = np.fromiter(store.catalog.live_rows(), dtype=np.int64)
        return Outlook(rows, store.rows, revision=store.catalog.revision)


class _Builder:
    """One build, from the rows that it saw at its start."""

    def __init__(self, store: Store, asked: Request, wish: Wish, *, progress: Progress) -> None:
        seen = asked.outlook or _seen(store)
        if not seen.rows.size:
            raise StoreError(
                f"the store {store.layout.root} holds no chunks", hint="Run: memctl ingest FOLDER"
            )
        self._begun = time.perf_counter()
        self._rows, self._revision = seen.rows, seen.revision
        self._source = RowSource(store, seen.total)
        self._store = store
        self._asked = asked
        self._wish = wish
        self._progress = progress
        self._folder = store.layout.indexes / asked.name
        self._partial = self._folder / "building"

    def build(self, old: Manifest | None) -> Manifest:
        """Add to the old generation where that will do, or build a new one from the vectors."""
        with writing_to(self._store.layout.root):
            self._partial.mkdir(parents=True, exist_ok=True)
            made = self._grown(old)
            if made is not None:
                try:
                    return self._commit(made, self._certified(made), old=old)
                except TargetMissedError as error:
                    self._progress.tell(f"trained again: {error.message}")
            made = anew(
                self._wish,
                self._source,
                rows=self._rows,
                fingerprint=self._store.fingerprint,
                folder=self._partial,
                progress=self._progress,
            )
            return self._commit(made, self._certified(made), old=old)

    def _grown(self, old: Manifest | None) -> Assembly | None:
        if old is None or self._asked.force:
            return None
        if (old.wish, old.embedder) != (self._wish, self._store.fingerprint):
            return None
        return grown(
            old,
            self._source,
            rows=self._rows,
            folder=self._folder,
            progress=self._progress,
        )

    def _certified(self, made: Assembly) -> Certified:
        """Tune and measure; what falls short of the wish raises TargetMissedError."""
        return certify(
            made,
            self._source,
            live=self._rows,
            wish=self._wish,
            questions=self._asked.questions,
            progress=self._progress,
        )

    def _commit(self, made: Assembly, found: Certified, *, old: Manifest | None) -> Manifest:
        files = _write(made, self._partial)
        manifest = self._manifest(made, found, files=files, old=old)
        _check_memory(manifest)
        self._partial.rename(self._folder / manifest.folder)
        sync_folder(self._folder)
        manifest.write(self._folder)
        _sweep(self._folder, keep=manifest.folder)
        return manifest

    def _manifest(
        self,
        made: Assembly,
        found: Certified,
        *,
        files: dict[str, FileFact],
        old: Manifest | None,
    ) -> Manifest:
        return Manifest(
            self._asked.name,
            _next_generation(self._folder, old),
            spec=made.spec,
            wish=self._wish,
            effort=found.effort,
            embedder=self._store.fingerprint,
            dimension=self._source.dimension,
            vectors=len(made.rows),
            trained_on=made.trained_on,
            training=made.training,
            revision=self._revision,
            files=files,
            certificate=found.certificate,
            costs=manifests.Costs(
                round(made.training_seconds, 3),
                round(time.perf_counter() - self._begun, 3),
                peak_memory_mb=peak_mb(),
                latency_ms=found.latency_ms,
                latency_p95_ms=found.latency_p95_ms,
            ),
        )


def _check_memory(manifest: Manifest) -> None:
    """Refuse an index that is larger than ``choose`` could tell: FAISS's own words may be."""
    need, room = manifest.resident_bytes, manifest.wish.max_memory
    if room and need > room:
        raise TargetMissedError(
            f"{manifest.spec.base} of {counted(manifest.vectors, 'vector')} takes "
            f"{in_words(need)} of memory, more than the {in_words(room)} of --max-memory",
            hint=f"Give {as_option(need)}, or choose a --type.",
        )


def _write(made: Assembly, folder: Path) -> dict[str, FileFact]:
    """Write the files of a generation, and leave no others in the folder."""
    shutil.rmtree(folder)
    folder.mkdir()
    write_index(made.pair.base, folder / CODES)
    if made.pair.refine is not None:
        write_index(made.pair.refine, folder / REFINE)
    (folder / ROWS).write_bytes(made.rows.astype("<i8").tobytes())
    files = {file.name: fact_of(file) for file in sorted(folder.iterdir())}
    sync_folder(folder)
    return files


def _next_generation(folder: Path, old: Manifest | None) -> int:
    """Return a number that no folder has had: also not one whose manifest was lost."""
    found = [int(path.name[4:]) for path in folder.glob("gen-[0-9]*") if path.name[4:].isdigit()]
    return max([0, *found, old.generation if old else 0]) + 1


def _sweep(folder: Path, *, keep: str) -> None:
    """Remove the generations that no manifest names; an open one stays readable until closed."""
    for old in folder.glob("gen-*"):
        if old.name != keep:
            with suppress(PermissionError):  # held open, where the system minds that
                shutil.rmtree(old)
