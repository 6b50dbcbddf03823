"""A folder of the process's own with links to files that are only read, gone with the process."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

_PREFIX, _LOCK = "memctl-words-", ".lock"


class View:
    """Links to the files of a folder, and copies of its lists of them, in a folder for temporaries.

    Beside it stands a lock that is held as long as the view is, by the kernel's knowledge: where
    nobody holds it, the process that made the view was killed, and the next one removes it.

    Raises:
        OSError: the system has no links for that, or no room.
    """

    def __init__(self, folder: Path) -> None:
        from filelock import FileLock

        _sweep()
        self.folder = Path(tempfile.gettempdir(), f"{_PREFIX}{secrets.token_hex(8)}")
        self._lock = FileLock(_lock_of(self.folder), thread_local=False)
        self._lock.acquire(timeout=0)  # before there is a folder that another could take for dead
        try:
            self.folder.mkdir(mode=0o700)
            _link(folder, self.folder)
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        """Remove the view, and let go of its lock."""
        _removed(self.folder)
        self._lock.release()
        _lock_of(self.folder).unlink(missing_ok=True)


def _link(folder: Path, view: Path) -> None:
    for file in folder.iterdir():
        if file.suffix == ".json":
            shutil.copyfile(file, view / file.name)
        elif file.suffix != _LOCK:
            (view / file.name).symlink_to(file.resolve())


def _sweep() -> None:
    """Remove the views of processes that are gone; what is another user's is left to them."""
    from filelock import FileLock, Timeout

    for view in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        file = _lock_of(view)
        # A view has its lock before it is there, so that one without a lock is none of ours.
        with suppress(OSError, Timeout):
            if view.suffix == _LOCK or not _is_own(view) or not file.is_file():
                continue
            with FileLock(file, timeout=0, thread_local=False):
                _removed(view)
            file.unlink(missing_ok=True)  # not before: what is open stays, where a system minds


def _is_own(view: Path) -> bool:
    facts = view.lstat()
    return view.is_dir() and not view.is_symlink() and facts.st_uid == _user()


def _user() -> int:
    """Return the number of the user; Windows has none, and says 0 of every file."""
    get: Callable[[], Any] = getattr(os, "getuid", int)
    return int(get())


def _removed(view: Path) -> None:
    """Remove a view; tantivy, which may not be gone yet, may put its lock there once more."""
    shutil.rmtree(view, ignore_errors=True)
    if view.exists():
        shutil.rmtree(view, ignore_errors=True)


def _lock_of(view: Path) -> Path:
    return view.with_name(view.name + _LOCK)
