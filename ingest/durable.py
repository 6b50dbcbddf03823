"""Files that are written whole or not at all, and outlast a power cut."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_CHECK = "check"  # the key of what a JSON object says of itself: the sha256 of the rest


def put(file: Path, text: str) -> None:
    """Write a file whole or not at all; its folder is still to be synced.

    Raises:
        OSError: the system refused it; what was there before is still there.
    """
    partial = file.with_suffix(".new")
    partial.unlink(missing_ok=True)  # it may be another name of a file that is shared
    with partial.open("x", encoding="utf-8", newline="") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(file)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_checked(file: Path, data: Mapping[str, object]) -> None:
    """Write a JSON object that says of itself whether it is whole; its folder is synced too.

    Raises:
        OSError: the system refused it.
    """
    plain = json.loads(json.dumps(data))  # as it will be read: keys are texts, tuples lists
    told = {**plain, _CHECK: _sha256(plain)}
    put(file, json.dumps(told, indent=2, sort_keys=True) + "\n")
    sync_folder(file.parent)


def read_checked(file: Path, *, since: int, newest: int) -> dict[str, Any]:
    """Return a JSON object that is what was written; from the format ``since`` on it says so.

    One of a format beyond the ``newest`` that is known is returned as it is.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not what was written.
    """
    data = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(data, dict) or not isinstance(data.get("format"), int):
        raise ValueError("it does not say its format")  # noqa: TRY004  one kind of error for all
    found: dict[str, Any] = data
    if since <= found["format"] <= newest and found.pop(_CHECK, None) != _sha256(found):
        raise ValueError("it is not what was written")
    return found


def _sha256(data: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
