"""Take the vectors of a store out, with what each of them stands for, into files of other tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import numpy as np

from memctl.index import parquet, qdrant
from memctl.index.exchange import IDS, INDEX, ORIGIN, TABLE, VECTORS, Exported, Sheet, sheet
from memctl.index.files import fact_of, write_index
from memctl.index.library import faiss
from memctl.index.progress import Progress, Silent
from memctl.index.spec import unknown
from memctl.ingest import Store, StoreError, UsageError, Vectors

FORMATS = ("npy", "faiss", "parquet", "qdrant")


def export(store: Path, out: Path, *, form: str, progress: Progress | None = None) -> int:
    """Write every chunk with its vector into the new folder ``out``; return their number.

    Line i of ``ids.jsonl`` says what vector i stands for. ``npy`` is float32 (chunks, dimension);
    ``faiss`` is an exact index of inner products with the ids 0, 1, 2, …; ``parquet`` holds both
    in one table. ``qdrant`` is a folder for the local mode of Qdrant's client. Equal texts have
    equal vectors, each its own.

    Raises:
        UsageError: the format is unknown or lacks its package, or the folder is not empty.
        StoreError: there is no store, it holds no chunks, or the folder cannot be written.
    """
    if form not in _WRITERS:
        raise unknown("format", form, known=FORMATS)
    _require(form)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is there and not empty", hint="Name a new folder.")
    with Store.open(store) as opened, opened.catalog.snapshot():
        made = _told(_sheet(opened), progress or Silent())
        try:
            out.mkdir(parents=True, exist_ok=True)
            _WRITERS[form](out, made)
        except OSError as error:
            raise StoreError(
                f"cannot write {out}: {error.strerror or error}",
                hint="Check the disk and the path.",
            ) from error
        return made.origin.chunks


def export_to_server(
    store: Path, url: str, *, collection: str, prune: bool = False, progress: Progress | None = None
) -> int:
    """Put every chunk with its vector into a collection of the Qdrant at ``url``; return how many.

    What is there under the same ids is replaced; with ``prune`` all other points are removed. A
    key is taken from the variable ``QDRANT_API_KEY``.

    Raises:
        UsageError: the package is not installed.
        ServerError: the server cannot be reached or refuses them, or the collection is of other
            vectors.
        StoreError: there is no store, or it holds no chunks.
    """
    _require("qdrant")
    shown = progress or Silent()
    with Store.open(store) as opened:  # no snapshot: a writer must not wait for a server
        made = _told(_sheet(opened), shown)
        return qdrant.to_server(made, url, collection=collection, prune=prune, progress=shown)


def _require(form: str) -> None:
    """Refuse a format whose package is missing, before anything is made."""
    if form == "parquet":
        parquet.library()
    elif form == "qdrant":
        qdrant.library()


def _sheet(store: Store) -> Sheet:
    made = sheet(store)
    if not made.origin.chunks:
        raise StoreError(
            f"the store {store.layout.root} holds no chunks", hint="Run: memctl ingest FOLDER"
        )
    return made


def _told(made: Sheet, progress: Progress) -> Sheet:
    """Return the same sheet, which tells how much of it is read."""

    def blocks() -> Iterator[tuple[list[Exported], Vectors]]:
        progress.stage("writing", made.origin.chunks)
        for chunks, vectors in made.blocks:
            yield chunks, vectors
            progress.advance(len(chunks))

    return replace(made, blocks=blocks())


def _write_npy(out: Path, made: Sheet) -> None:
    shape = (made.origin.chunks, made.origin.dimension)
    array = np.lib.format.open_memmap(out / VECTORS, mode="w+", dtype=np.float32, shape=shape)
    at = 0
    with (out / IDS).open("w", encoding="utf-8", newline="\n") as ids:
        for chunks, vectors in made.blocks:
            array[at : at + len(chunks)] = vectors
            at += len(chunks)
            _write_ids(ids, chunks)
    array.flush()
    _write_origin(out, made)


def _write_faiss(out: Path, made: Sheet) -> None:
    index = faiss().IndexFlatIP(made.origin.dimension)
    with (out / IDS).open("w", encoding="utf-8", newline="\n") as ids:
        for chunks, vectors in made.blocks:
            index.add(vectors)
            _write_ids(ids, chunks)
    write_index(index, out / INDEX)
    _write_origin(out, made)


def _write_parquet(out: Path, made: Sheet) -> None:
    parquet.write(out / TABLE, made)


def _write_qdrant(out: Path, made: Sheet) -> None:
    qdrant.to_folder(made, out)


def _write_origin(out: Path, made: Sheet) -> None:
    """Say where the vectors come from and, last of all, that the other files are whole."""
    files = {file.name: fact_of(file).sha256 for file in sorted(out.iterdir())}
    origin = replace(made.origin, files=files)
    (out / ORIGIN).write_text(origin.to_json(), encoding="utf-8", newline="\n")


def _write_ids(stream: TextIO, chunks: list[Exported]) -> None:
    for chunk in chunks:
        stream.write(json.dumps(chunk.row, ensure_ascii=False) + "\n")


_WRITERS: dict[str, Callable[[Path, Sheet], None]] = {
    "npy": _write_npy,
    "faiss": _write_faiss,
    "parquet": _write_parquet,
    "qdrant": _write_qdrant,
}
