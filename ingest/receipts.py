"""Receipts of what was forgotten: that it was, when, and that it was looked for; never what.

Each line carries the sha256 of the line before, and the catalog that of the last, so that one that
is changed, moved or taken out is missed. Names are kept as keyed hashes: who holds the key, and
knows a name, can tell that it was forgotten; nobody can read names from them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from datetime import UTC, datetime

from memctl.ingest.durable import sync_folder
from memctl.ingest.layout import Layout
from memctl.ingest.store import Store

_FORMAT = 1
_START = "0" * 64
RECEIPTS = "receipts"  # the fact of a catalog: how many there are, and the sha256 of the last


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was removed; ``names`` are keyed hashes of the documents' paths.

    ``proved`` counts the files of the store that were searched for the texts and the vectors, 0
    where nobody asked for it.
    """

    time: str
    names: tuple[str, ...]
    _: KW_ONLY
    chunks: int
    vectors: int
    proved: int
    snapshots: tuple[str, ...]


def write_receipt(
    store: Store,
    paths: Sequence[str],
    *,
    chunks: int,
    vectors: int,
    proved: int,
    snapshots: Sequence[str],
) -> Receipt:
    """Append a receipt and return it.

    Raises:
        OSError: the system refused it.
    """
    layout = store.layout
    key = _key(layout)
    receipt = Receipt(
        datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
        tuple(name_of(key, path) for path in paths),
        chunks=chunks,
        vectors=vectors,
        proved=proved,
        snapshots=tuple(snapshots),
    )
    lines = _whole_lines(layout)
    before = _digest(lines[-1]) if lines else _START
    line = json.dumps({"format": _FORMAT, "before": before, **asdict(receipt)}, sort_keys=True)
    layout.receipts.touch(mode=0o600)
    with layout.receipts.open("r+b") as stream:
        stream.seek(sum(len(each) + 1 for each in lines))
        stream.truncate()
        stream.write(line.encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    sync_folder(layout.root)
    with store.catalog.transaction():
        store.catalog.put_facts({RECEIPTS: f"{len(lines) + 1} {_digest(line.encode())}"})
    return receipt


def receipts(store: Store) -> list[Receipt]:
    """Return the receipts of a store, the oldest first.

    Raises:
        ValueError: a line is not what was written, or one is missing; the message says where.
    """
    found: list[Receipt] = []
    before, lines = _START, _whole_lines(store.layout)
    told, _, digest = store.catalog.facts().get(RECEIPTS, "0 ").partition(" ")
    if len(lines) < int(told) or (int(told) and _digest(lines[int(told) - 1]) != digest):
        raise ValueError("the last receipt is missing, or not what was written")
    for number, line in enumerate(lines, start=1):
        receipt = _read(line, before)
        if receipt is None:
            raise ValueError(f"line {number} is not what was written, or the one before")
        found.append(receipt)
        before = _digest(line)
    return found


def _read(line: bytes, before: str) -> Receipt | None:
    """Return the receipt of a line that follows one with the sha256 ``before``."""
    try:
        data = json.loads(line)
        if data.pop("before") != before or data.pop("format") != _FORMAT:
            return None
        data |= {name: tuple(data[name]) for name in ("names", "snapshots")}
        return Receipt(**data)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def name_of(key: bytes, path: str) -> str:
    """Return the keyed hash of a document's path."""
    return hmac.new(key, path.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _key(layout: Layout) -> bytes:
    file = layout.receipts_key
    if not file.exists():
        partial = file.with_suffix(".new")
        partial.touch(mode=0o600)
        with partial.open("wb") as stream:
            stream.write(secrets.token_bytes(32))
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(file)
    return file.read_bytes()


def _whole_lines(layout: Layout) -> list[bytes]:
    """Return the lines; the rest of one that a kill cut short is none."""
    try:
        data = layout.receipts.read_bytes()
    except FileNotFoundError:
        return []
    return data.split(b"\n")[:-1]


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
