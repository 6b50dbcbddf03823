"""The vector file: one unit vector a row, 16-bit floats, append-only."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from memctl.ingest.errors import ReplacedError

Vectors = NDArray[np.float32]
STORED = np.dtype("<f2")
_BLOCK = 1 << 20  # bytes read at once


@dataclass(frozen=True, slots=True)
class VectorFile:
    """Rows of ``dimension`` 16-bit floats.

    How many rows count is said by the catalog. What lies past them was never committed, and the
    next append writes over it.
    """

    file: Path
    dimension: int

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return self.dimension * STORED.itemsize

    def append(self, vectors: Vectors, *, rows: int) -> bytes:
        """Write float32 ``vectors`` (n, dimension) after the ``rows`` committed ones, and sync.

        Return the sha256 of their bytes.
        """
        if vectors.ndim != 2 or vectors.shape[1] != self.dimension:
            raise ValueError(f"vectors of shape {vectors.shape} in a file of {self.dimension}")
        with self.file.open("r+b") as stream:
            stream.truncate(rows * self.row_bytes)
            stream.seek(0, os.SEEK_END)
            data = vectors.astype(STORED).tobytes()
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        return hashlib.sha256(data).digest()

    def put(self, vectors: Vectors, lines: Sequence[int], *, committed: int, total: int) -> bytes:
        """Write float32 ``vectors`` (n, dimension) to the rising ``lines``, and sync.

        They lie past the ``committed`` rows. Afterwards the file has ``total`` rows; those that
        were not written are zero, and take no room where the system can leave them out. Return the
        sha256 of the bytes past the committed ones.
        """
        if vectors.shape != (len(lines), self.dimension):
            raise ValueError(f"vectors of shape {vectors.shape} in a file of {self.dimension}")
        with self.file.open("r+b") as stream:
            stream.truncate(committed * self.row_bytes)
            after = -1
            for line, vector in zip(lines, vectors.astype(STORED), strict=True):
                if line != after:
                    stream.seek(line * self.row_bytes)
                stream.write(vector.tobytes())
                after = line + 1
            stream.truncate(total * self.row_bytes)
            stream.flush()
            os.fsync(stream.fileno())
        return self.digest(committed, total)

    def digest(self, first: int, end: int) -> bytes:
        """Return the sha256 of the bytes of the rows from ``first`` to ``end``, of those there."""
        digest, left = hashlib.sha256(), (end - first) * self.row_bytes
        with suppress(FileNotFoundError), self.file.open("rb") as stream:
            stream.seek(first * self.row_bytes)
            while left and (data := stream.read(min(left, _BLOCK))):
                digest.update(data)
                left -= len(data)
        return digest.digest()

    def map(self, rows: int) -> NDArray[np.float16]:
        """Return the first ``rows`` rows as a read-only mapped array (rows, dimension).

        Raises:
            ReplacedError: they are not there.
        """
        if rows == 0:
            return np.empty((0, self.dimension), dtype=STORED)
        try:
            return np.memmap(self.file, dtype=STORED, mode="r", shape=(rows, self.dimension))
        except (ValueError, FileNotFoundError) as error:
            raise ReplacedError(
                f"{self.file} has not the {rows:,} rows that it had",
                hint="Run this again; if it comes again, run: memctl repair",
            ) from error
