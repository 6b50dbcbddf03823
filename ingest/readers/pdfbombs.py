"""Streams of a PDF that unpack into more than any page needs, found before a parser meets them."""

from __future__ import annotations

import re
import zlib

from memctl.ingest.errors import UnreadableError

_LARGE = 250_000  # bytes of a stream: packed at best, a smaller one holds 258 MB
_HEAD = 16_384  # bytes of it that are unpacked
_DENSEST = 200  # times: text packs ten times, drawings fifty
_STREAM = re.compile(rb"stream\r?\n")
_DICTIONARY = 2_048  # bytes before a stream, in which its filters are named
_FLATE = re.compile(rb"/(?:FlateDecode|Fl)\b")


def refuse_bombs(data: bytes) -> None:
    """Refuse a file with a stream, other than an image, that is packed as nothing written is.

    PDFium unpacks a stream whole and ends the process where memory ends.

    Raises:
        UnreadableError: ``bomb``.
    """
    for match in _STREAM.finditer(data):
        start = match.end()
        if start < 9 or data[match.start() - 3 : match.start()] == b"end":
            continue
        head = data[max(match.start() - _DICTIONARY, 0) : match.start()]
        head = head[head.rfind(b" obj") :]
        filters = len(_FLATE.findall(head))
        if filters and b"/Image" not in head and _is_bomb(data, start, filters=filters):
            raise UnreadableError("bomb", "a stream in it holds too much when unpacked")


def _is_bomb(data: bytes, start: int, *, filters: int) -> bool:
    if filters > 1:
        return _expands(data[start : start + _HEAD], filters=filters)
    end = data.find(b"endstream", start)
    large = (len(data) if end < 0 else end) - start >= _LARGE
    return large and _expands(data[start : start + _HEAD], filters=1)


def _expands(head: bytes, *, filters: int) -> bool:
    """Whether the head of a stream unpacks more than ``_DENSEST`` times, one filter or several."""
    most = len(head) * _DENSEST
    try:
        for _ in range(filters):
            head = zlib.decompressobj().decompress(head, most + 1)
    except zlib.error:
        return False
    return len(head) > most
