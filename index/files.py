"""The files of a generation: written durably, and checked before FAISS sees a byte of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from memctl.index.errors import IndexDamagedError
from memctl.index.library import FaissObject, faiss

CODES = "codes.faiss"
REFINE = "refine.faiss"
ROWS = "rows.i64"

# A mapped file up to this size is hashed each time that it is opened; of a larger one only the
# length is compared then, and every byte by ``memctl index verify``.
_HASHED = 128_000_000


@dataclass(frozen=True, slots=True)
class FileFact:
    """A file of a generation."""

    sha256: str
    bytes: int


def write_index(index: FaissObject, file: Path) -> None:
    """Write a FAISS index.

    Raises:
        OSError: the system refused it.
    """
    try:
        faiss().write_index(index, str(file))
    except RuntimeError as error:  # FAISS's word for whatever the system refused
        raise OSError(f"FAISS could not write {file.name}") from error


def fact_of(file: Path) -> FileFact:
    """Make a file durable and return its facts."""
    with file.open("r+b") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
    return FileFact(digest, file.stat().st_size)


def read_bytes(file: Path, fact: FileFact | None) -> bytes:
    """Return the bytes of a file, which are those that were built.

    Raises:
        IndexDamagedError: the file is missing or not what was built.
    """
    try:
        data = file.read_bytes()
    except OSError:
        data = b""
    if fact is None or hashlib.sha256(data).hexdigest() != fact.sha256:
        raise damaged(file)
    return data


def read_index(file: Path, fact: FileFact | None, *, flags: int) -> FaissObject:
    """Read a FAISS index from a file that is what was built; ``flags`` say how to map it.

    Raises:
        IndexDamagedError: the file is missing or not what was built.
    """
    check(file, fact, whole=not flags)
    try:
        return faiss().read_index(str(file), flags)
    except RuntimeError as error:
        raise damaged(file) from error


def check(file: Path, fact: FileFact | None, *, whole: bool = True) -> None:
    """Compare a file with what was built: its length, and every byte if ``whole`` or not large.

    Raises:
        IndexDamagedError: the file is missing or not what was built.
    """
    try:
        with file.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if fact is None or size != fact.bytes:
                raise damaged(file)
            if (whole or size <= _HASHED) and (
                hashlib.file_digest(stream, "sha256").hexdigest() != fact.sha256
            ):
                raise damaged(file)
    except OSError as error:
        raise damaged(file) from error


def complete(folder: Path, files: Mapping[str, FileFact]) -> bool:
    """Tell whether each file is there, of its size; opening it compares every byte."""
    return all(
        (folder / name).is_file() and (folder / name).stat().st_size == fact.bytes
        for name, fact in files.items()
    )


def damaged(file: Path) -> IndexDamagedError:
    """Return the error for a file that is not what was built."""
    return IndexDamagedError(
        f"{file} is missing or damaged", hint="Run: memctl index build --force"
    )
