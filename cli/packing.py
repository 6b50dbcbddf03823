"""``memctl export`` and ``memctl import``: a store in one file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import command, count, emit, safe, say, size, talk

_File = Annotated[Path, typer.Argument(metavar="FILE", help="The file, by custom NAME.memctl.")]


@command
def pack_cli(
    file: _File,
    store: StoreOption = DEFAULT_STORE,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the whole store into one file: texts, vectors, settings, and how to build its indexes.

    For vectors in the formats of other programs: memctl index export

    Example: memctl export notes.memctl
    """
    from memctl.index.packing import export_store

    written = export_store(store, file, force=force)
    if as_json:
        emit("memctl.export/1", {"file": str(file), "bytes": written})
    else:
        say(f"Wrote {safe(str(file))}, {size(written)}")
        talk(f"To read it: memctl import {safe(str(file))} --store NEW")


@command
def unpack_cli(
    file: _File,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Make a store of what memctl export wrote, after every byte of it was checked.

    Indexes are built again, as one from elsewhere must not be opened; readers
    that its settings name are left out, as they are code. For vectors of
    other programs: memctl index import

    Example: memctl import notes.memctl --store ~/notes
    """
    from memctl.index.packing import import_store
    from memctl.ingest import Store

    if as_json or not sys.stderr.isatty():
        indexes = import_store(file, store)
    else:
        from memctl.cli.building import BuildProgress

        with BuildProgress() as progress:
            indexes = import_store(file, store, progress=progress)
    with Store.open(store) as opened:
        counts, embedder = opened.catalog.counts(), opened.generation.embedder
    if as_json:
        fields = {"documents": counts.documents, "chunks": counts.chunks, "embedder": embedder}
        emit("memctl.import/1", {"store": str(store), "indexes": list(indexes), **fields})
        return
    say(f"Made {safe(str(store))}: {count(counts.documents, 'document')}")
    say(f"Embedder {safe(embedder)}, indexes {', '.join(map(safe, indexes)) or 'none'}")
    if not indexes:
        talk("Next: memctl index build")
