"""Whether this machine is fit for memctl and for a store: packages, models, room, limits."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from memctl.ingest.compaction import UNSWEPT
from memctl.ingest.embedders.listing import listings
from memctl.ingest.errors import StoreError
from memctl.ingest.layout import CACHE_VARIABLE, Layout, cache_folder
from memctl.ingest.store import Store

_PACKAGES = ("faiss-cpu", "tantivy", "onnxruntime", "pypdf", "llama-index-core")
_LITTLE = 1 << 30  # bytes of room below which something is said
_FEW_FILES = 256
_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph", "glusterfs"}
_MOUNTS = Path("/proc/mounts")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``advice`` is empty where it is well."""

    name: str
    found: str
    advice: str = ""


def look(store: Path) -> list[Check]:
    """Look at the machine, and at where the store is or would be."""
    return [*_packages(), *_models(), *_room(store), *_limits(), *_place(store)]


def _packages() -> Iterator[Check]:
    yield Check("python", sys.version.split()[0])
    for name in _PACKAGES:
        try:
            yield Check(name, version(name))
        except PackageNotFoundError:
            yield Check(name, "missing", "Run: pip install --force-reinstall memctl-rag")


def _models() -> Iterator[Check]:
    """Yield the built-in model, and where models are kept."""
    for each in listings():
        if each.form == "e5-small":
            found = "ready" if each.ready else "missing"
            yield Check("model e5-small", found, each.missing)
    cache = cache_folder()
    if not _writable(cache):
        yield Check("cache", str(cache), f"Set {CACHE_VARIABLE} to a folder of your own.")


def _room(store: Path) -> Iterator[Check]:
    for name, folder in (("room for the store", store), ("room for the cache", cache_folder())):
        free = shutil.disk_usage(_existing(folder)).free
        advice = (
            "Make room: a store takes about as much as its documents." if free < _LITTLE else ""
        )
        yield Check(name, f"{free / 1e9:,.1f} GB", advice)


def _limits() -> Iterator[Check]:
    if os.name == "nt":
        return
    import resource

    size, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if size != resource.RLIM_INFINITY:
        yield Check("size of a file", f"{size / 1e6:,.0f} MB at most", "Run: ulimit -f unlimited")
    memory, _ = resource.getrlimit(resource.RLIMIT_AS)
    if memory != resource.RLIM_INFINITY:
        yield Check("memory", f"{memory / 1e6:,.0f} MB at most", "Run: ulimit -v unlimited")
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = files != resource.RLIM_INFINITY and files < _FEW_FILES
    yield Check("open files", f"{files:,}", "Run: ulimit -n 1024" if few else "")


def _place(store: Path) -> Iterator[Check]:
    kind = _filesystem(_existing(store))
    if kind:
        network = kind in _NETWORK
        advice = "Locks may not hold there: let one machine at a time write." if network else ""
        yield Check("file system", kind, advice)
    layout = Layout(store)
    if not layout.catalog.exists():
        return
    if not _writable(store):
        yield Check("store", "read only", "It can be asked, and nothing can be added.")
    if layout.restoring.exists():
        yield Check("snapshot", "half restored", "The next command that writes goes on with it.")
    with suppress(StoreError), Store.open(store) as opened:
        if UNSWEPT in opened.catalog.facts():
            yield Check("forgotten", "not swept out yet: a command was killed", "Run: memctl gc")


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest above it that is there."""
    folder = folder.absolute()
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    return folder


def _writable(folder: Path) -> bool:
    return os.access(_existing(folder), os.W_OK)


def _filesystem(folder: Path) -> str:
    """Return the kind of file system that a folder is on, where Linux says it."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    path, best = folder.resolve(), ("", "")
    for line in lines:
        _, mount, kind, *_ = line.split(" ")
        mount = mount.replace("\\040", " ")
        if path.is_relative_to(mount) and len(mount) >= len(best[0]):
            best = mount, kind
    return best[1]
