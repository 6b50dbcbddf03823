"""Tables of vectors with texts, as exports and other programs write them, read with suspicion."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from memctl.index.exchange import (
    CHANGED,
    IDS,
    INDEX,
    ORIGIN,
    TABLE,
    VECTORS,
    Origin,
    Row,
    TableError,
    origin_from,
)
from memctl.index.parquet import ParquetTable
from memctl.index.sample import BLOCK
from memctl.ingest import UsageError, Vectors
from memctl.ingest.amounts import counted

_FAISS = {".faiss", ".index", ".ivf", ".ivfdata"}
_MAGIC = b"\x93NUMPY"
_SAVE = "Write it with numpy.save of a float32 matrix, a vector a row."
_LONGEST_LINE = 64_000_000
_NORM = 0.01  # how far the length of a vector may be from 1: 16 bits round it by less


class Table(Protocol):
    """Rows with a vector each, which can be read more than once."""

    @property
    def file(self) -> Path:
        """The file that holds the vectors."""
        ...

    def origin(self) -> Origin | None:
        """Return what the table says of itself; None of one that memctl has not written."""
        ...

    def blocks(self) -> Iterator[tuple[list[Row], NDArray[Any]]]:
        """Yield rows and their vectors (n, dimension), a block at a time."""
        ...


def find(source: Path, ids: Path | None = None) -> Table:
    """Return the table that ``source``, a folder or a file, is; ``ids`` holds what vectors mean.

    Raises:
        TableError: it is not there, or not one that is read.
    """
    file = _file_of(source)
    suffix = file.suffix.lower()
    if suffix == ".npy":
        return NpyTable(file, ids or file.with_name(IDS))
    if ids is not None:
        raise UsageError("--ids goes with a .npy file", hint="A table of Parquet holds them.")
    if suffix == ".parquet":
        return ParquetTable(file)
    if suffix in _FAISS:
        raise TableError(
            f"{file} is not read: a foreign FAISS index can name any file of this machine as "
            "its own, and write to it",
            hint="Export the vectors as npy or parquet, with their texts.",
        )
    raise TableError(f"{file} is neither .npy nor .parquet", hint="Convert it to one of them.")


def _file_of(source: Path) -> Path:
    if not source.is_dir():
        if not source.is_file():
            raise TableError(f"no file {source}", hint="Check the path.")
        return source
    for name in (TABLE, VECTORS, INDEX):
        if (source / name).is_file():
            return source / name
    raise TableError(
        f"{source} holds neither {TABLE} nor {VECTORS}",
        hint="Name the folder that memctl index export made, or a .npy or .parquet file.",
    )


def checked(given: NDArray[Any], first: int, *, file: Path, dimension: int) -> Vectors:
    """Return vectors as float32 (n, dimension); ``first`` is the number of the first, from 1.

    Raises:
        TableError: one is not finite, not of unit length, or they have another dimension.
    """
    if given.shape[1] != dimension:
        raise TableError(
            f"the vectors in {file} have {given.shape[1]} dimensions, the embedder's {dimension}",
            hint="Name the embedder that made them with --embedder.",
        )
    vectors: Vectors = given.astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        norms = np.linalg.norm(vectors.astype(np.float64), axis=1)
    wrong = np.flatnonzero(~(np.abs(norms - 1) <= _NORM))
    if not wrong.size:
        return vectors
    at = int(wrong[0])
    where = f"the vector {first + at:,} in {file}"
    if not np.isfinite(vectors[at]).all():
        raise TableError(f"{where} is not finite", hint="Make it again: it holds NaN or infinity.")
    if norms[at] == 0:
        raise TableError(f"{where} is zero", hint="Make it again, or leave it out with its text.")
    raise TableError(
        f"{where} has the length {norms[at]:.4g}, not 1",
        hint="Scale them: vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)",
    )


@dataclass(frozen=True, slots=True)
class NpyTable:
    """An array, and a file of JSON lines that says what its rows stand for."""

    file: Path
    ids: Path

    def origin(self) -> Origin | None:
        """Return what stands beside the array; None where memctl has written nothing there."""
        beside = self.file.with_name(ORIGIN)
        if not beside.exists():
            return None
        try:
            origin = origin_from(beside.read_text(encoding="utf-8"), str(beside))
            for file in (self.file, self.ids):
                with file.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
                if origin.files.get(file.name) != digest:
                    raise TableError(f"{file} is not what was exported", hint=CHANGED)
        except (OSError, UnicodeDecodeError) as error:
            raise TableError(f"{beside} cannot be checked: {error}", hint=CHANGED) from error
        return origin

    def blocks(self) -> Iterator[tuple[list[Row], NDArray[Any]]]:
        """Yield rows and their vectors, a block at a time.

        Raises:
            TableError: the array is no matrix of floats, or cut, or the lines are not as many.
        """
        array = self._array()
        rows: list[Row] = []
        done = 0
        for number, row in enumerate(_json_lines(self.ids), start=1):
            if number > len(array):
                raise TableError(
                    f"{self.ids} has more lines than the {counted(len(array), 'vector')} in "
                    f"{self.file}",
                    hint="Line i must say what vector i stands for.",
                )
            rows.append(row)
            if len(rows) == BLOCK:
                yield rows, np.asarray(array[done : done + len(rows)])
                done, rows = done + len(rows), []
        if done + len(rows) < len(array):
            raise TableError(
                f"{self.ids} has {counted(done + len(rows), 'line')} for the "
                f"{counted(len(array), 'vector')} in {self.file}",
                hint="Line i must say what vector i stands for.",
            )
        if rows:
            yield rows, np.asarray(array[done:])

    def _array(self) -> NDArray[Any]:
        with self.file.open("rb") as stream:
            if stream.read(len(_MAGIC)) != _MAGIC:
                raise TableError(f"{self.file} is no array of numpy", hint=_SAVE)
        try:
            array: NDArray[Any] = np.load(self.file, mmap_mode="r", allow_pickle=False)
        except (ValueError, OSError, EOFError, SyntaxError, TypeError, KeyError) as error:
            reason = f"is damaged: {error}"
            if "Python objects" in str(error):
                reason = "is not read: it holds pickled objects, which run code when loaded"
            raise TableError(f"{self.file} {reason}", hint=_SAVE) from error
        if array.ndim != 2 or array.dtype.kind != "f":
            kind = f"{array.dtype} of shape {array.shape}"
            raise TableError(f"{self.file} is {kind}, not a matrix of floats", hint=_SAVE)
        return array


def _json_lines(file: Path) -> Iterator[Row]:
    r"""Yield the object of each line; only ``\n`` ends one.

    Raises:
        TableError: the file cannot be read, or a line is no JSON object.
    """
    try:
        with file.open("rb") as stream:
            number = 0
            while line := stream.readline(_LONGEST_LINE + 1):
                number += 1
                yield _object(line, f"line {number:,} of {file}")
    except OSError as error:
        raise TableError(
            f"{file} cannot be read: {error.strerror}",
            hint="It says what the vectors stand for; name it with --ids.",
        ) from error


def _object(line: bytes, where: str) -> Row:
    if len(line) > _LONGEST_LINE:
        raise TableError(f"{where} is longer than {_LONGEST_LINE // 1_000_000} MB")
    try:
        row = json.loads(line.decode("utf-8"))
        json.dumps(row, ensure_ascii=False).encode("utf-8")  # a lone surrogate has none
    except (ValueError, RecursionError) as error:
        raise TableError(f"{where} is no JSON: {error}", hint="Mend the line.") from error
    if not isinstance(row, dict):
        raise TableError(f"{where} is no JSON object", hint='Write {"id": …, "text": …}.')
    return row
