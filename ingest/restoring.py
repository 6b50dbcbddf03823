"""Make a store like one of its snapshots: a mark in it commits, the rest can be repeated."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from memctl.ingest.catalog import Catalog
from memctl.ingest.durable import put_checked, read_checked, sync_folder
from memctl.ingest.errors import StoreError
from memctl.ingest.layout import Layout
from memctl.ingest.sharing import copy, share, share_tree
from memctl.ingest.vectors import VectorFile

_FORMAT = 1


def mark(layout: Layout, name: str) -> None:
    """Commit to restoring the snapshot ``name``.

    Raises:
        OSError: the system refused it.
    """
    put_checked(layout.restoring, {"format": _FORMAT, "name": name})


def serving(layout: Layout) -> Layout:
    """Return where to read: the store itself, or the snapshot that it is being made like.

    Raises:
        StoreError: the mark is damaged.
    """
    return _marked(layout) if layout.restoring.exists() else layout


def finish(layout: Layout) -> None:
    """Make the store like the snapshot that is marked, if one is; the lock is held.

    Raises:
        OSError: the system refused it; the next writer goes on.
        StoreError: the mark or the snapshot is damaged.
    """
    if not layout.restoring.exists():
        return
    source = _marked(layout)
    kept: set[str] = set()
    with closing(Catalog.open(source.catalog)) as catalog:
        for generation in catalog.generations():
            if generation is not None:
                old = Layout(source.root, generation.number)
                width = VectorFile(old.vectors, generation.dimension).row_bytes
                kept.add(_vectors(old.vectors, layout.root, generation.rows * width))
    for folder in [*source.root.glob("indexes*"), *source.root.glob("lexical")]:
        share_tree(folder, layout.root / folder.name)
        kept.add(folder.name)
    layout.journal.unlink(missing_ok=True)  # of a catalog that is replaced
    for file in (source.settings, source.synonyms, source.seal, source.catalog):
        if file.exists():
            partial = layout.root / f"{file.name}.new"
            copy(file, partial)
            partial.replace(layout.root / file.name)
            kept.add(file.name)
    _remove_others(layout, kept)
    sync_folder(layout.root)
    layout.restoring.unlink()
    sync_folder(layout.root)


def _vectors(old: Path, root: Path, length: int) -> str:
    """Put a vector file in place: its own copy where it has grown since the snapshot was made.

    An append cuts what lies past the committed rows, and that is somebody else's.
    """
    new = root / old.name
    if old.stat().st_size == length:
        share(old, new)
    else:
        partial = new.with_name(f"{new.name}.new")
        copy(old, partial, length=length)
        partial.replace(new)
    return new.name


def _remove_others(layout: Layout, kept: set[str]) -> None:
    """Remove vectors, indexes and synonyms that the snapshot does not have."""
    for pattern in ("vectors-*.f16", "indexes*", layout.lexical.name, layout.synonyms.name):
        for entry in layout.root.glob(pattern):
            if entry.name in kept:
                continue
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def _marked(layout: Layout) -> Layout:
    try:
        data = read_checked(layout.restoring, since=_FORMAT, newest=_FORMAT)
        found = Layout(layout.snapshots / str(data["name"]))
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(
            f"{layout.restoring} cannot be read: {error}",
            hint="Remove that file, then restore the snapshot again.",
        ) from error
    if not found.snapshot.is_file() or found.root.parent != layout.snapshots:
        raise StoreError(
            f"{layout.restoring} names a snapshot that is not there",
            hint="Remove that file, then restore another snapshot.",
        )
    return found
