"""``memctl gc``: free what nothing holds any more."""

from __future__ import annotations

from typing import Annotated

import typer

from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption, WaitOption, be_patient
from memctl.cli.output import command, count, emit, say, size


@command
def gc_cli(
    store: StoreOption = DEFAULT_STORE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is unused.")] = False,
    wait: WaitOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Free what no generation and no snapshot holds: unused vectors, leftovers, free pages.

    Vectors of texts that were removed are kept until then, so that a text
    that comes back need not be embedded again. Also finishes a memctl forget
    that was killed.

    Example: memctl gc
    """
    be_patient(wait)
    from memctl.index.forgetting import collect

    found = collect(store, dry_run=dry_run)
    if as_json:
        emit("memctl.gc/1", {"unused_vectors": found.unused, "freed": found.freed})
        return
    say(f"Unused  {count(found.unused, 'vector')}")
    if not dry_run:
        say(f"Freed   {size(found.freed)}")
