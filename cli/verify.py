"""``memctl verify``: whether every part of a store is what was written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import command, count, emit, green, safe, say, wrapped

if TYPE_CHECKING:
    from memctl.ingest.integrity import Fault

_FAULTY = 1


@command
def verify_cli(
    store: StoreOption = DEFAULT_STORE,
    snapshots: Annotated[
        bool, typer.Option("--snapshots/--no-snapshots", help="Read the snapshots, too.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Read every byte of the store and of its memories; exit with 1 on a fault.

    Each row is compared with its sum, each text with what was embedded, each
    vector and each file of an index with the sha256 that it was written with.
    Nothing is changed; memctl repair mends.

    Example: memctl verify
    """
    found, chunks = _faults(store)
    found += _faults_of_memories(store)
    if snapshots:
        found += _faults_of_snapshots(store)
    if as_json:
        fields = {"chunks": chunks, "faults": [asdict(each) for each in found]}
        emit("memctl.verify/1", {"ok": not found, **fields})
    else:
        for each in found:
            say(f"{safe(each.where)}")
            for line in wrapped(each.what, indent="  "):
                say(line)
            if each.hint:
                say(f"  {safe(each.hint)}")
        if found:
            say(f"{count(len(found), 'fault')}")
        else:
            told = f"{count(chunks, 'chunk')}, vectors, indexes, memories"
            say(green(f"All is as it was written: {told}."))
    if found:
        raise typer.Exit(_FAULTY)


def _faults(root: Path) -> tuple[list[Fault], int]:
    from memctl.index import integrity
    from memctl.ingest import Layout, Store
    from memctl.ingest.integrity import faults

    found: list[Fault] = []
    if not Layout(root).catalog.exists() and Layout(root).memories.is_dir():
        return found, 0  # a store of memories alone
    with Store.open(root, unchecked=True) as opened:
        chunks = opened.catalog.chunks_known
        with _bar(chunks) as done:
            found.extend(faults(opened, done=done))
        found.extend(each.fault for each in integrity.faults(opened))
    return found, chunks


def _faults_of_memories(root: Path) -> list[Fault]:
    """Return what is wrong with what users have told."""
    from memctl.ingest.integrity import Fault
    from memctl.memory import Book, Place, users

    hint = "Nothing mends it: restore the file, or forget the memory and import it again."
    found: list[Fault] = []
    for user in users(root):
        with Book.open(Place(root, user)) as book:
            found += [
                Fault(f"memory of {user}", f"{each} is not what was written", hint)
                for each in book.unsound()
            ]
    return found


def _faults_of_snapshots(root: Path) -> list[Fault]:
    """Return what is wrong with the snapshots, each fault with the name of its own."""
    from memctl.ingest import MemctlError
    from memctl.ingest.integrity import Fault
    from memctl.ingest.snapshots import check, folders

    found: list[Fault] = []
    for folder in folders(root):
        where, hint = f"snapshot {folder.name}", f"Run: memctl snapshot drop {folder.name}"
        try:
            check(folder)
            own, _ = _faults(folder)
        except MemctlError as error:
            found.append(Fault(where, error.message, hint))
        else:
            found += [Fault(f"{where}: {each.where}", each.what, hint) for each in own]
    return found


@contextmanager
def _bar(chunks: int) -> Generator[Callable[[int], None]]:
    if not sys.stderr.isatty() or not chunks:
        yield lambda _: None
        return
    from memctl.cli.progress import CountProgress

    with CountProgress(chunks, "chunks") as bar:
        yield bar.done
