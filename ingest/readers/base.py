"""What a reader is: a name, the suffixes and first bytes it is for, and a function."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from memctl.ingest.document import Document
from memctl.ingest.errors import UnreadableError


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read: where it is, the path it is known by, and the sha256 of its bytes."""

    file: Path
    path: str
    _: KW_ONLY
    sha256: str
    max_bytes: int

    def read_bytes(self) -> bytes:
        """Return the whole file.

        Raises:
            UnreadableError: the file is larger than ``max_bytes``.
        """
        with self.file.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > self.max_bytes:
                limit = self.max_bytes // 1_000_000
                raise UnreadableError("too_large", f"larger than the limit of {limit} MB")
            return stream.read(size)


@dataclass(frozen=True, slots=True)
class Reader:
    """Yields the documents of a source; raises UnreadableError with a code where it cannot.

    ``read`` runs in a worker process. It must not open any file but ``source.file``.
    """

    name: str
    suffixes: tuple[str, ...]
    _: KW_ONLY
    read: Callable[[Source], Iterator[Document]]
    magic: tuple[bytes, ...] = ()
