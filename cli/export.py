"""``memctl index export``: the vectors of a store for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import command, count, emit, green, say


@command
def export_cli(
    out: Annotated[Path, typer.Argument(help="A new folder.", readable=False)],
    form: Annotated[
        str, typer.Option("--to", metavar="FORMAT", help="npy, faiss, or parquet.")
    ] = "npy",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Write every chunk with its vector, and what it stands for, into a folder.

    Example: memctl index export vectors --to parquet
    """
    from memctl.index import export

    total = export(store, out, form=form)
    if as_json:
        emit("memctl.export/1", {"folder": str(out), "format": form, "chunks": total})
    else:
        say(f"{green('Wrote')}   {count(total, 'chunk')} to {out} as {form}")
