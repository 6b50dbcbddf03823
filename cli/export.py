"""``memctl index export``: the vectors of a store for other tools."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import command, count, emit, green, say

if TYPE_CHECKING:
    from memctl.index import Progress

_SERVER = "With --to qdrant"


@command
def export_cli(
    out: Annotated[
        Path | None, typer.Argument(help="A new folder; none with --url.", readable=False)
    ] = None,
    form: Annotated[
        str, typer.Option("--to", metavar="FORMAT", help="npy, faiss, parquet, or qdrant.")
    ] = "npy",
    url: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="A running server; its key is taken from QDRANT_API_KEY.",
            rich_help_panel=_SERVER,
        ),
    ] = "",
    collection: Annotated[
        str, typer.Option(metavar="NAME", help="Made if need be.", rich_help_panel=_SERVER)
    ] = "memctl",
    prune: Annotated[
        bool,
        typer.Option(
            "--prune", help="Remove all other points of the collection.", rich_help_panel=_SERVER
        ),
    ] = False,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Write every chunk with its vector, and what it stands for, for other tools.

    What is exported as npy or parquet can be imported: memctl index import FOLDER. A point of
    Qdrant has the same id in each export, so that a second one replaces the first.

    Example: memctl index export vectors --to parquet
    """
    from memctl.index import export, export_to_server
    from memctl.ingest import UsageError

    if (out is None) == (not url) or (url and form != "qdrant"):
        raise UsageError(
            "a new folder is needed, or with --to qdrant a --url instead",
            hint="As in: memctl index export vectors --to parquet",
        )
    with telling(as_json=as_json) as progress:
        if out is None:
            total = export_to_server(
                store, url, collection=collection, prune=prune, progress=progress
            )
        else:
            total = export(store, out, form=form, progress=progress)
    where = {"folder": str(out)} if out else {"url": url, "collection": collection}
    if as_json:
        emit("memctl.export/1", {**where, "format": form, "chunks": total})
    else:
        target = str(out) if out else f"{collection} at {url}"
        say(f"{green('Wrote')}   {count(total, 'chunk')} to {target} as {form}")


@contextmanager
def telling(*, as_json: bool) -> Generator[Progress]:
    """Give what shows how far a work on vectors is: a bar on a terminal, else its reasons."""
    if as_json:
        from memctl.index import Silent

        yield Silent()
    elif sys.stderr.isatty():
        from memctl.cli.building import BuildProgress

        with BuildProgress() as progress:
            yield progress
    else:
        from memctl.cli.index import Telling

        yield Telling()
