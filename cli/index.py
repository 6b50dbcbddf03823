"""``memctl index``: build an index and look at it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import command, count, dim, emit, green, say, size

if TYPE_CHECKING:
    from memctl.index import Manifest

index_app = typer.Typer(no_args_is_help=True, help="Build indexes and look at them.")
NameOption = Annotated[str, typer.Option("--name", help="The name of the index.")]


@index_app.command("build")
@command
def build_cli(
    store: StoreOption = DEFAULT_STORE,
    name: NameOption = "default",
    force: Annotated[
        bool, typer.Option("--force", help="Build again, also when nothing changed.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Build the index over all chunks of the store; the old one serves until it is done.

    Example: memctl index build --store ~/.memctl
    """
    from memctl.index import build

    begun = time.monotonic()
    manifest = build(store, name, force=force)
    seconds = time.monotonic() - begun
    if as_json:
        emit("memctl.index/1", {**_fields(manifest), "seconds": round(seconds, 3)})
    else:
        _show(manifest, f"{seconds:.1f} s")


@index_app.command("info")
@command
def info_cli(
    store: StoreOption = DEFAULT_STORE,
    name: NameOption = "default",
    as_json: JsonOption = False,
) -> None:
    """Say what an index is, what it costs and what it loses.

    Example: memctl index info --json
    """
    from memctl.index import load
    from memctl.ingest import Store

    with Store.open(store) as opened:
        manifest = load(opened.layout, name)
        behind = opened.catalog.revision != manifest.revision
        complete = manifest.complete(opened.layout.indexes / name)
    if as_json:
        emit("memctl.index/1", {**_fields(manifest), "behind": behind, "complete": complete})
        return
    state = "behind the corpus" if behind else "up to date"
    _show(manifest, state if complete else "files are missing or cut: build it again")


def _fields(manifest: Manifest) -> dict[str, object]:
    return {
        "name": manifest.name,
        "generation": manifest.generation,
        "type": manifest.type,
        "factory": manifest.factory,
        "embedder": manifest.embedder,
        "dimension": manifest.dimension,
        "vectors": manifest.vectors,
        "bytes_per_vector": round(manifest.bytes_per_vector, 1),
        "recall_at_10": manifest.certificate.recall_at_10,
        "recall_sample": manifest.certificate.sample,
        "search": {},
    }


def _show(manifest: Manifest, note: str) -> None:
    say(
        f"{green('Index')}   {manifest.name}, {manifest.type}, generation {manifest.generation} "
        f"{dim(f'({note})')}"
    )
    total = sum(fact.bytes for fact in manifest.files.values())
    say(
        f"{green('Holds')}   {count(manifest.vectors, 'vector')}, {size(total)}, "
        f"{manifest.bytes_per_vector:.0f} bytes each; exact: recall@10 is 1"
    )
