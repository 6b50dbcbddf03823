"""Ingest whenever something changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from memctl.ingest.errors import MemctlError, SourceError, UsageError
from memctl.ingest.ignore import IGNORE_FILE
from memctl.ingest.pipeline import ingest
from memctl.ingest.summary import Options, Progress, Summary
from memctl.ingest.walk import escaped, resolve

if TYPE_CHECKING:
    from watchfiles import Change

_QUIET_MS = 400  # without a change, before a round begins
_LONGEST_MS = 3_000  # that changes that go on and on are waited for
_LOOK_MS = 500
_AGAIN = 5.0  # seconds after a round that failed


def watch(
    targets: Sequence[Path],
    store: Path,
    *,
    options: Options,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> Iterator[Summary | MemctlError]:
    """Ingest the folders ``targets``, and again whenever something in them has changed.

    Yields what each round did, or the error that ended it, where that is another one than before.
    A round that failed is tried again after a while. It ends when ``stop`` is set, or with
    KeyboardInterrupt.

    Raises:
        UsageError: a target is not a folder.
        MemctlError: the first round failed, and not for want of files.
    """
    ended = stop or threading.Event()
    folders = [_folder(target) for target in targets]
    first, told, tried_at = True, "", time.monotonic()
    for changed in _changes(folders, store.resolve(), ended):
        again = bool(told) and time.monotonic() - tried_at >= _AGAIN
        if not (changed or again or first):
            continue
        tried_at = time.monotonic()
        try:
            yield ingest(targets, store, options=options, progress=progress)
            told = ""
        except MemctlError as error:
            if first and not isinstance(error, SourceError):
                raise
            if str(error) != told:
                yield error
            told = str(error)
        first = False


def _folder(target: Path) -> Path:
    found = resolve(target)
    if not found.is_dir():
        raise UsageError(
            f"{escaped(str(target))} is a file", hint="Watch the folder that it lies in."
        )
    return found


def _changes(folders: Sequence[Path], store: Path, stop: threading.Event) -> Iterator[bool]:
    """Yield, twice a second, False, and True as soon as changes have come to rest.

    A folder that goes away is a change; when it comes back it is another one, and watched anew.
    """
    from watchfiles import watch as watched

    there = True
    while not stop.is_set():
        if not all(folder.is_dir() for folder in folders):
            yield there
            there = False
            stop.wait(_LOOK_MS / 1000)
            continue
        try:
            for changes in watched(
                *folders,
                watch_filter=_matters(folders, store),
                debounce=_LONGEST_MS,
                step=_QUIET_MS,
                stop_event=stop,
                rust_timeout=_LOOK_MS,
                yield_on_timeout=True,
                ignore_permission_denied=True,
            ):
                yield bool(changes) or not there  # not before the watching has begun
                there = True
                if not all(folder.is_dir() for folder in folders):
                    break
        except OSError as error:
            raise _unwatchable(error) from error


def _unwatchable(error: OSError) -> SourceError:
    return SourceError(
        f"the system does not let these folders be watched: {error}",
        hint="On Linux raise fs.inotify.max_user_watches, or set WATCHFILES_FORCE_POLLING=1.",
    )


def _matters(folders: Sequence[Path], store: Path) -> Callable[[Change, str], bool]:
    """Return what tells whether a change may change what is ingested."""

    def matters(change: Change, path: str) -> bool:  # noqa: ARG001  as watchfiles calls it
        file = Path(path)
        if file == store or store in file.parents:
            return False
        root = next((folder for folder in folders if folder in file.parents), file)
        hidden = (name for name in file.relative_to(root).parts if name.startswith("."))
        return all(name == IGNORE_FILE for name in hidden)

    return matters
