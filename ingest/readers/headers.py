"""Headers of mail as they are met: encoded words (RFC 2047), bare bytes, wrong charsets."""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator
from email.message import Message
from email.utils import getaddresses

from memctl.ingest import cyrillic
from memctl.ingest.encoding import decode
from memctl.ingest.errors import UnreadableError

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_FOLD = re.compile(r"\r?\n[ \t]*")
# Programs declare these without knowing; of them, the letters tell more than the declaration.
_DOUBTED = frozenset(("ascii", "iso8859-1", "iso8859-15", "cp1252", *cyrillic.ENCODINGS))
_LONGEST = 100_000  # characters of one header


def header(part: Message, name: str) -> str:
    """Return the first header of this name in readable text, or nothing."""
    return decoded(raw_header(part, name))


def raw_header(part: Message, name: str) -> str:
    """Return the first header of this name as it stands; bytes outside ASCII are surrogates."""
    wanted = name.lower()
    found = (str(value) for key, value in part.raw_items() if key.lower() == wanted)
    return _FOLD.sub(" ", next(found, ""))[:_LONGEST]


def addresses(part: Message, name: str) -> tuple[str, ...]:
    """Return each address of all headers of this name, with the name of the person before it."""
    wanted = name.lower()
    raw = ", ".join(str(value) for key, value in part.raw_items() if key.lower() == wanted)
    raw = _FOLD.sub(" ", raw)[:_LONGEST]
    try:
        pairs = getaddresses([raw])
    except (RecursionError, IndexError):  # comments in comments in comments
        pairs = []
    shown = [_address(decoded(person), decoded(address)) for person, address in pairs]
    return tuple(filter(None, shown)) or tuple(filter(None, [decoded(raw)]))


def _address(person: str, address: str) -> str:
    return f"{person} <{address}>" if person and address else person or address


def parameter(part: Message, name: str, *, of: str = "content-type") -> str:
    """Return a parameter of a header, such as the charset: encoded in whatever way, or nothing."""
    raw = raw_header(part, of)
    if name not in raw.lower():
        return ""
    carrier = Message()
    carrier[of] = _from_bytes(raw)
    value = carrier.get_param(name, header=of)
    if isinstance(
        value, tuple
    ):  # RFC 2231: charset, language, and bytes that Python took for Latin-1
        return _text(value[2].encode("latin-1", "replace"), value[0] or None)
    return decoded(value) if isinstance(value, str) else ""


def decoded(raw: str) -> str:
    """Decode the encoded words of a header, and its bytes where it was never encoded."""
    pieces: list[tuple[str, str | bytes]] = []
    for charset, piece in _pieces(raw):
        blank = isinstance(piece, str) and not piece.strip()
        if pieces and pieces[-1][0] and charset == pieces[-1][0] and isinstance(piece, bytes):
            before = pieces.pop()[1]  # a character may be cut in two by the end of a word
            piece = before + piece if isinstance(before, bytes) else piece
        elif blank and pieces and pieces[-1][0]:
            continue  # between two encoded words; after the last one, words of the header begin
        pieces.append((charset, piece))
    text = "".join(
        _text(piece, charset) if isinstance(piece, bytes) else piece for charset, piece in pieces
    )
    return text.strip()


def _pieces(raw: str) -> Iterator[tuple[str, str | bytes]]:
    """Yield the charset and bytes of each encoded word, and what stands between without one."""
    at = 0
    for word in _WORD.finditer(raw):
        if word.start() > at:
            yield "", _from_bytes(raw[at : word.start()])
        charset = word.group(1).partition("*")[0].lower()
        packed = word.group(3).encode("utf-8", "surrogateescape")
        yield charset, _unpacked(packed, word.group(2).lower())
        at = word.end()
    if at < len(raw):
        yield "", _from_bytes(raw[at:])


def _unpacked(packed: bytes, way: str) -> bytes:
    if way == "q":
        return binascii.a2b_qp(packed, header=True)
    packed = re.sub(rb"[^A-Za-z0-9+/]", b"", packed)
    packed = packed[: len(packed) - (len(packed) % 4 == 1)]  # a lone letter holds no byte
    return binascii.a2b_base64(packed + b"=" * (-len(packed) % 4))


def _from_bytes(raw: str) -> str:
    """Decode what stands in a header as bare bytes."""
    return raw if raw.isascii() else _text(raw.encode("utf-8", "surrogateescape"), None)


def _text(data: bytes, charset: str | None) -> str:
    """Decode a few bytes; a charset that is not the commonest is believed where it fits."""
    try:
        if charset and codecs.lookup(charset).name not in _DOUBTED:
            return data.decode(charset)
    except (LookupError, ValueError):
        pass
    try:
        return decode(data, declared=charset)
    except UnreadableError:
        pass
    try:
        return data.decode(charset or "utf-8")
    except (LookupError, ValueError):  # marked, so that it is seen
        return data.decode("utf-8", "replace")
