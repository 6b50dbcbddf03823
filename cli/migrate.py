"""``memctl index migrate`` and ``rollback``: another embedder, tried beside the one that serves."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.completion import embedders
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption, WaitOption, be_patient
from memctl.cli.output import command, command_for, count, emit, green, safe, say, size, talk

if TYPE_CHECKING:
    from memctl.index import Progress
    from memctl.index.cutover import Cutover
    from memctl.index.migration import Forecast

_SCHEMA = "memctl.migrate/1"


@command
def migrate_cli(
    embedder: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            autocompletion=embedders,
            help="The new embedder; see: memctl embedders",
        ),
    ] = "",
    questions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            readable=False,
            help='JSON lines: {"text": …, "gold": [DOCUMENT, …]}, gold where it is known.',
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how long it would take; change nothing.")
    ] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Let the shadow serve.")] = False,
    discard: Annotated[
        bool, typer.Option("--discard", help="Drop the shadow, or what was kept to roll back to.")
    ] = False,
    store: StoreOption = DEFAULT_STORE,
    wait: WaitOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Embed the store with another embedder beside the one that serves, and compare the two.

    Nothing changes for those who search until --accept; memctl index rollback goes back.

    Without --embedder it goes on with what was begun, and embeds nothing twice. While it runs
    nothing can be ingested; it may be ended with Ctrl-C at any time.

    Example: memctl index migrate --embedder e5-small --questions questions.jsonl
    """
    be_patient(wait)
    _check_options(embedder, questions, dry_run=dry_run, accept=accept, discard=discard)
    if accept:
        _accept(store, as_json=as_json)
    elif discard:
        _discard(store, as_json=as_json)
    elif dry_run:
        _dry_run(store, embedder, as_json=as_json)
    else:
        _migrate(store, embedder, questions, as_json=as_json)


@command
def rollback_cli(
    store: StoreOption = DEFAULT_STORE, wait: WaitOption = 0.0, as_json: JsonOption = False
) -> None:
    """Let the embedder before the last migrate --accept serve again.

    What was ingested since is embedded with it first. The one that is called back stays as a
    shadow, to be accepted again or discarded.

    Example: memctl index rollback
    """
    be_patient(wait)
    from memctl.index.cutover import rollback

    with _progress(as_json=as_json) as progress:
        done = rollback(store, progress=progress)
    _show_cutover(done, "rollback", store, as_json=as_json)


def _check_options(
    embedder: str, questions: Path | None, *, dry_run: bool, accept: bool, discard: bool
) -> None:
    from memctl.ingest import UsageError

    if accept + discard + dry_run > 1:
        raise UsageError("give one of --accept, --discard and --dry-run", hint="See: --help")
    if (accept or discard) and (embedder or questions):
        raise UsageError(
            "--accept and --discard are of the shadow that is there",
            hint="Leave out --embedder and --questions.",
        )
    if dry_run and questions:
        raise UsageError("a dry run asks no questions", hint="Leave out --questions.")


def _migrate(store: Path, embedder: str, questions: Path | None, *, as_json: bool) -> None:
    from memctl.cli.migrated import migration_fields, show_migration
    from memctl.index.judged import read_judged
    from memctl.index.migration import migrate

    judged = read_judged(questions) if questions else []
    with _progress(as_json=as_json) as progress:
        done = migrate(store, embedder, questions=judged, progress=progress)
    if as_json:
        emit(_SCHEMA, {"action": "migrate", **migration_fields(done)})
        return
    show_migration(done)
    talk(f"Next: {command_for('memctl index migrate --accept', store)}, or --discard")


def _accept(store: Path, *, as_json: bool) -> None:
    from memctl.index.cutover import accept

    with _progress(as_json=as_json) as progress:
        done = accept(store, progress=progress)
    _show_cutover(done, "accept", store, as_json=as_json)


def _discard(store: Path, *, as_json: bool) -> None:
    from memctl.index.cutover import discard

    gone = discard(store)
    if as_json:
        emit(_SCHEMA, {"action": "discard", "discarded": asdict(gone)})
    else:
        say(f"{green('Dropped')}   {safe(gone.embedder)}, {gone.dimension} dimensions")


def _dry_run(store: Path, embedder: str, *, as_json: bool) -> None:
    from memctl.index.migration import forecast

    found = forecast(store, embedder)
    if as_json:
        emit(
            _SCHEMA,
            {
                "action": "dry-run",
                "embedder": found.embedder,
                "passages": found.texts,
                "tokens": found.tokens,
                "seconds": None if found.seconds is None else round(found.seconds, 1),
                "vector_bytes": found.vector_bytes,
            },
        )
        return
    if not found.texts:
        say(f"{green('Would')}     embed nothing: {safe(found.embedder)} has every passage")
        return
    say(
        f"{green('Would')}     embed {count(found.texts, 'passage')} of {found.tokens:,} tokens "
        f"with {safe(found.embedder)}"
    )
    say(f"{green('Takes')}     {_takes(found)}")


def _takes(found: Forecast) -> str:
    room = "" if found.vector_bytes is None else f"{size(found.vector_bytes)} for its vectors, "
    if found.seconds is None:
        return f"{room}what its provider takes: nothing was sent to it"
    if found.seconds < 120:
        return f"{room}about {found.seconds:.0f} s"
    return f"{room}about {count(round(found.seconds / 60), 'minute')}"


def _show_cutover(done: Cutover, action: str, store: Path, *, as_json: bool) -> None:
    if as_json:
        emit(
            _SCHEMA,
            {
                "action": action,
                "serving": asdict(done.serving),
                "kept": asdict(done.before),
                "embedded": done.embedded,
            },
        )
        return
    serving, before = done.serving, done.before
    new = f", {count(done.embedded, 'new passage')} embedded" if done.embedded else ""
    say(f"{green('Serves')}    {safe(serving.embedder)}, {serving.dimension} dimensions{new}")
    back = "rollback" if action == "accept" else "migrate --accept"
    say(f"{green('Kept')}      {safe(before.embedder)}, {before.dimension} dimensions")
    talk(f"Back: {command_for(f'memctl index {back}', store)}")
    talk(f"To drop what is kept: {command_for('memctl index migrate --discard', store)}")


@contextmanager
def _progress(*, as_json: bool) -> Generator[Progress]:
    if as_json:
        from memctl.index import Silent

        yield Silent()
    elif sys.stderr.isatty():
        from memctl.cli.migrating import MigrateProgress

        with MigrateProgress() as progress:
            yield progress
    else:
        from memctl.cli.index import Telling

        yield Telling()
