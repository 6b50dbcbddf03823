"""``memctl snapshot``: keep a store as it is, and go back to it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption, WaitOption, be_patient
from memctl.cli.output import command, count, emit, safe, say, talk

snapshot_app = typer.Typer(
    no_args_is_help=True,
    help="Keep the store as it is under a name, and go back to it. What does not change is shared.",
)


def complete(context: typer.Context, incomplete: str) -> list[str]:
    """Return the names of snapshots that begin so, for the shell."""
    from memctl.ingest.snapshots import folders

    store = Path(context.params.get("store") or DEFAULT_STORE)
    return [each.name for each in folders(store) if each.name.startswith(incomplete)]


_Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help="The name of the snapshot.", autocompletion=complete),
]


@snapshot_app.command("create")
@command
def create_cli(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Its name; without one, the time.")
    ] = "",
    store: StoreOption = DEFAULT_STORE,
    wait: WaitOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Keep the store as it is. No vector is copied where the disk has links.

    It can be asked like a store: --store STORE/snapshots/NAME

    Example: memctl snapshot create before-spring
    """
    be_patient(wait)
    from memctl.ingest.snapshots import create

    made = create(store, name)
    if as_json:
        emit("memctl.snapshot/1", asdict(made))
    else:
        say(f"Kept {safe(made.name)}: {count(made.documents, 'document')}")
        talk(f"Back to it: memctl snapshot restore {safe(made.name)}")


@snapshot_app.command("list")
@command
def list_cli(store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False) -> None:
    """List the snapshots, the oldest first.

    Example: memctl snapshot list
    """
    from memctl.ingest import Store
    from memctl.ingest.snapshots import snapshots

    with Store.open(store, unchecked=True):
        found = snapshots(store)
    if as_json:
        emit("memctl.snapshots/1", {"snapshots": [asdict(each) for each in found]})
        return
    wide = max((len(each.name) for each in found), default=0)
    for each in found:
        many = f"{count(each.documents, 'document')}, {count(each.chunks, 'chunk')}"
        say(f"{safe(each.name):{wide}}  {each.made[:16].replace('T', ' ')}  {many}")
    if not found:
        talk("There are none. To make one: memctl snapshot create")


@snapshot_app.command("restore")
@command
def restore_cli(
    name: _Name,
    store: StoreOption = DEFAULT_STORE,
    keep: Annotated[
        bool,
        typer.Option("--keep/--no-keep", help="Keep what the store is now as a snapshot, too."),
    ] = True,
    wait: WaitOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Make the store what it was. What it is now is kept as a snapshot first.

    Example: memctl snapshot restore before-spring
    """
    be_patient(wait)
    from memctl.ingest.snapshots import restore

    kept = restore(store, name, keep=keep)
    if as_json:
        emit("memctl.snapshot/1", {"restored": name, "kept": asdict(kept) if kept else None})
    else:
        say(f"Restored {safe(name)}")
        if kept:
            talk(f"What was there is kept: memctl snapshot restore {safe(kept.name)}")


@snapshot_app.command("drop")
@command
def drop_cli(
    name: _Name,
    store: StoreOption = DEFAULT_STORE,
    wait: WaitOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Remove a snapshot; the store and the others stay as they are.

    Example: memctl snapshot drop before-spring
    """
    be_patient(wait)
    from memctl.ingest.snapshots import drop

    drop(store, name)
    if as_json:
        emit("memctl.snapshot/1", {"dropped": name})
    else:
        say(f"Dropped {safe(name)}")
