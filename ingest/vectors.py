"""The vector file: one unit vector a row, 16-bit floats, append-only."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
STORED = np.dtype("<f2")


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

    def append(self, vectors: Vectors, *, rows: int) -> None:
        """Write float32 ``vectors`` (n, dimension) after the ``rows`` committed ones, and sync."""
        if vectors.ndim != 2 or vectors.shape[1] != self.dimension:
            raise ValueError(f"vectors of shape {vectors.shape} in a file of {self.dimension}")
        with self.file.open("r+b") as stream:
            stream.truncate(rows * self.row_bytes)
            stream.seek(0, os.SEEK_END)
            stream.write(vectors.astype(STORED).tobytes())
            stream.flush()
            os.fsync(stream.fileno())

    def put(self, vectors: Vectors, lines: Sequence[int], *, committed: int, total: int) -> None:
        """Write float32 ``vectors`` (n, dimension) to the rising ``lines``, and sync.

        They lie past the ``committed`` rows. Afterwards the file has ``total`` rows; those that
        were not written are zero, and take no room where the system can leave them out.
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

    def map(self, rows: int) -> NDArray[np.float16]:
        """Return the first ``rows`` rows as a read-only mapped array (rows, dimension)."""
        if rows == 0:
            return np.empty((0, self.dimension), dtype=STORED)
        return np.memmap(self.file, dtype=STORED, mode="r", shape=(rows, self.dimension))
