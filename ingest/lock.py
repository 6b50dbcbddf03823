"""One writer at a time, by a lock of the kernel: it dies with its holder."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

from memctl.ingest.errors import StoreError

_PATIENCE: ContextVar[float] = ContextVar("patience", default=0.0)
_LOOK = 0.1  # seconds


def wait_for_writers(seconds: float) -> None:
    """Let whoever comes to a lock from here on wait so long for it; at first nobody waits."""
    _PATIENCE.set(seconds)


@contextmanager
def writing(file: Path) -> Generator[None]:
    """Hold the writer lock ``file``; beside it stands who holds it, and since when.

    A holder that has died holds it no more: the system lets go of its lock.

    Raises:
        StoreError: another process holds it, and has not ended in the time that is waited.
    """
    from filelock import FileLock, Timeout

    lock, holder = FileLock(file), file.with_suffix(".holder")
    try:
        lock.acquire(timeout=_PATIENCE.get(), poll_interval=_LOOK)
    except Timeout:
        raise StoreError(
            f"another memctl is writing to {file.parent}{_said(holder)}",
            hint="Wait until it is done, or have this wait for it: --wait SECONDS",
        ) from None
    try:
        with suppress(OSError):  # a full disk is told by what needs the room
            holder.write_text(json.dumps(_self()), encoding="utf-8")
        yield
    finally:
        try:
            with suppress(OSError):
                holder.unlink(missing_ok=True)
        finally:
            lock.release()


def _self() -> dict[str, object]:
    now = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    return {"process": os.getpid(), "host": platform.node(), "since": now}


def _said(holder: Path) -> str:
    """Return who holds the lock, in words; nothing where that is not known."""
    try:
        found = json.loads(holder.read_text(encoding="utf-8"))
        process, host, since = int(found["process"]), str(found["host"]), str(found["since"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    from memctl.ingest.text import one_line

    return f": process {process} on {one_line(host)}, since {one_line(since)}"
