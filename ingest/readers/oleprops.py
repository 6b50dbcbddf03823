"""The properties of a letter in an OLE2 file (MS-OXMSG): each a stream, or sixteen bytes."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.textual import raw_text_of
from memctl.ingest.text import unify_newlines

if TYPE_CHECKING:
    import olefile

_STREAM, _FIELDS = "__substg1.0_", "__properties_version1.0"
_UNICODE, _BYTES_TEXT, _BINARY, _OBJECT = "001F", "001E", "0102", "000D"
_CODEPAGES = (0x3FFD, 0x3FDE)  # of the letter, of the net
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_FIELD = 16


class Properties:
    """What is known of a letter, a person or an attached file: the object at ``at`` in ``file``."""

    def __init__(self, file: olefile.OleFileIO[str], at: tuple[str, ...]) -> None:
        self.file = file
        self._at = at
        self._fields = self._read_fields()
        self.codepage = self._codepage()

    def text(self, number: int) -> str:
        """Return a property that is text, or nothing."""
        data = self._stream(number, _UNICODE)
        if data:
            return _tidy(data[: len(data) // 2 * 2].decode("utf-16-le", "replace"))
        data = self._stream(number, _BYTES_TEXT)
        if not data:
            return ""
        try:
            return _tidy(raw_text_of(data.rstrip(b"\0"), declared=self.codepage)[0])
        except UnreadableError:
            return _tidy(data.decode("utf-8", "replace"))

    def binary(self, number: int) -> bytes:
        """Return a property that is bytes, or nothing."""
        return self._stream(number, _BINARY)

    def number(self, number: int) -> int:
        """Return a property that is a number of 32 bits, or 0."""
        return int.from_bytes(self._fields.get(number, b"")[:4], "little")

    def time(self, number: int) -> str:
        """Return a property that is a time, as ISO writes it, or nothing."""
        ticks = int.from_bytes(self._fields.get(number, b""), "little")
        try:
            at = _EPOCH + timedelta(microseconds=ticks // 10)
        except OverflowError:
            return ""
        return at.replace(microsecond=0).isoformat() if ticks else ""

    def holds_message(self, number: int) -> bool:
        """Say whether a property is a letter of its own."""
        return self.file.exists([*self.message_at(number), _FIELDS])

    def message_at(self, number: int) -> tuple[str, ...]:
        """Return where the letter is that a property holds."""
        return (*self._at, f"{_STREAM}{number:04X}{_OBJECT}")

    def below(self, prefix: str) -> list[tuple[str, ...]]:
        """Return the objects in this one whose names begin with ``prefix``, in order."""
        depth = len(self._at)
        return sorted(
            {
                tuple(path[: depth + 1])
                for path in self.file.listdir(streams=False, storages=True)
                if len(path) > depth
                and tuple(path[:depth]) == self._at
                and path[depth].startswith(prefix)
            }
        )

    def _stream(self, number: int, kind: str) -> bytes:
        return self._open(f"{_STREAM}{number:04X}{kind}")

    def _open(self, name: str) -> bytes:
        path = [*self._at, name]
        if not self.file.exists(path):
            return b""
        try:
            with self.file.openstream(path) as stream:
                return stream.read()
        except (OSError, ValueError, IndexError) as error:
            raise UnreadableError("bad_format", "a damaged OLE2 file") from error

    def _read_fields(self) -> dict[int, bytes]:
        """Return the eight bytes of each field; the fields begin after a header of 8 mod 16."""
        data = self._open(_FIELDS)
        fields: dict[int, bytes] = {}
        for start in range(len(data) % _FIELD, len(data) - _FIELD + 1, _FIELD):
            _, number, _, value = struct.unpack_from("<HHI8s", data, start)
            fields.setdefault(number, value)
        return fields

    def _codepage(self) -> str | None:
        found = (self.number(number) for number in _CODEPAGES)
        page = next(filter(None, found), 0)
        return {65001: "utf-8", 20866: "koi8-r", 28595: "iso8859-5"}.get(page, f"cp{page}")


def _tidy(text: str) -> str:
    return unify_newlines(text).rstrip("\0")
