"""Snapshots: a store as it was, kept below it under a name, sharing what does not change.

A snapshot is itself a store that is only read. To restore one, a mark is put in place, which is the
commit: from then on readers are given the snapshot, and the next writer first makes the store like
it, however often it is killed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import KW_ONLY, asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from memctl.ingest.durable import put_checked, read_checked, sync_folder
from memctl.ingest.errors import StoreError, UsageError
from memctl.ingest.layout import Layout
from memctl.ingest.lock import writing
from memctl.ingest.restoring import finish, mark
from memctl.ingest.sharing import copy, share, share_tree
from memctl.ingest.store import Store, writing_to

_FORMAT = 1
_NAME = re.compile(r"[\w](?:[\w.-]{0,62}\w)?")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a snapshot says of itself; ``made`` is a time with its zone."""

    name: str
    made: str
    _: KW_ONLY
    documents: int
    chunks: int
    embedder: str


def create(root: Path, name: str = "") -> Snapshot:
    """Keep the store as it is under ``name``, or under the time.

    Raises:
        UsageError: the name is none for a folder, or taken.
        StoreError: there is no store, it cannot be written, or another process writes to it.
    """
    with Store.open(root):  # none is made
        pass
    with Store.write(root) as store:
        return _create(store, name)


def folders(root: Path) -> list[Path]:
    """Return the folders of the snapshots of a store, by name, whole ones or not."""
    return sorted(
        folder for folder in Layout(root).snapshots.glob("*") if not folder.name.startswith(".")
    )


def snapshots(root: Path) -> list[Snapshot]:
    """Return the snapshots of a store, the oldest first; what is no whole snapshot is left out."""
    found: list[Snapshot] = []
    for folder in folders(root):
        with suppress(StoreError):
            found.append(_load(folder))
    return sorted(found, key=lambda each: (datetime.fromisoformat(each.made), each.name))


def check(folder: Path) -> None:
    """Look whether a snapshot says of itself what was written.

    Raises:
        StoreError: it does not.
    """
    _load(folder)


def folder_of(root: Path, name: str) -> Path:
    """Return the folder of a snapshot.

    Raises:
        UsageError: there is none of that name.
    """
    folder = Layout(root).snapshots / name
    if not _NAME.fullmatch(name) or not Layout(folder).snapshot.is_file():
        names = ", ".join(each.name for each in snapshots(root))
        raise UsageError(
            f"no snapshot {name!r} in {root}",
            hint=f"There are: {names}." if names else "Run: memctl snapshot create",
        )
    return folder


def restore(root: Path, name: str, *, keep: bool = True) -> Snapshot | None:
    """Make the store what it was, and return the snapshot of what it was until now.

    Raises:
        UsageError: there is none of that name.
        StoreError: it cannot be written, or another process writes to it.
    """
    kept, layout = None, Layout(root)
    with Store.write(root, unchecked=True) as store:
        folder = folder_of(root, name)
        if keep:
            kept = _create(store, _free(root, f"before-{name}"))
        with writing_to(root):
            mark(layout, folder.name)  # from here on it is restored, by whoever writes next
    with writing(layout.lock), writing_to(root):
        finish(layout)
    return kept


def drop(root: Path, name: str) -> None:
    """Remove a snapshot.

    Raises:
        UsageError: there is none of that name.
        StoreError: it cannot be written, or another process writes to the store.
    """
    with Store.write(root, unchecked=True), writing_to(root):
        folder = folder_of(root, name)
        gone = folder.with_name(f".{name}.gone")
        shutil.rmtree(gone, ignore_errors=True)
        folder.rename(gone)
        sync_folder(folder.parent)
        shutil.rmtree(gone)


def _free(root: Path, name: str) -> str:
    taken, number = {each.name for each in snapshots(root)}, 2
    free = name[:60]
    while free in taken:
        free, number = f"{name[:60]}-{number}", number + 1
    return free


def _create(store: Store, name: str) -> Snapshot:
    root, now = store.layout.root, datetime.now(UTC).astimezone()
    name = name or _free(root, now.strftime("%Y-%m-%d.%H%M%S"))
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for a snapshot", hint="Use letters, digits, dots and hyphens."
        )
    folder = store.layout.snapshots / name
    if folder.exists():
        raise UsageError(
            f"there is a snapshot {name!r} already",
            hint=f"Choose another name, or: memctl snapshot drop {name}",
        )
    counts = store.catalog.counts()
    made = Snapshot(
        name,
        now.isoformat(timespec="seconds"),
        documents=counts.documents,
        chunks=counts.chunks,
        embedder=store.generation.embedder,
    )
    with writing_to(root):
        partial = folder.with_name(f".{name}.new")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, mode=0o700)
        _fill(store.layout, Layout(partial))
        put_checked(Layout(partial).snapshot, {"format": _FORMAT, **asdict(made)})
        sync_folder(partial)
        partial.rename(folder)
        sync_folder(folder.parent)
        sync_folder(root)
    return made


def _fill(old: Layout, new: Layout) -> None:
    """Put all of a store into an empty folder; the catalog is not being written to."""
    for file in (old.settings, old.synonyms, old.catalog, old.seal):
        if file.exists():
            copy(file, new.root / file.name)
    for file in old.root.glob("vectors-*.f16"):
        share(file, new.root / file.name)
    for folder in _trees(old):
        share_tree(folder, new.root / folder.name)


def _trees(layout: Layout) -> Iterator[Path]:
    yield from layout.root.glob("indexes*")
    if layout.lexical.exists():
        yield layout.lexical


def _load(folder: Path) -> Snapshot:
    try:
        data = read_checked(Layout(folder).snapshot, since=_FORMAT, newest=_FORMAT)
        if data.pop("format") != _FORMAT:
            raise StoreError(f"{folder} was made by a newer memctl", hint="Use that one.")
        return Snapshot(**data)
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(f"{folder} is no whole snapshot: {error}") from error
