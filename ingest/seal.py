"""The seal of a catalog: the sha256 of all its bytes, beside it, made when a writer is done.

It finds what the sums of the rows cannot: a flipped bit in an index of SQLite's, or in bytes that
nothing reads. A writer that was killed leaves the seal of an earlier state; that is told by the
number of changes, which SQLite counts in the head of the file.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from memctl.ingest.durable import put_checked, read_checked
from memctl.ingest.layout import Layout

_FORMAT = 1
# A catalog up to this size is compared each time that it is opened, a larger one by verify.
_COMPARED = 64_000_000
_HEAD = 100  # bytes; SQLite's count of changes is in them twice
_CHANGES, _CHANGES_AGAIN = slice(24, 28), slice(92, 96)


class State(Enum):
    """What a seal says of its catalog; the values are words for a fault."""

    WHOLE = "it is what was written"
    EARLIER = "its seal is of an earlier state, as after a command that was killed"
    CHANGED = "it is not what was written: its bytes are not those of its seal"
    OLDER = "it is older than its seal"
    UNSEALED = "its seal is missing or damaged"


@dataclass(frozen=True, slots=True)
class _Seal:
    bytes: int
    changes: int
    sha256: str


def seal(layout: Layout, *, catalog: Path | None = None) -> None:
    """Write the seal of a catalog, where it is not there; ``catalog`` is one before its rename.

    Raises:
        OSError: the system refused it.
    """
    file = catalog or layout.catalog
    old = _read(layout.seal)
    with file.open("rb") as stream:
        if old is not None and old.changes == _changes(stream.read(_HEAD))[0]:
            return
    put_checked(layout.seal, {"format": _FORMAT, **asdict(_made(file))})


def state(layout: Layout) -> State:
    """Compare a catalog with its seal, every byte; while a writer is at it, nothing can be told.

    It must be asked while no connection to the catalog is in a transaction: to close the file lets
    go of SQLite's locks.
    """
    if layout.journal.exists():
        return State.EARLIER
    found = _compared(layout)
    return State.EARLIER if layout.journal.exists() else found


def is_damaged(layout: Layout) -> bool:
    """Tell whether a catalog that is not large is not what was written."""
    if layout.catalog.stat().st_size > _COMPARED:
        return False
    found = state(layout)
    # A writer may have been done with it, but not with the seal.
    return found in {State.CHANGED, State.OLDER} and state(layout) is found


def _compared(layout: Layout) -> State:
    told = _read(layout.seal)
    if told is None:
        return State.UNSEALED
    found = _made(layout.catalog)
    with layout.catalog.open("rb") as stream:
        changes, again = _changes(stream.read(_HEAD))
    if found == told:
        return State.WHOLE
    if changes != again or changes == told.changes:
        return State.CHANGED
    return State.EARLIER if (changes - told.changes) % 2**32 < 2**31 else State.OLDER


def _made(file: Path) -> _Seal:
    with file.open("rb") as stream:
        head = stream.read(_HEAD)
        stream.seek(0)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return _Seal(os.fstat(stream.fileno()).st_size, _changes(head)[0], digest)


def _changes(head: bytes) -> tuple[int, int]:
    return int.from_bytes(head[_CHANGES], "big"), int.from_bytes(head[_CHANGES_AGAIN], "big")


def _read(file: Path) -> _Seal | None:
    """Return a seal, or None where it is missing or damaged."""
    try:
        data = read_checked(file, since=_FORMAT, newest=_FORMAT)
        return _Seal(**data) if data.pop("format") == _FORMAT else None
    except (OSError, ValueError, TypeError):
        return None
