"""A store in one file and out of it again, with its indexes built anew."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from memctl.index import manifest as manifests
from memctl.index.build import Request, build_in
from memctl.index.choose import Wish
from memctl.index.errors import IndexDamagedError
from memctl.index.lexical.update import update_in
from memctl.index.progress import Progress, Silent
from memctl.ingest import Store, StoreError, UsageError
from memctl.ingest.packing import pack, unpack


def export_store(root: Path, file: Path, *, force: bool = False) -> int:
    """Write the store at ``root`` into one file, and return how many bytes that are.

    Raises:
        StoreError: there is no store, or the file cannot be written.
        UsageError: the file is there already, unless ``force``.
    """
    if file.exists() and not force:
        raise UsageError(f"{file} is there already", hint="Name another file, or give --force.")
    with Store.open(root) as store:
        wishes: dict[str, dict[str, object]] = {}
        for name in manifests.names(store.layout):
            with suppress(IndexDamagedError):
                wishes[name] = asdict(manifests.load(store.layout, name).wish)
        return pack(store, file, indexes=wishes)


def import_store(file: Path, root: Path, *, progress: Progress | None = None) -> tuple[str, ...]:
    """Make a store at ``root`` of an export, and return the names of the indexes that were built.

    Raises:
        StoreError: the file is no whole export, or there is something at ``root``.
        UsageError, TargetMissedError: the store is there, but an index cannot be built as it was.
    """
    shown, wishes = progress or Silent(), unpack(file, root)
    with Store.write(root) as store:
        if not store.catalog.chunks_known:
            return ()
        update_in(store)
        for name, told in wishes.items():
            build_in(store, Request(name, _wish(file, told)), progress=shown)
    return tuple(wishes)


def _wish(file: Path, told: dict[str, object]) -> Wish:
    try:
        return Wish(**told)  # type: ignore[arg-type]  # from JSON: what is wrong is told below
    except TypeError as error:
        raise StoreError(
            f"{file} asks for an index that is none: {error}", hint="Run: memctl index build"
        ) from error
