"""Bytes given to a reader as a file of a name."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from memctl.ingest.document import Document
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers import HEAD, Source, reader_for


def source(file: Path, data: bytes, *, name: str, max_bytes: int = 50_000_000) -> Source:
    file.write_bytes(data)
    return Source(file, name, sha256=sha256(data).hexdigest(), max_bytes=max_bytes)


def read_all(folder: Path, name: str, data: bytes | str) -> list[Document]:
    """Read ``data`` as the registry would a file called ``name``."""
    raw = data.encode() if isinstance(data, str) else data
    reader = reader_for(name, raw[:HEAD])
    assert reader is not None
    found = reader.read(source(folder / "input", raw, name=name))
    return [each for each in found if isinstance(each, Document)]


def read_one(folder: Path, name: str, data: bytes | str) -> Document:
    (document,) = read_all(folder, name, data)
    return document


def refusal(folder: Path, name: str, data: bytes | str) -> tuple[str, str]:
    """Return code and reason with which ``data`` is refused."""
    with pytest.raises(UnreadableError) as caught:
        read_all(folder, name, data)
    return caught.value.code, str(caught.value)


def outcome(folder: Path, name: str, data: bytes) -> tuple[str, Document | None]:
    """Return the one document and no code, or the code of the refusal and no document."""
    try:
        return "", read_one(folder, name, data)
    except UnreadableError as error:
        return error.code, None
