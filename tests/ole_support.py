"""OLE2 files written from nested dictionaries, as small as they can be (MS-CFB, version 3)."""

from __future__ import annotations

import struct
from typing import TypeAlias

Tree: TypeAlias = "dict[str, bytes | Tree]"

_SECTOR, _MINI = 512, 64
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5


def ole(tree: Tree) -> bytes:
    """Return the file; every stream must be shorter than 4,096 bytes."""
    entries: list[list[int | str]] = [["Root Entry", _ROOT, _FREE, _FREE, 0, 0]]
    small, minifat = bytearray(), list[int]()
    _add(tree, 0, entries, small=small, minifat=minifat)
    directory, chains = _padded(_directory(entries)), _padded(_numbers(minifat), fill=b"\xff")
    data = _padded(bytes(small))
    sizes = [len(part) // _SECTOR for part in (directory, chains, data)]
    starts = [1, 1 + sizes[0], 1 + sizes[0] + sizes[1]]
    entries[0][4], entries[0][5] = starts[2], len(small)
    fat = [_FAT]
    for start, size in zip(starts, sizes, strict=True):
        fat += [*range(start + 1, start + size), _END] if size else []
    header = struct.pack("<8s16xHHHHH6xIIIIIIIII", *_header(starts, sizes))
    header += _numbers([0, *[_FREE] * 108])
    parts = (header, _padded(_numbers(fat), fill=b"\xff"), _padded(_directory(entries)))
    return b"".join((*parts, chains, data))


def _header(starts: list[int], sizes: list[int]) -> tuple[bytes | int, ...]:
    magic = bytes.fromhex("d0cf11e0a1b11ae1")
    shape = (0x3E, 3, 0xFFFE, 9, 6)
    return (magic, *shape, 0, 1, starts[0], 0, 4096, starts[1], sizes[1], _END, 0)


def _add(
    tree: Tree, parent: int, entries: list[list[int | str]], *, small: bytearray, minifat: list[int]
) -> None:
    before = 0
    for name, content in tree.items():
        number = len(entries)
        if before:
            entries[before][3] = number
        else:
            entries[parent][2] = number
        before = number
        if isinstance(content, dict):
            entries.append([name, _STORAGE, _FREE, _FREE, 0, 0])
            _add(content, number, entries, small=small, minifat=minifat)
            continue
        first, count = len(minifat), -(-len(content) // _MINI)
        entries.append([name, _STREAM, _FREE, _FREE, first if count else _END, len(content)])
        small += content.ljust(count * _MINI, b"\0")
        minifat += [*range(first + 1, first + count), _END] if count else []


def _directory(entries: list[list[int | str]]) -> bytes:
    packed = b""
    for name, kind, child, right, start, size in entries:
        raw = str(name).encode("utf-16-le") + b"\0\0"
        packed += struct.pack(
            "<64sHBBIII36xIII", raw, len(raw), kind, 1, _FREE, right, child, start, size, 0
        )
    return packed


def _numbers(numbers: list[int]) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


def _padded(data: bytes, *, fill: bytes = b"\0") -> bytes:
    return data + fill * (-len(data) % _SECTOR)
