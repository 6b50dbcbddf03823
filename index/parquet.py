"""Chunks with their vectors as one table of Parquet, written and read through pyarrow."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memctl.index.exchange import Origin, Row, Sheet, TableError, origin_from
from memctl.index.sample import BLOCK
from memctl.ingest import UsageError

_ORIGIN = b"memctl"  # the key of what a table says of itself
_VECTORS = ("vector", "embedding", "embeddings", "vectors", "emb")
_TEXTS = ("document", "document_id", "title", "text", "language", "document_language")
_MARKS = ("file", "sha256", "recipe")
_NUMBERS = ("chunk", "start", "end", "tokens")
_LISTS = ("pages", "context", "page_starts", "headings", "sections", "metadata")
_READ = {*_TEXTS, *_MARKS, *_NUMBERS, *_LISTS, "id", "_id"}


def library() -> tuple[Any, Any]:
    """Return the modules ``pyarrow`` and ``pyarrow.parquet``.

    Raises:
        UsageError: they are not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError(
            "parquet takes the package pyarrow", hint="Run: pip install 'memctl-rag[parquet]'"
        ) from error
    return pa, parquet


def write(file: Path, made: Sheet) -> None:
    """Write every chunk as a row, its vector a list of fixed size."""
    pa, parquet = library()
    texts, numbers = pa.string(), pa.list_(pa.int64())
    schema = pa.schema(
        [(name, texts) for name in (*_TEXTS, *_MARKS)]
        + [(name, pa.int64()) for name in _NUMBERS]
        + [("pages", numbers), ("context", numbers), ("page_starts", pa.list_(numbers))]
        + [("sections", pa.list_(pa.struct([("start", pa.int64()), ("title", texts)])))]
        + [("headings", pa.list_(texts)), ("metadata", pa.map_(texts, pa.list_(texts)))]
        + [("vector", pa.list_(pa.float32(), made.origin.dimension))],
        metadata={_ORIGIN: made.origin.to_json().encode()},
    )
    with parquet.ParquetWriter(file, schema, write_page_checksum=True) as writer:
        for chunks, vectors in made.blocks:
            rows = [
                {**row, "metadata": list(row["metadata"].items()), "vector": vector}
                for row, vector in zip((each.row for each in chunks), vectors, strict=True)
            ]
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A table whose rows are texts with vectors, memctl's own or another program's."""

    file: Path

    def origin(self) -> Origin | None:
        """Return what the table says of itself; None of one that memctl has not written."""
        with _opened(self.file) as table:
            said = (table.schema_arrow.metadata or {}).get(_ORIGIN)
        where = f"what {self.file} says of itself"
        return None if said is None else origin_from(said.decode("utf-8", "replace"), where)

    def blocks(self) -> Iterator[tuple[list[Row], NDArray[Any]]]:
        """Yield rows and their vectors, a block at a time.

        Raises:
            TableError: the file is damaged, or a vector is missing or of another length.
        """
        with _opened(self.file) as table:
            column = self._column(table.schema_arrow)
            names = [name for name in table.schema_arrow.names if name in _READ]
            done = 0
            for batch in table.iter_batches(batch_size=BLOCK, columns=[*names, column]):
                yield batch.select(names).to_pylist(), self._vectors(batch.column(column), done)
                done += batch.num_rows

    def _column(self, schema: Any) -> str:  # noqa: ANN401  pyarrow has no types
        """Return the name of the column of vectors."""
        types = library()[0].types
        name = next((name for name in _VECTORS if name in schema.names), None)
        if name is None or schema.names.count(name) > 1:
            raise TableError(
                f"{self.file} has no column of vectors",
                hint=f"Name it {_VECTORS[0]}, or one of: {', '.join(_VECTORS[1:])}.",
            )
        kind = schema.field(name).type
        is_list = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
        if not is_list or not types.is_floating(kind.value_type):
            raise TableError(
                f"the column {name} of {self.file} is of type {kind}",
                hint="Write the vectors as lists of 32-bit floats.",
            )
        return name

    def _vectors(self, column: Any, done: int) -> NDArray[Any]:  # noqa: ANN401  pyarrow has no types
        import pyarrow.compute

        compute: Any = pyarrow.compute  # whose functions no stub knows
        lengths = compute.fill_null(compute.list_value_length(column), 0).to_numpy()
        wrong = np.flatnonzero((lengths != lengths[0]) | (lengths == 0))
        if wrong.size:
            at = int(wrong[0])
            raise TableError(
                f"the vector {done + at + 1:,} in {self.file} has {lengths[at]} dimensions, "
                f"the first of them {lengths[0]}",
                hint="All must be of one length.",
            )
        flat = compute.list_flatten(column).to_numpy(zero_copy_only=False)  # null is NaN in it
        return np.asarray(flat).reshape(len(lengths), -1)


@contextmanager
def _opened(file: Path) -> Generator[Any]:
    pa, parquet = library()
    try:
        with parquet.ParquetFile(file, page_checksum_verification=True) as opened:
            yield opened
    except (pa.ArrowException, OSError) as error:
        raise TableError(
            f"{file} cannot be read: {str(error).splitlines()[0]}",
            hint="Check that it is a whole Parquet file.",
        ) from error
