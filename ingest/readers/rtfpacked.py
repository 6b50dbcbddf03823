"""RTF as Outlook packs it (MS-OXRTFCP): LZ77 over a window that begins with common words of RTF."""

from __future__ import annotations

import struct

from memctl.ingest.errors import UnreadableError

_START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_PACKED, _PLAIN = 0x75465A4C, 0x414C454D
_WINDOW = 4096
_MOST = 50_000_000


def unpack(data: bytes) -> bytes:
    """Return the RTF that ``data`` holds.

    Raises:
        UnreadableError: ``bad_format``, or ``bomb`` for more than 50 MB.
    """
    if len(data) < 16:
        raise UnreadableError("bad_format", "a damaged body in RTF")
    _, size, kind, _ = struct.unpack_from("<IIII", data)
    if kind == _PLAIN:
        return data[16 : 16 + size]
    if kind != _PACKED:
        raise UnreadableError("bad_format", "a body in RTF, packed in an unknown way")
    if size > _MOST:
        raise UnreadableError("bomb", "the body in RTF is too large when unpacked")
    return _unpacked(data, size)


def _unpacked(data: bytes, size: int) -> bytes:
    window = bytearray(_START.ljust(_WINDOW, b"\0"))
    put, at = len(_START), 16
    out = bytearray()
    while at < len(data) and len(out) < size:
        control, at = data[at], at + 1
        for bit in range(8):
            if at >= len(data):
                break
            if not control >> bit & 1:
                piece, at = data[at : at + 1], at + 1
            elif at + 1 < len(data):
                token, at = struct.unpack_from(">H", data, at)[0], at + 2
                if token >> 4 == put:  # refers to where it would write: the end
                    return bytes(out)
                piece = _copied(window, token >> 4, put, length=(token & 15) + 2)
            else:
                return bytes(out)
            for byte in piece:
                window[put] = byte
                put = (put + 1) % _WINDOW
            out += piece
    return bytes(out)


def _copied(window: bytearray, start: int, put: int, *, length: int) -> bytes:
    """Return what a reference names; it may reach into what it writes itself."""
    copy = bytearray()
    ahead = (put - start) % _WINDOW
    for step in range(length):
        copy.append(copy[step - ahead] if step >= ahead > 0 else window[(start + step) % _WINDOW])
    return bytes(copy)
