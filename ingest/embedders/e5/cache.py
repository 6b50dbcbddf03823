"""Files that are built once and kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from memctl.ingest.errors import EmbedderError
from memctl.ingest.layout import CACHE_VARIABLE as VARIABLE
from memctl.ingest.layout import cache_folder

_MANIFEST = "manifest.json"
_PRIVATE = 0o700
_LOG = logging.getLogger(__name__)

Files = Mapping[str, bytes]


def root() -> Path:
    """Return the folder that holds what was built."""
    return cache_folder() / "embedders"


def obtained(name: str, make: Callable[[], Files], *, without: Collection[str] = ()) -> Path:
    """Return the folder of ``name``, each byte in it checked; ``make`` builds what is not sound.

    Files that are named in ``without`` are not wanted now, and not looked at. Processes that find
    nothing wait for the one that builds. Where the system has no locks each builds for itself,
    and the last rename stands. That it is built, which takes a while, is logged as INFO.

    Raises:
        EmbedderError: the cache folder cannot be written, or it is not the user's own.
    """
    folder = root() / name
    if sound(folder, without=without):
        return folder
    _LOG.info("building the model, once: about ten seconds")
    from filelock import FileLock

    try:
        _private(folder.parent)
        with FileLock(folder.parent / f"{name}.lock"):
            if not sound(folder, without=without):
                _write(folder, make())
    except OSError as error:
        raise EmbedderError(
            f"cannot write the cache folder {folder.parent}: {error.strerror or error}",
            hint=f"Set {VARIABLE} to a folder of your own.",
        ) from error
    return folder


def sound(folder: Path, *, without: Collection[str] = ()) -> bool:
    """Whether all files are in ``folder``, and what was written there is in the wanted ones.

    Raises:
        EmbedderError: the folder above is someone else's, or a link.
    """
    if not folder.parent.exists():
        return False
    _check(folder.parent)
    try:
        expected = dict(json.loads((folder / _MANIFEST).read_bytes()))
        return bool(expected) and all(
            name in without or _digest(folder / name) == sha256 for name, sha256 in expected.items()
        )
    except (OSError, TypeError, ValueError):
        return False


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _private(folder: Path) -> None:
    """Make ``folder`` so that nobody else can read or write it."""
    folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    _check(folder)
    if stat.S_IMODE(folder.stat().st_mode) != _PRIVATE:
        folder.chmod(_PRIVATE)


def _check(folder: Path) -> None:
    """Refuse a folder that another user could have put there."""
    found = folder.lstat()
    owner = getattr(os, "getuid", lambda: found.st_uid)()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == owner:
        return
    raise EmbedderError(
        f"the cache folder {folder} is a link, no folder, or belongs to another user",
        hint=f"Remove it, or set {VARIABLE} to a folder of your own.",
    )


def _write(folder: Path, files: Files) -> None:
    """Put ``files`` in the place of ``folder``, all or nothing."""
    made = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        for name, content in files.items():
            _synced(made / name, content)
        manifest = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        _synced(made / _MANIFEST, json.dumps(manifest, indent=1).encode())
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _synced(file: Path, content: bytes) -> None:
    with file.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
