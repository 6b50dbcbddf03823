"""Forget documents: their texts, vectors, postings, and what was learned from them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path

from memctl.index import manifest as manifests
from memctl.index import proof
from memctl.index.build import Outlook, Request, build_in
from memctl.index.choose import Wish
from memctl.index.errors import IndexDamagedError, IndexNotFoundError, TargetMissedError
from memctl.index.known import drop_words, note_built
from memctl.index.lexical.update import update_in
from memctl.index.progress import Progress, Silent
from memctl.ingest import MemctlError, Store, UsageError, writing_to
from memctl.ingest.beside import sweep
from memctl.ingest.compaction import UNSWEPT, Compaction, commit, prepare, rows_without, swept
from memctl.ingest.garbage import bytes_on_disk, forget_asked, sweep_leftovers
from memctl.ingest.receipts import Receipt, write_receipt
from memctl.ingest.records import DocumentRecord
from memctl.ingest.sharing import share_tree
from memctl.ingest.snapshots import folder_of, snapshots


class NotForgottenError(MemctlError):
    """Something of what was forgotten is still in the store."""


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What is gone. ``files`` are still where they were ingested from, by their full paths.

    ``snapshots`` still hold some of it.
    """

    receipt: Receipt
    documents: tuple[str, ...]
    _: KW_ONLY
    files: tuple[str, ...]
    indexes: tuple[str, ...]
    snapshots: tuple[str, ...]


def forget(
    root: Path, paths: Sequence[str], *, prove: bool = False, progress: Progress | None = None
) -> Forgetting:
    """Remove the documents ``paths`` for good.

    They are gone from every search by one commit, before which nothing has changed. With ``prove``
    every file of the store is searched for them at the end.

    Raises:
        StoreError: there is no store, it cannot be written, or another process writes to it.
        UsageError: none of them is there.
        NotForgottenError: with ``prove``, something was found.
    """
    shown = progress or Silent()
    with Store.open(root):  # none is made
        pass
    with Store.write(root) as store:
        found = _taken_down(store, sorted(set(paths)))
        if not found.records:
            raise UsageError(f"nothing to forget in {root}", hint="Run: memctl list")
        paths = [each.path for each in found.records]
        rows = rows_without(store, paths)
        gone = sorted(set(found.rows) - set(rows.tolist()))
        sought = proof.gather(store, found.texts, gone) if prove else None
        made = prepare(store, rows)
        indexes = _built(store, made, removed=len(paths), progress=shown)
        commit(store, made, remove=paths)
        return _finish(
            store.current(),
            found,
            gone=len(gone),
            indexes=indexes,
            sought=sought,
            progress=shown,
        )


def compact(root: Path, *, progress: Progress | None = None) -> None:
    """Write the vectors anew without the rows that no text uses; indexes stay as they are.

    Raises:
        StoreError: there is no store, it cannot be written, or another process writes to it.
    """
    with Store.write(root) as store:
        made = prepare(store, rows_without(store, ()))
        _shared(store, made)
        commit(store, made)
        _sweep(store.current(), progress or Silent())


@dataclass(frozen=True, slots=True)
class Collection:
    """Vector rows that no text used, and the bytes that the disk has more of."""

    unused: int
    freed: int


def collect(root: Path, *, dry_run: bool = False) -> Collection:
    """Free what no generation and no snapshot holds.

    Raises:
        StoreError: there is no store, it cannot be written, or another process writes to it.
    """
    with Store.open(root) as store:
        unused, unswept = store.catalog.unused_rows, is_unswept(store)
    if dry_run:
        return Collection(unused, 0)
    before = bytes_on_disk(root)
    if unused or unswept:
        compact(root)
    else:
        with Store.write(root) as store, writing_to(root):
            sweep(store)
            sweep_leftovers(store.layout)
            store.catalog.vacuum()
    return Collection(unused, max(before - bytes_on_disk(root), 0))


def _sweep(store: Store, progress: Progress) -> None:
    """Remove what may be left of removed texts after a commit: words, free pages, old files."""
    progress.stage("sweeping", 0)
    with writing_to(store.layout.root):
        if store.catalog.chunks_known:
            update_in(store, anew=True)
        else:
            drop_words(store)
        sweep_leftovers(store.layout)
        swept(store)


def is_unswept(store: Store) -> bool:
    """Tell whether something of removed texts may still be in a file: a forget was killed."""
    return UNSWEPT in store.catalog.facts()


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of the documents before they are gone."""

    records: tuple[DocumentRecord, ...]
    texts: tuple[str, ...]
    _: KW_ONLY
    rows: tuple[int, ...]
    keys: tuple[bytes, ...]
    chunks: int
    files: tuple[str, ...]


def _taken_down(store: Store, paths: Sequence[str]) -> _Found:
    catalog = store.catalog
    records = [found for path in paths if (found := catalog.document(path)) is not None]
    chunks = [chunk for path in paths for chunk in catalog.chunks_of(path)]
    files = [file for each in records if (file := catalog.file(each.file)) is not None]
    return _Found(
        tuple(records),
        tuple(catalog.text_between(each.path, 0, each.characters) for each in records),
        rows=tuple(chunk.row for chunk in chunks),
        keys=tuple(catalog.keys_of([chunk.row for chunk in chunks])),
        chunks=len(chunks),
        files=tuple(sorted({str(Path(file.root, file.path)) for file in files})),
    )


def _built(store: Store, made: Compaction, *, removed: int, progress: Progress) -> tuple[str, ...]:
    """Build the indexes of the generations that are to be, from nothing: no centroid is kept."""
    beside = store.beside()
    old = (store,) if beside is None else (store, beside)
    revision, names = store.catalog.revision + removed, []
    for was, view in zip(old, made.views, strict=True):
        total = view.generation.rows
        rows = made.rows[made.rows < total]
        for name in manifests.names(was.layout) if rows.size else []:
            outlook = Outlook(rows, total, revision=revision)
            wish = Wish()
            with suppress(IndexDamagedError, IndexNotFoundError):
                wish = manifests.load(was.layout, name).wish
            request = Request(name, wish, force=True, outlook=outlook)
            try:
                build_in(view, request, progress=progress)
            except (TargetMissedError, UsageError) as error:
                # Too few are left for its type, or it falls short: what is to go goes all the same.
                progress.tell(f"the index {name} is exact from now on: {error.message}")
                build_in(view, replace(request, wish=Wish("flat")), progress=progress)
            names.append(name)
    return tuple(names)


def _shared(store: Store, made: Compaction) -> None:
    beside = store.beside()
    old = (store,) if beside is None else (store, beside)
    with writing_to(store.layout.root):
        for was, view in zip(old, made.views, strict=True):
            if was.layout.indexes.exists():
                share_tree(was.layout.indexes, view.layout.indexes)
            for name in manifests.names(view.layout):
                note_built(view, name)


def _finish(
    store: Store,
    found: _Found,
    *,
    gone: int,
    indexes: Sequence[str],
    sought: proof.Forgotten | None,
    progress: Progress,
) -> Forgetting:
    """Sweep out what is left, prove it if that is asked for, and write the receipt."""
    _sweep(store, progress)
    with writing_to(store.layout.root):
        forget_asked(store, found.texts)
    paths, read = [each.path for each in found.records], 0
    if sought is not None:
        progress.stage("proving", 0)
        read, left = proof.search(store, sought)
        if left:
            raise NotForgottenError(
                f"something of it is still in {', '.join(sorted(set(left)))}",
                hint="Run: memctl repair, then: memctl gc",
            )
    holding = tuple(_holding(store.layout.root, paths, found.keys))
    with writing_to(store.layout.root):
        receipt = write_receipt(
            store, paths, chunks=found.chunks, vectors=gone, proved=read, snapshots=holding
        )
    return Forgetting(
        receipt,
        tuple(paths),
        files=tuple(file for file in found.files if Path(file).exists()),
        indexes=tuple(indexes),
        snapshots=holding,
    )


def _holding(root: Path, paths: Sequence[str], keys: Sequence[bytes]) -> list[str]:
    """Return the snapshots that have one of the documents, or the vector of one of its texts."""
    held: list[str] = []
    for each in snapshots(root):
        with Store.open(folder_of(root, each.name), unchecked=True) as kept:
            catalog = kept.catalog
            if any(catalog.document(path) is not None for path in paths) or any(
                catalog.row_of(key) is not None for key in keys
            ):
                held.append(each.name)
    return held
