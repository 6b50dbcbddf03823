"""ZIP archives: each member a document of its own, read as the file that it is."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator

from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.archive import refuse_overlap
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.members import (
    DAMAGE,
    Labels,
    encoding_of,
    is_hidden,
    is_utf8,
    read_stream,
    refused,
)

_ENCRYPTED = 1
_UTF8 = 0x800
_UNICODE_PATH = (
    0x7075  # the extra field of Info-ZIP: version, CRC-32 of the raw name, name in UTF-8
)


def read(source: Source) -> Iterator[Document | Problem]:
    """Yield the documents of each member, or the Problem that it is, in the archive's order.

    Hidden members are passed over without a word, as hidden files are.

    Raises:
        UnreadableError: ``bad_format``, ``encrypted`` where all is, ``no_text`` where it is empty,
            ``bomb`` where members overlap or come to too much.
    """
    with source.open() as stream:
        try:
            file = zipfile.ZipFile(stream)
        except (*DAMAGE, ValueError, struct.error) as error:
            raise UnreadableError("bad_format", "a damaged or cut ZIP archive") from error
        with file:
            members = [member for member in file.infolist() if not member.is_dir()]
            refuse_overlap(members)
            names = _names(members)
            shown = [(m, n) for m, n in zip(members, names, strict=True) if not is_hidden(n)]
            if not shown:
                raise UnreadableError("no_text", "an empty archive")
            if all(member.flag_bits & _ENCRYPTED for member, _ in shown):
                raise UnreadableError("encrypted", "the archive opens only with a password")
            labels = Labels()
            for member, name in shown:
                yield from _read(source, file, member, label=labels.take(name))


def _read(
    source: Source, file: zipfile.ZipFile, member: zipfile.ZipInfo, *, label: str
) -> Iterator[Document | Problem]:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind == stat.S_IFLNK:
        yield refused(source, label, "symlink", reason="a link; links are not followed")
    elif kind not in {0, stat.S_IFREG}:
        yield refused(source, label, "not_regular", reason="not a regular file")
    elif member.flag_bits & _ENCRYPTED:
        yield refused(source, label, "encrypted", reason="it opens only with a password")
    else:
        try:
            packed = file.open(member)
        except (*DAMAGE, RuntimeError, ValueError, struct.error):
            reason = "the packed data are damaged or cut"
            yield refused(source, label, "bad_format", reason=reason)
            return
        with packed:
            yield from read_stream(source, label, packed)


def _names(members: list[zipfile.ZipInfo]) -> list[str]:
    """Return the names; those from Windows are in cp866 and do not say so.

    One name may be too short to tell its encoding, so it is told from all together.
    """
    raws = [_raw_name(member) for member in members]
    unsaid = [raw for raw in raws if isinstance(raw, bytes) and not is_utf8(raw)]
    encoding = encoding_of(b"\n".join(unsaid))
    return [
        raw
        if isinstance(raw, str)
        else raw.decode("utf-8" if is_utf8(raw) else encoding).replace("\0", "")
        for raw in raws
    ]


def _raw_name(member: zipfile.ZipInfo) -> str | bytes:
    """Return the name where the archive says how it is encoded, and else its bytes."""
    if member.flag_bits & _UTF8:
        return member.filename
    try:
        raw = member.orig_filename.encode("cp437")  # as which it was decoded
    except UnicodeEncodeError:  # a newer Python has taken the name of the extra field
        return member.filename
    return _unicode_path(member.extra, raw) or raw


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and field[1:5] == zlib.crc32(raw).to_bytes(4, "little"):
            return field[5:].decode("utf-8") if is_utf8(field[5:]) else None
    return None


# Any size: only the directory and one member are in memory at a time.
READER = Reader("zip", (".zip",), read=read, magic=(b"PK\x03\x04", b"PK\x05\x06"), streams=True)
