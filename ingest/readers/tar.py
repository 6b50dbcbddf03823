"""TAR archives, plain or packed: each member a document of its own, read as the file that it is."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import tarfile
from collections.abc import Iterator
from typing import Any, BinaryIO, Self, cast

from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.members import (
    DAMAGE,
    Labels,
    encoding_of,
    is_hidden,
    read_stream,
    refused,
)

_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_PIECE = 1_000_000
# Of all that a packed archive holds, also of what no reader takes: so many bytes, or times as much
# as it is on disk.
_MOST_UNPACKED = 2_000_000_000
_MOST_TIMES = 20


def read(source: Source) -> Iterator[Document | Problem]:
    """Yield the documents of each member, or the Problem that it is, in the archive's order.

    Hidden members are passed over without a word, as hidden files are.

    Raises:
        UnreadableError: ``bad_format`` at the first damage, ``no_text`` where it is empty,
            ``bomb`` where it unpacks to too much.
    """
    with source.open() as raw:
        try:
            yield from _members(source, raw)
        except DAMAGE as error:
            raise UnreadableError("bad_format", "a damaged or cut TAR archive") from error


def _members(source: Source, raw: BinaryIO) -> Iterator[Document | Problem]:
    labels, seen, before = Labels(), 0, -1
    with _opened(raw) as file:
        while (member := file.next()) is not None:
            cast("Any", file).members = []  # or it would keep them all
            if member.offset <= before or member.size < 0:
                raise UnreadableError("bad_format", "the TAR archive leads back into itself")
            before = member.offset
            name = _name(member)
            if member.isdir() or is_hidden(name):
                continue
            seen += 1
            yield from _read(source, file, member, label=labels.take(name))
    if not seen:
        raise UnreadableError("no_text", "an empty archive")


def _opened(raw: BinaryIO) -> tarfile.TarFile:
    size = raw.seek(0, os.SEEK_END)
    raw.seek(0)
    start = raw.read(6)
    raw.seek(0)
    packed = open_packed(raw, start)
    if packed is None:
        mode, stream = "r:", _Bounded(raw, None)
    else:
        mode, stream = "r|", _Bounded(packed, max(_MOST_UNPACKED, _MOST_TIMES * size))
    opened: tarfile.TarFile = cast("Any", tarfile).open(
        fileobj=stream,
        mode=mode,
        tarinfo=_Header,
        encoding="utf-8",
        errors="surrogateescape",
    )
    return opened


def open_packed(raw: BinaryIO, start: bytes) -> BinaryIO | None:
    """Return the stream that unpacks ``raw``, which begins with ``start``; None for no packing."""
    if start.startswith(b"\x1f\x8b"):
        return cast("BinaryIO", gzip.GzipFile(fileobj=raw))
    if start.startswith(b"BZh"):
        return cast("BinaryIO", bz2.BZ2File(raw))
    if start.startswith(b"\xfd7zXZ\x00"):
        return cast("BinaryIO", lzma.LZMAFile(raw))
    return None


def _read(
    source: Source, file: tarfile.TarFile, member: tarfile.TarInfo, *, label: str
) -> Iterator[Document | Problem]:
    if member.issym() or member.islnk():
        yield refused(source, label, "symlink", reason="a link; links are not followed")
        return
    stream = file.extractfile(member) if member.isfile() else None
    if stream is None:
        yield refused(source, label, "not_regular", reason="not a regular file")
        return
    with stream:
        yield from read_stream(source, label, stream)


def _name(member: tarfile.TarInfo) -> str:
    """Return the name; what is not UTF-8 is told as the names in ZIP archives are."""
    raw = member.name.encode("utf-8", "surrogateescape")
    return raw.decode(encoding_of(raw))


class _Header(tarfile.TarInfo):
    """A header that is damaged: tarfile takes all but the first for the end of the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if buf.strip(b"\0"):  # zeros, or nothing, are the end
                raise tarfile.ReadError("a damaged header") from error
            raise


class _Bounded:
    """A stream that is read in small pieces and, where it is unpacked, no further than ``most``.

    A header may claim any size, and Python would get that much memory before it reads.
    """

    def __init__(self, stream: BinaryIO, most: int | None) -> None:
        self._stream = stream
        self._left = most

    def read(self, size: int) -> bytes:
        pieces: list[bytes] = []
        while size > 0 and (piece := self._stream.read(min(size, _PIECE))):
            size -= len(piece)
            self._count(len(piece))
            pieces.append(piece)
        return b"".join(pieces)

    def _count(self, size: int) -> None:
        if self._left is not None:
            self._left -= size
            if self._left < 0:
                raise UnreadableError("bomb", "the archive is too large when unpacked")

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


READER = Reader("tar", _SUFFIXES, read=read, streams=True)
