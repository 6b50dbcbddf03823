"""``memctl repair``: make again what can be made again, and say what is lost."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption, WaitOption, be_patient
from memctl.cli.output import command, count, emit, green, safe, say, size, talk

if TYPE_CHECKING:
    from memctl.index.repair import Repair

_LOST = 1


@command
def repair_cli(
    store: StoreOption = DEFAULT_STORE, wait: WaitOption = 0.0, as_json: JsonOption = False
) -> None:
    """Make damaged vectors and indexes again from the texts; say what is lost, and guess nothing.

    A document of which a part is lost is removed; the next memctl ingest of
    its folder reads the file again. Exit with 1 where something is lost.

    Example: memctl verify || memctl repair
    """
    be_patient(wait)
    from memctl.index.repair import repair

    if as_json or not sys.stderr.isatty():
        made = repair(store)
    else:
        from memctl.cli.building import BuildProgress

        with BuildProgress() as progress:
            made = repair(store, progress=progress)
    if as_json:
        emit("memctl.repair/1", asdict(made))
    else:
        _tell(made)
    if made.lost.documents or made.lost.tables:
        raise typer.Exit(_LOST)


def _tell(made: Repair) -> None:
    for each in made.mended:
        say(f"Mended  {safe(each)}")
    if made.freed:
        say(f"Freed   {size(made.freed)}")
    for document in made.lost.documents:
        say(f"Lost    {safe(document)}")
    for table in made.lost.tables:
        say(f"Lost    rows of the catalog's table {table}")
    if made.lost.documents:
        many = count(len(made.lost.documents), "document")
        talk(f"{many} lost. To read them again: memctl ingest FOLDER, then: memctl index build")
        talk("The catalog as it was is kept as catalog.damaged, until the next memctl gc.")
    elif not made.mended:
        say(green("Nothing was damaged."))
