"""Mailboxes (mbox, RFC 4155): each letter a document, read one after the other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers import eml
from memctl.ingest.readers.base import Budget, Reader, Source
from memctl.ingest.readers.members import Labels

_FROM = b"From "
# A line that parts letters tells when a letter came; "From " may also begin a sentence.
_PARTING = re.compile(rb"From .*\d{1,2}:\d\d")
# Some programs write no time, or nothing but the sender: then a header has to follow.
_BARE_PARTING = re.compile(
    rb"From (?:\S+@\S+|\S+ +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +[A-Z0-9].{0,40})\s*$"
)
_HEADER = re.compile(rb"[!-9;-~]{1,80}:[ \t\r\n]")
_QUOTED = re.compile(rb">+From ")
_MESSAGE_ID = re.compile(rb"^message-id:\s*<?([^\s<>]{1,200})>?", re.IGNORECASE | re.MULTILINE)
_LONGEST_LINE = 1 << 16
_HEADERS = 1 << 16


@dataclass(slots=True)
class _Raw:
    """One letter as it stands in the mailbox; without ``data`` it was too long to be kept."""

    number: int
    data: bytearray | None


def read(source: Source) -> Iterator[Document | Problem]:
    """Yield the documents of each letter: ``FILE#MESSAGE-ID``, or ``FILE#N`` where it has none.

    Of a mailbox of any size, one letter is in memory at a time.

    Raises:
        UnreadableError: ``bad_format`` where it is no mailbox, ``no_text`` where it is empty.
    """
    labels, seen = Labels(), 0
    with source.open() as stream:
        for raw in _letters(stream, source.max_bytes):
            seen += 1
            yield from _read(source, raw, labels)
    if not seen:
        raise UnreadableError("no_text", "no letter in it")


def _read(source: Source, raw: _Raw, labels: Labels) -> Iterator[Document | Problem]:
    if raw.data is None:
        reason = f"larger than the limit of {source.max_bytes // 1_000_000} MB"
        yield Problem(f"{source.path}#{raw.number}", "too_large", reason=reason)
        return
    data = bytes(raw.data)
    found = _MESSAGE_ID.search(data[: _end_of_headers(data)])
    name = found.group(1).decode("utf-8", "replace").replace("/", "_") if found else ""
    path = f"{source.path}#{labels.take(name or str(raw.number))}"
    if path in source.trail.lost:
        code, reason = source.trail.lost[path]
        yield Problem(path, code, reason=reason)
        return
    source.trail.begin(path)
    yield from _documents(source, path, data)
    source.trail.begin(source.path if source.depth else "")


def _documents(source: Source, path: str, data: bytes) -> Iterator[Document | Problem]:
    # A mailbox is not packed, so what its letters hold is bounded by its own size.
    budget = source.budget if source.depth else Budget()
    digest = hashlib.sha256(data).hexdigest()
    try:
        yield from eml.read(replace(source, path=path, sha256=digest, data=data, budget=budget))
    except UnreadableError as error:
        if source.depth and budget.spent:
            raise
        yield Problem(path, error.code, reason=str(error))
    except RecursionError:
        yield Problem(path, "bad_format", reason="it is nested too deeply")


def _end_of_headers(data: bytes) -> int:
    ends = [at for mark in (b"\n\n", b"\r\n\r\n") if (at := data.find(mark, 0, _HEADERS)) >= 0]
    return min(ends, default=_HEADERS)


def _letters(stream: BinaryIO, most: int) -> Iterator[_Raw]:
    """Cut the mailbox at the lines that part letters; each follows an empty line."""
    raw: _Raw | None = None
    blank, whole, number = True, True, 0
    for line, following in _with_next(stream):
        begins, whole = whole, line.endswith(b"\n")
        if begins and blank and _parts(line, following, first=raw is None):
            if raw is not None:
                yield raw
            number += 1
            raw = _Raw(number, bytearray())
        elif raw is not None:
            _add(raw, line[1:] if begins and _QUOTED.match(line) else line, most)
        elif line.strip():
            raise UnreadableError("bad_format", "no mailbox: it does not begin with From")
        blank = begins and line in {b"\n", b"\r\n"}
    if raw is not None:
        yield raw


def _with_next(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yield each line, or a piece of a long one, with what follows it; nothing follows the last."""
    line = stream.readline(_LONGEST_LINE)
    while line:
        following = stream.readline(_LONGEST_LINE)
        yield line, following
        line = following


def _parts(line: bytes, following: bytes, *, first: bool) -> bool:
    if not line.startswith(_FROM):
        return False
    bare = _BARE_PARTING.match(line) and _HEADER.match(following)
    return first or bool(bare) or _PARTING.match(line) is not None


def _add(raw: _Raw, line: bytes, most: int) -> None:
    if raw.data is not None:
        raw.data += line
        if len(raw.data) > most:
            raw.data = None


READER = Reader("mbox", (".mbox",), read=read, streams=True)
