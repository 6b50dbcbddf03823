"""One writer at a time, by a lock of the kernel: it dies with its holder."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from memctl.ingest.errors import StoreError


@contextmanager
def writing(file: Path) -> Generator[None]:
    """Hold the writer lock ``file``.

    Raises:
        StoreError: another process holds it.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StoreError(
            f"another memctl is writing to {file.parent}",
            hint="Wait until it is done, then run this again.",
        ) from None
    try:
        yield
    finally:
        lock.release()
