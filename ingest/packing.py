"""A store in one file: a zip of its texts, vectors and settings, with the sha256 of each.

Indexes are not in it. FAISS reads files that name other files, so one from elsewhere must never
be opened: they are built again from the vectors.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from memctl.ingest.durable import put, sync_folder
from memctl.ingest.errors import StoreError
from memctl.ingest.integrity import faults
from memctl.ingest.layout import Layout
from memctl.ingest.schema import FORMAT as CATALOG_FORMAT
from memctl.ingest.schema import READ_ALIKE
from memctl.ingest.seal import seal
from memctl.ingest.settings import load
from memctl.ingest.store import Store, writing_to

_FORMAT = 1
_MANIFEST = "manifest.json"
_LONGEST = 1 << 20  # bytes of a manifest
_NAMES = re.compile(r"catalog\.sqlite|memctl\.toml|synonyms\.txt|vectors-[0-9]{4}\.f16")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class _Member:
    sha256: str
    bytes: int


def pack(store: Store, file: Path, *, indexes: Mapping[str, Mapping[str, Any]]) -> int:
    """Write an open store into ``file``, and return how many bytes that are.

    ``indexes`` say how each index was wished for, to build it again.

    Raises:
        StoreError: it cannot be written.
    """
    partial = file.with_name(f"{file.name}.partial")
    with writing_to(file.parent), TemporaryDirectory(prefix="memctl-export-") as made:
        catalog = Path(made, "catalog.sqlite")
        store.catalog.copy_to(catalog)
        members: dict[str, _Member] = {}
        with ZipFile(partial, "w") as packed:
            for source, length in _sources(store, catalog):
                members[source.name] = _add(packed, source, length)
            manifest = {
                "format": _FORMAT,
                "catalog": CATALOG_FORMAT,
                "files": {name: asdict(each) for name, each in members.items()},
                "indexes": {name: dict(each) for name, each in indexes.items()},
            }
            packed.writestr(_MANIFEST, json.dumps(manifest, indent=2, sort_keys=True) + "\n")
        with partial.open("r+b") as stream:
            os.fsync(stream.fileno())
        partial.replace(file)
        sync_folder(file.parent)
    return file.stat().st_size


def unpack(file: Path, root: Path) -> dict[str, dict[str, Any]]:
    """Make a store at ``root`` of what was packed, checked, and return how its indexes were wished.

    What it has of readers is left out: they name code to run.

    Raises:
        StoreError: it is no such file, damaged, or its names lead elsewhere; or there is something
            at ``root``, or it cannot be written.
    """
    if not file.is_file():
        raise StoreError(f"there is no file {file}", hint="Name what memctl export wrote.")
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise StoreError(f"{root} is there already", hint="Name a new folder with --store.")
    partial = root.with_name(f"{root.name}.partial")
    with writing_to(root):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, mode=0o700)
    try:
        with _opened(file) as packed:
            manifest = _manifest(file, packed)
            for name, member in manifest["files"].items():
                with writing_to(root):
                    _extract(file, packed, name, partial / name, told=member)
        _settle(file, Layout(partial))
        with writing_to(root):
            partial.replace(root)
            sync_folder(root.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    indexes: dict[str, dict[str, Any]] = manifest["indexes"]
    return indexes


def _sources(store: Store, catalog: Path) -> Iterator[tuple[Path, int]]:
    yield catalog, catalog.stat().st_size
    for file in (store.layout.settings, store.layout.synonyms):
        if file.exists():
            yield file, file.stat().st_size
    beside = store.beside()
    for view in (store,) if beside is None else (store, beside):
        yield view.layout.vectors, view.rows * view.vectors.row_bytes


def _add(packed: ZipFile, source: Path, length: int) -> _Member:
    digest, left = hashlib.sha256(), length
    info = ZipInfo(source.name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = ZIP_STORED if source.suffix == ".f16" else ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    with source.open("rb") as old, packed.open(info, "w", force_zip64=True) as new:
        while left and (data := old.read(min(left, _BLOCK))):
            new.write(data)
            digest.update(data)
            left -= len(data)
    if left:
        raise OSError(f"{source} is cut")
    return _Member(digest.hexdigest(), length)


@contextmanager
def _opened(file: Path) -> Generator[ZipFile]:
    try:
        with ZipFile(file) as packed:
            yield packed
    except (OSError, BadZipFile, EOFError, NotImplementedError, zlib.error) as error:
        raise _bad(file, str(error)) from error


def _manifest(file: Path, packed: ZipFile) -> dict[str, Any]:
    names = packed.namelist()
    try:
        with packed.open(_MANIFEST) as stream:
            data = json.loads(stream.read(_LONGEST))
        if data["format"] > _FORMAT or data["catalog"] > CATALOG_FORMAT:
            raise StoreError(
                f"{file} was written by a newer memctl", hint="Use that one, or a newer one."
            )
        members = {name: _Member(**told) for name, told in data["files"].items()}
        indexes = {str(name): dict[str, Any](wish) for name, wish in data["indexes"].items()}
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise _bad(file, f"its manifest: {error!r}") from error
    if sorted(names) != sorted([*members, _MANIFEST]):
        raise _bad(file, "its files are not those of its manifest")
    if not all(_NAMES.fullmatch(name) for name in members) or "catalog.sqlite" not in members:
        raise _bad(file, "it has files that no store has, or lacks one")
    return {"files": members, "indexes": indexes}


def _extract(file: Path, packed: ZipFile, name: str, target: Path, *, told: _Member) -> None:
    with packed.open(name) as old, target.open("xb") as new:
        found = _copied(old, new, most=told.bytes)
        new.flush()
        os.fsync(new.fileno())
    if found != told:
        raise _bad(file, f"{name} is not what was written")


def _copied(old: IO[bytes], new: IO[bytes], *, most: int) -> _Member:
    """Copy one byte more at most than there should be, whatever is packed."""
    digest, size = hashlib.sha256(), 0
    while size <= most and (data := old.read(min(_BLOCK, most + 1 - size))):
        new.write(data)
        digest.update(data)
        size += len(data)
    return _Member(digest.hexdigest(), size)


def _settle(file: Path, layout: Layout) -> None:
    """Check what was unpacked as a store, and seal it."""
    with writing_to(layout.root):
        if layout.settings.exists():
            settings = load(layout.settings)
            if settings.readers:
                put(layout.settings, replace(settings, readers={}).to_toml())
        seal(layout)
    with closing(sqlite3.connect(f"{layout.catalog.resolve().as_uri()}?mode=ro", uri=True)) as db:
        try:
            version = db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
        except sqlite3.Error as error:
            raise _bad(file, str(error)) from error
    if version is None or version[0] not in READ_ALIKE:
        # The tables of an older one are not compared, and could do anything when it is opened.
        raise _bad(file, "its catalog is of another format")
    with Store.open(layout.root) as opened:
        for fault in faults(opened):
            raise _bad(file, f"{fault.where}: {fault.what}")


def _bad(file: Path, why: str) -> StoreError:
    return StoreError(
        f"{file} is no whole export of a store: {why}",
        hint="Write it again with: memctl export FILE",
    )
