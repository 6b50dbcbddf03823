"""ZIP archives from outside: looked over before anything is inflated, and read within bounds."""

from __future__ import annotations

import zipfile
import zlib
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from itertools import pairwise
from typing import BinaryIO

from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import Source

_MOST_MEMBERS = 2_000
_MOST_INFLATED = 500_000_000
_LARGEST_PART = 100_000_000
_MOST_READ = 200_000_000
# Deflate reaches 1,032 to 1; XML of real documents some 50. Small members may be what they are.
_HIGHEST_RATIO = 200
_SMALL = 5_000_000
_LOCAL_HEADER = 30

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")


class Archive:
    """An open archive of parts; what is read from it in all is bounded."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._left = _MOST_READ
        self.names = frozenset(file.namelist())

    def read(self, name: str) -> bytes:
        """Return one part, or nothing where there is none of this name.

        Raises:
            UnreadableError: ``bad_format`` for damaged data, ``bomb`` for too much of it.
        """
        if name not in self.names:
            return b""
        limit = min(self._left, _LARGEST_PART)
        try:
            with self._file.open(name) as stream:
                data = stream.read(limit + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise UnreadableError("bad_format", f"{name} in the archive is damaged") from error
        if len(data) > limit:
            raise UnreadableError("bomb", f"{name} in the archive is too large when unpacked")
        self._left -= len(data)
        return data


@contextmanager
def open_archive(source: Source) -> Generator[Archive]:
    """Open the archive that ``source`` is after a look at its directory.

    Raises:
        UnreadableError: ``bomb``, ``encrypted`` or ``bad_format``.
    """
    with source.open() as stream:
        _refuse_ole2(stream)
        yield from _opened(stream)


def _opened(stream: BinaryIO) -> Generator[Archive]:
    try:
        file = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise UnreadableError("bad_format", "a damaged or cut ZIP archive") from error
    with file:
        _check_members(file.infolist())
        yield Archive(file)


def _refuse_ole2(stream: BinaryIO) -> None:
    if stream.read(8) != _OLE2:
        return
    tail = b""
    while piece := stream.read(1_000_000):
        if _ENCRYPTED_STREAM in tail + piece:
            raise UnreadableError("encrypted", "it opens only with a password")
        tail = piece[-len(_ENCRYPTED_STREAM) :]
    raise UnreadableError(
        "bad_format", "in the old binary format of Office: save it in the new one first"
    )


def _swells(member: zipfile.ZipInfo) -> bool:
    return member.file_size > max(_SMALL, _HIGHEST_RATIO * max(member.compress_size, 1))


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > _MOST_MEMBERS:
        raise UnreadableError("bomb", f"the archive has {len(members)} members")
    if sum(member.file_size for member in members) > _MOST_INFLATED:
        raise UnreadableError("bomb", "the archive is too large when unpacked")
    if any(count > 1 for count in Counter(member.filename for member in members).values()):
        raise UnreadableError("bomb", "the archive has two members of one name")
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableError("encrypted", "the archive opens only with a password")
    if any(map(_swells, members)):
        raise UnreadableError("bomb", "a member of the archive swells when unpacked")
    refuse_overlap(members)


def refuse_overlap(members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive in which the same bytes are parts of two members.

    Raises:
        UnreadableError: with the code ``bomb``.
    """
    ordered = sorted(members, key=lambda member: member.header_offset)
    for before, after in pairwise(ordered):
        if before.header_offset + _LOCAL_HEADER + before.compress_size > after.header_offset:
            raise UnreadableError("bomb", "members of the archive overlap")
