"""``memctl index import``: chunks and vectors that were made elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from memctl.cli.export import telling
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption, WaitOption, be_patient
from memctl.cli.output import command, command_for, count, emit, green, say, talk


@command
def import_cli(
    source: Annotated[
        Path,
        typer.Argument(help="What export wrote, or a .npy or .parquet file.", readable=False),
    ],
    embedder: Annotated[
        str,
        typer.Option(metavar="NAME", help="What made the vectors; an export says it itself."),
    ] = "",
    ids: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            readable=False,
            help='JSON lines beside a .npy: {"id": …, "text": …}.  [default: ids.jsonl]',
        ),
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    wait: WaitOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Add documents with their vectors to a store, new or not, without embedding them.

    Of an export all comes back as it was. In a table of your own each row has an id, a text and
    a vector of length 1 (in Parquet: a column vector), and becomes a document; title, language
    and metadata are taken where they are there.

    Example: memctl index import vectors --store copy
    """
    be_patient(wait)
    from memctl.index import import_table

    with telling(as_json=as_json) as progress:
        done = import_table(source, store, embedder=embedder or None, ids=ids, progress=progress)
    if as_json:
        fields = {
            "documents": {"added": done.documents, "unchanged": done.unchanged},
            "chunks": done.chunks,
            "vectors": done.vectors,
            "embedder": done.embedder,
        }
        emit("memctl.import/1", fields)
        return
    same = f", {count(done.unchanged, 'document')} unchanged" if done.unchanged else ""
    documents, chunks = count(done.documents, "document"), count(done.chunks, "chunk")
    say(f"{green('Imported')}  {documents}, {chunks} of {done.embedder}{same}")
    if done.documents:
        talk(f"Next: {command_for('memctl index build', store)}")
