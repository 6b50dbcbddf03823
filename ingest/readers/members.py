"""Parts of a file that are files themselves: members of archives, attachments of mail."""

from __future__ import annotations

import hashlib
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from memctl.ingest import cyrillic
from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import Source
from memctl.ingest.readers.llamaindex import find
from memctl.ingest.text import shown

_DEEPEST = 4
_HEAD = 1024
_PIECE = 1_000_000
_LONGEST_NAME = 300
_DRIVE = re.compile(r"^[A-Za-z]:")

# What reading packed bytes raises where they are damaged, cut, or packed in an unknown way.
DAMAGE = (
    EOFError,
    NotImplementedError,
    OSError,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


class Stream(Protocol):
    """Bytes that are unpacked as they are read."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes, and none at the end."""
        ...


class Labels:
    """Gives each part of a file a name of its own that is safe to show.

    A name is a label and never a path on this machine: what would lead out of a folder is left
    out of it, what cannot be shown is written as an escape, and one that was there gets a number.
    """

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}  # label: how many parts had it

    def take(self, name: str) -> str:
        """Return the label for ``name``; what it ends with stays, as that may say the format."""
        first = label = safe_label(name) or "part"
        folder, slash, last = label.rpartition("/")
        while label in self._taken:
            self._taken[first] += 1
            label = f"{folder}{slash}({self._taken[first]}) {last}"
        self._taken[label] = 1
        return label


def safe_label(name: str) -> str:
    """Return ``name`` as text that is safe to show, without what would lead out of a folder.

    What parts a file from its part, ``#``, is written as an escape: no two parts have one path.
    """
    plain = _DRIVE.sub("", name.replace("\\", "/").replace("\xa0", " "))
    steps = (step.strip() for step in shown(plain).replace("#", "\\x23").split("/"))
    label = "/".join(step for step in steps if step not in {"", ".", ".."})
    half = _LONGEST_NAME // 2
    return label if len(label) <= _LONGEST_NAME else f"{label[:half]}…{label[-half:]}"


def encoding_of(raw: bytes) -> str:
    """Return the encoding of names where an archive does not say it: UTF-8, Russian, or cp437."""
    if is_utf8(raw):
        return "utf-8"
    try:
        return cyrillic.best_encoding(raw) or "cp437"
    except UnreadableError:  # two are equally good
        return "cp437"


def is_utf8(raw: bytes) -> bool:
    """Say whether ``raw`` is UTF-8, as what is ASCII also is."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def is_hidden(name: str) -> bool:
    """Say whether a member is one that the walk of a folder would pass over, or a Mac's shadow."""
    steps = name.replace("\\", "/").split("/")
    hidden = any(step.startswith(".") and step.strip(".") for step in steps)
    return hidden or "__MACOSX" in steps


def read_member(outer: Source, name: str, data: bytes) -> Iterator[Document | Problem]:
    """Yield the documents of the part ``name`` of ``outer``, or the Problem that it is.

    The part is known by the path of ``outer``, ``#``, and its own name in one safe line.

    Raises:
        UnreadableError: with the code ``bomb``, where the parts cost too much together.
    """
    yield from read_stream(outer, safe_label(name) or "part", io.BytesIO(data))


def read_stream(outer: Source, label: str, stream: Stream) -> Iterator[Document | Problem]:
    """Do as ``read_member`` does, for a safe label, and unpack no more than is needed.

    Raises:
        UnreadableError: with the code ``bomb``, where the parts cost too much together.
    """
    path = f"{outer.path}#{label}"
    outer.budget.take(0)
    if path in outer.trail.lost:
        code, reason = outer.trail.lost[path]
        yield Problem(path, code, reason=reason)
        return
    outer.trail.begin(path)
    yield from _read_stream(outer, path, label=label, stream=stream)
    outer.trail.begin(outer.path if outer.depth else "")


def refused(outer: Source, label: str, code: str, *, reason: str) -> Problem:
    """Return the Problem that a part is which is not opened at all; it costs a place all the same.

    Raises:
        UnreadableError: with the code ``bomb``, where there are too many parts.
    """
    outer.budget.take(0)
    return Problem(f"{outer.path}#{label}", code, reason=reason)


def _read_stream(
    outer: Source, path: str, *, label: str, stream: Stream
) -> Iterator[Document | Problem]:
    if outer.depth + 1 > _DEEPEST:
        yield Problem(path, "bomb", reason=f"it lies in more than {_DEEPEST} files")
        return
    try:
        head = _first(stream)
        reader = find(label, head, outer.named)
        if reader is None:
            yield Problem(path, "unsupported", reason="no reader for files of this name")
            return
        data = _rest(outer, head, stream)
    except UnreadableError as error:
        if outer.budget.spent:
            raise
        yield Problem(path, error.code, reason=str(error))
        return
    inner = replace(
        outer,
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        data=data,
        depth=outer.depth + 1,
    )
    try:
        yield from reader.read(inner)
    except UnreadableError as error:
        if outer.budget.spent:
            raise
        yield Problem(path, error.code, reason=str(error))
    except RecursionError:
        yield Problem(path, "bad_format", reason="it is nested too deeply")


def _first(stream: Stream) -> bytes:
    head = b""
    while len(head) < _HEAD and (piece := _read(stream, _HEAD - len(head))):
        head += piece
    return head


def _rest(outer: Source, head: bytes, stream: Stream) -> bytes:
    """Unpack the whole and count what comes out: the size that the archive tells may be a lie."""
    outer.budget.pay(len(head))
    whole = bytearray(head)
    while piece := _read(stream, _PIECE):
        outer.budget.pay(len(piece))
        whole += piece
        if len(whole) > outer.max_bytes:
            limit = outer.max_bytes // 1_000_000
            raise UnreadableError("too_large", f"larger than the limit of {limit} MB when unpacked")
    return bytes(whole)


def _read(stream: Stream, size: int) -> bytes:
    try:
        return stream.read(size)
    except DAMAGE as error:
        raise UnreadableError("bad_format", "the packed data are damaged or cut") from error
    except RuntimeError as error:  # what zipfile raises for want of a password
        raise UnreadableError("encrypted", "it opens only with a password") from error
