"""What a reader is: a name, the suffixes and first bytes it is for, and a function."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import BinaryIO

from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError


@dataclass(slots=True)
class Budget:
    """What the parts of one file may cost together, however deep they lie; it only goes down."""

    members: int = 10_000
    inflated: int = 1_000_000_000

    def take(self, size: int) -> None:
        """Pay for one part of ``size`` bytes.

        Raises:
            UnreadableError: with the code ``bomb``, where the budget is used up.
        """
        self.members -= 1
        self.pay(size)

    def pay(self, size: int) -> None:
        """Pay for ``size`` bytes more of a part.

        Raises:
            UnreadableError: with the code ``bomb``, where the budget is used up.
        """
        self.inflated -= size
        if self.spent:
            raise UnreadableError("bomb", "it holds too much when unpacked")

    @property
    def spent(self) -> bool:
        """Whether more was asked for than there was."""
        return self.members < 0 or self.inflated < 0


def _tell_nobody(path: str) -> None:
    """Say nothing of the part ``path``."""


@dataclass(frozen=True, slots=True)
class Trail:
    """Tells which part of a file is being read, so that it is known if the process does not live.

    ``begin`` is told the path of each part, and then of what it lies in (nothing for the file).
    ``lost`` has code and reason of the parts that ended a process: they are not read again.
    """

    begin: Callable[[str], None] = _tell_nobody
    lost: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read: where it is, the path it is known by, and the sha256 of its bytes.

    For a part of a file, ``data`` holds its bytes, ``depth`` says in how many files it lies, and
    ``budget`` is shared with the parts beside it; ``file`` then is the file on disk around it.
    ``named`` maps suffixes to the readers of LlamaIndex that the settings name for them.
    """

    file: Path
    path: str
    _: KW_ONLY
    sha256: str
    max_bytes: int
    data: bytes | None = None
    depth: int = 0
    budget: Budget = field(default_factory=Budget)
    named: Mapping[str, str] = field(default_factory=dict[str, str])
    trail: Trail = field(default_factory=Trail)

    @property
    def name(self) -> str:
        """The last part of the path, which may say the format and what the text is about."""
        return self.path.rpartition("/")[2].rpartition("#")[2]

    def open(self) -> BinaryIO:
        """Open the bytes, whatever their number, for a reader that takes them piece by piece."""
        if self.data is not None:
            return io.BytesIO(self.data)
        return opened(self.file)

    def read_bytes(self) -> bytes:
        """Return all bytes.

        Raises:
            UnreadableError: there are more than ``max_bytes``.
        """
        with self.open() as stream:
            size = stream.seek(0, os.SEEK_END)
            check_size(size, self.max_bytes)
            stream.seek(0)
            return stream.read(size)


def opened(file: Path) -> io.BufferedReader:
    """Open a regular file; a pipe or device is never waited for, a link not followed.

    Raises:
        UnreadableError: with the code ``not_regular``.
        OSError: the system does not give it.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    stream = os.fdopen(os.open(file, flags | getattr(os, "O_BINARY", 0)), "rb")
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise UnreadableError("not_regular", "not a regular file")
    return stream


def check_size(size: int, max_bytes: int) -> None:
    """Refuse what is larger than the limit.

    Raises:
        UnreadableError: with the code ``too_large``.
    """
    if size > max_bytes:
        limit = max_bytes // 1_000_000
        raise UnreadableError("too_large", f"larger than the limit of {limit} MB")


@dataclass(frozen=True, slots=True)
class Reader:
    """Yields the documents of a source; raises UnreadableError with a code where it cannot.

    A part that cannot be read is yielded as a Problem, and reading goes on. ``read`` runs in a
    worker process. It must not open any file but ``source.file``. One that ``streams`` takes
    its bytes piece by piece, and for it a file may have any size.
    """

    name: str
    suffixes: tuple[str, ...]
    _: KW_ONLY
    read: Callable[[Source], Iterator[Document | Problem]]
    magic: tuple[bytes, ...] = ()
    streams: bool = False
