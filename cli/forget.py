"""``memctl forget``: remove documents for good."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli import completion
from memctl.cli.options import (
    DEFAULT_STORE,
    JsonOption,
    StoreOption,
    WaitOption,
    be_patient,
)
from memctl.cli.output import command, count, emit, safe, say, talk, warn

if TYPE_CHECKING:
    from memctl.index.forgetting import Forgetting
    from memctl.ingest import Store
    from memctl.query import Filter


@command
def forget_cli(
    documents: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="DOCUMENT",
            autocompletion=completion.documents,
            help="Documents, files, or patterns of them.",
        ),
    ] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            metavar="FIELD:VALUE",
            autocompletion=completion.filter_fields,
            help="Forget what is there: file:*.eml, lang:ru. Values are whole ones.",
        ),
    ] = None,
    prove: Annotated[
        bool, typer.Option("--prove", help="Search every file of the store for them afterwards.")
    ] = False,
    receipts: Annotated[
        bool, typer.Option("--receipts", help="Show what was forgotten, and forget nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    store: StoreOption = DEFAULT_STORE,
    wait: WaitOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Remove documents for good: text, vectors, words, indexes; what learned from them is rebuilt.

    The files that they came from stay where they are, and the next memctl
    ingest of their folder would read them again.

    Example: memctl forget 'letters/*.eml' --prove
    """
    if receipts:
        _show_receipts(store, as_json=as_json)
        return
    be_patient(wait)
    from memctl.index.forgetting import forget
    from memctl.ingest import Store
    from memctl.query import Filter
    from memctl.query.evaluation.kept import clear

    with Store.open(store) as opened:
        paths = _chosen(opened, documents or [], [Filter.parse(each) for each in filters or []])
    if not (yes or as_json) and sys.stdin.isatty():
        _ask(paths)
    if as_json or not sys.stderr.isatty():
        done = forget(store, paths, prove=prove)
    else:
        from memctl.cli.building import BuildProgress

        with BuildProgress() as progress:
            done = forget(store, paths, prove=prove, progress=progress)
    clear()
    if as_json:
        emit("memctl.forget/1", asdict(done))
    else:
        _tell(done, prove=prove)


def _chosen(store: Store, names: Sequence[str], filters: Sequence[Filter]) -> list[str]:
    """Return the documents that are named, by themselves, by their files or by patterns."""
    from memctl.ingest import UsageError
    from memctl.ingest.nearnames import near_hint
    from memctl.query.filters import check_fields, to_sql

    if not names and not filters:
        raise UsageError(
            "no document to forget", hint="Name one, or give --filter; memctl list shows them."
        )
    catalog, found = store.catalog, list[str]()
    for name in names:
        name = catalog.named(name)
        own = [name] if catalog.document(name) else catalog.documents_of(name)
        own = own or catalog.documents_like(name)
        if not own:
            known = (each for path, _, file in catalog.document_names() for each in (path, file))
            hint = near_hint(name, known, otherwise="Run: memctl list")
            raise UsageError(f"no document {name!r} in {store.layout.root}", hint=hint)
        found += own
    if filters:
        check_fields(filters, catalog)
        where, values = to_sql(filters, strict=True)
        passing = catalog.paths(where, values)
        if not passing:
            raise UsageError("no document passes the filter", hint="Run: memctl list")
        found = sorted(set(found) & set(passing)) if names else passing
    return found


def _ask(paths: Sequence[str]) -> None:
    for path in paths[:10]:
        talk(safe(path))
    if len(paths) > 10:
        talk(f"and {len(paths) - 10:,} more")
    if not typer.confirm(f"Forget {count(len(paths), 'document')} for good?", err=True):
        raise typer.Exit(1)


def _tell(done: Forgetting, *, prove: bool) -> None:
    receipt = done.receipt
    many = f"{count(len(done.documents), 'document')}, {count(receipt.chunks, 'chunk')}"
    say(f"Forgot  {many}, {count(receipt.vectors, 'vector')}")
    if done.indexes:
        say(f"Rebuilt {', '.join(map(safe, dict.fromkeys(done.indexes)))}")
    if prove:
        say(f"Proved  nothing of it is in {count(receipt.proved, 'file')} of the store")
    for name in done.snapshots:
        warn(f"the snapshot {safe(name)} still holds it: memctl snapshot drop {safe(name)}")
    for file in done.files[:10]:
        warn(f"{safe(file)} is still there, and the next ingest would read it again")
    if len(done.files) > 10:
        warn(f"and {count(len(done.files) - 10, 'file')} more")


def _show_receipts(store: Path, *, as_json: bool) -> None:
    from memctl.ingest import Layout, Store, StoreError
    from memctl.ingest.receipts import receipts

    with Store.open(store) as opened:
        try:
            found = receipts(opened)
        except ValueError as error:
            raise StoreError(
                f"{Layout(store).receipts} is not what was written: {error}",
                hint="Nothing mends it: what it said is lost.",
            ) from error
    if as_json:
        emit("memctl.receipts/1", {"receipts": [asdict(each) for each in found]})
        return
    for each in found:
        proof = f"proved in {count(each.proved, 'file')}" if each.proved else "not proved"
        when, many = each.time[:16].replace("T", " "), count(len(each.names), "document")
        say(f"{when}  forgot {many}, {proof}")
    if not found:
        talk("Nothing was forgotten.")
