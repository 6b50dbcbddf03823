"""``memctl ingest``: read folders into a store."""

from __future__ import annotations

import signal
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from memctl.cli.completion import chunkings, embedders
from memctl.cli.ingested import (
    fields,
    show,
    show_estimate,
    show_failures,
    show_round,
    write_report,
)
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption, WaitOption, be_patient
from memctl.cli.output import command, emit, flush, say, talk, to_json, warn
from memctl.cli.preview import show_preview

if TYPE_CHECKING:
    from memctl.ingest import MemctlError, Options, Progress, Skipped, Summary

_Patterns = list[str] | None

_MANY = 5_000  # new chunks whose words take a while


@command
def ingest_cli(
    paths: Annotated[list[str], typer.Argument(help="Folders and files to read.")],
    store: StoreOption = DEFAULT_STORE,
    embedder: Annotated[
        str | None,
        typer.Option(
            autocompletion=embedders, help="One of memctl embedders; only when the store is made."
        ),
    ] = None,
    include: Annotated[
        _Patterns,
        typer.Option(metavar="GLOB", help="Read only such files, this time: '*.md', '/notes/'."),
    ] = None,
    exclude: Annotated[
        _Patterns,
        typer.Option(metavar="GLOB", help="Leave such files as they are, this time: 'drafts/'."),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune/--no-prune", help="Remove what is gone from the folders.")
    ] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Read again what could not be read before.")
    ] = False,
    redact: Annotated[
        str | None,
        typer.Option(
            metavar="KINDS",
            help="Take out keys, cards, phones, emails, ids, or all; kept in memctl.toml.",
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 5 when an input was not read whole.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what was not read, or not whole, as JSON lines."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Show the chunks of the file PATH, and keep nothing."),
    ] = False,
    chunking: Annotated[
        str | None,
        typer.Option(
            metavar="METHOD",
            autocompletion=chunkings,
            help="Preview by structure, tokens, sentences, …",
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on: ingest what changes until Ctrl-C.")
    ] = False,
    workers: Annotated[int, typer.Option(min=0, max=64, help="Parsing processes; 0 chooses.")] = 0,
    wait: WaitOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Read documents, cut them into chunks and embed them. Only what changed is done again.

    Globs are written as in .gitignore, and hold for one run; a file .memctlignore in a folder
    holds always.

    Example: memctl ingest ~/notes --store ~/.memctl
    """
    be_patient(wait)
    from memctl.ingest import Options, estimate, ingest

    targets = _targets(paths)
    if chunking is not None and not preview:
        raise _usage("--chunking is for --preview", "A store's method stands in its memctl.toml.")
    if preview:
        show_preview(targets, store, method=chunking, as_json=as_json)
        return
    if watch and (dry_run or strict):
        raise _usage("--watch goes with neither --dry-run nor --strict", "Leave one out.")
    if report is not None:
        write_report(report, [])  # that it cannot be written is told before the work
    _settle_redaction(store, redact, embedder)
    options = Options(
        embedder,
        prune=prune,
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        retry=retry,
        workers=workers,
    )
    if dry_run:
        found = estimate(targets, store, options=options)
        show_estimate(found, prune=prune, as_json=as_json, report=report)
        _finish(list(found.failures), report=report, strict=strict)
        return
    signal.signal(signal.SIGTERM, _stop)
    if watch:
        _watch(targets, store, options=options, report=report, as_json=as_json)
        return
    with _progress(as_json=as_json) as progress:
        summary = ingest(targets, store, options=options, progress=progress)
    _index_words(summary, store, as_json=as_json)
    if as_json:
        emit("memctl.ingest/1", fields(summary))
    else:
        show(summary, store, report=report)
    _finish(summary.failures, report=report, strict=strict)


def _settle_redaction(store: Path, kinds: str | None, embedder: str | None) -> None:
    """Have this ingest, and every later one, take out these kinds; texts are read again for it."""
    if kinds is None:
        return
    from memctl.ingest import Store, change_settings
    from memctl.ingest.redaction import KINDS, parsed

    wanted = parsed(kinds)
    named = "all" if wanted == KINDS else ", ".join(wanted)
    with Store.write(store, embedder=embedder) as opened:
        same = opened.settings.privacy.redact == named
    if not same:
        change_settings(store, {"privacy": {"redact": named}})


def _index_words(summary: Summary, store: Path, *, as_json: bool) -> None:
    if not (summary.added or summary.changed or summary.removed or summary.moved):
        return  # most ingests change nothing, and are over at once
    from memctl.index.lexical import update

    if summary.embedded > _MANY and not as_json:
        talk("Indexing the words …")
    update(store)


def _targets(paths: list[str]) -> list[Path]:
    if not all(paths):
        raise _usage("a path is empty", "Write . for the current folder.")
    return [Path(path) for path in paths]


def _usage(message: str, hint: str) -> MemctlError:
    from memctl.ingest import UsageError

    return UsageError(message, hint=hint)


@contextmanager
def _progress(*, as_json: bool) -> Generator[Progress | None]:
    if as_json or not sys.stderr.isatty():
        yield None
        return
    from memctl.cli.progress import IngestProgress

    with IngestProgress() as progress:
        yield progress


def _watch(
    targets: Sequence[Path],
    store: Path,
    *,
    options: Options,
    report: Path | None,
    as_json: bool,
) -> None:
    """Print a line for each round that did something; as JSON, an object a line."""
    from memctl.index.lexical import update
    from memctl.ingest import MemctlError, watch

    before: Summary | None = None
    try:
        for done in watch(targets, store, options=options):
            if isinstance(done, MemctlError):
                warn(f"{done.message}; trying again")
                continue
            update(store)
            if as_json:
                say(to_json({"schema": "memctl.ingest/1", **fields(done)}))
            else:
                _show_round(done, before, store=store, report=report)
            flush()
            if report is not None:
                write_report(report, done.failures)
            before = done
    except KeyboardInterrupt:
        talk("Watching has ended; what was taken in is kept.")
        raise typer.Exit(130) from None


def _show_round(done: Summary, before: Summary | None, *, store: Path, report: Path | None) -> None:
    if before is None:
        show(done, store, report=report)
        talk("Watching for changes. Ctrl-C ends it.")
        return
    told = set(before.failures)
    show_failures([each for each in done.failures if each not in told], store=store, report=report)
    show_round(done, store, gone=done.missing - before.missing)


def _finish(failures: list[Skipped], *, report: Path | None, strict: bool) -> None:
    if report is not None:
        write_report(report, failures)
    if strict and failures:
        raise typer.Exit(5)


def _stop(signum: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001  as signal calls it
    """End as Ctrl-C does, so that what is embedded is kept."""
    sys.exit(143)
