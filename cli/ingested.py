"""What an ingest did, or would do, as text and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from memctl.cli.output import command_for, count, dim, emit, green, say, talk, to_json, warn, yellow

if TYPE_CHECKING:
    from memctl.ingest import Estimate, Skipped, Summary

_SHOWN = 20  # failures on the terminal; the report holds them all


def fields(summary: Summary) -> dict[str, object]:
    """Return the fields of ``memctl.ingest/1``."""
    return {
        "files": {
            "added": summary.added,
            "changed": summary.changed,
            "unchanged": summary.unchanged,
            "moved": summary.moved,
            "removed": summary.removed,
            "failed": summary.failed,
            "missing": summary.missing,
            "left_out": summary.unseen,
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


def write_report(file: Path, failures: Iterable[Skipped]) -> None:
    """Write every input that was not read, as JSON lines.

    Raises:
        UsageError: the file cannot be written.
    """
    lines = (to_json({**_failure(each), "status": "skipped"}) + "\n" for each in failures)
    try:
        file.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        from memctl.ingest import UsageError

        raise UsageError(
            f"cannot write {file}: {error.strerror}", hint="Check --report."
        ) from error


def show(summary: Summary, store: Path) -> None:
    """Print what an ingest did, and what to do next."""
    show_failures(summary.failures)
    say(f"{green('Files')}   {_counted(summary) or 'none'}")
    say(
        f"{green('Chunks')}  {summary.chunks:,} in all, {summary.embedded:,} embedded now, "
        f"{summary.reused:,} reused {dim(f'({summary.seconds:.1f} s)')}"
    )
    _warn_of_rest(summary)
    if _to_build(store):
        talk(f"Next: {command_for('memctl index build', store)}")


def show_round(summary: Summary) -> None:
    """Print in one line what a round of a watch did, if it did anything."""
    done = _counted(summary, unchanged=False)
    if done:
        took = dim(f"({summary.seconds:.1f} s)")
        say(f"{green('Files')}   {done}; {count(summary.embedded, 'chunk')} embedded {took}")


def _counted(summary: Summary, *, unchanged: bool = True) -> str:
    counts = {
        "added": summary.added,
        "changed": summary.changed,
        "moved": summary.moved,
        "unchanged": summary.unchanged if unchanged else 0,
        "removed": summary.removed,
        "not read": summary.failed if unchanged else 0,
    }
    return ", ".join(f"{number:,} {word}" for word, number in counts.items() if number)


def _warn_of_rest(summary: Summary) -> None:
    """Say what is in the store beside what was met."""
    if summary.missing:
        warn(
            f"{count(summary.missing, 'file')} in the store "
            f"{'is' if summary.missing == 1 else 'are'} gone from the folder, or named in its "
            ".memctlignore; with --prune the same command removes them"
        )
    if summary.unseen:
        warn(
            f"{count(summary.unseen, 'file')} in the store left as "
            f"{'it is' if summary.unseen == 1 else 'they are'}: --include and --exclude hold for "
            "one run. To be rid of such files name them in .memctlignore and use --prune"
        )


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


def show_failures(failures: list[Skipped]) -> None:
    """Print what was not read, the first of it by name."""
    for each in failures[:_SHOWN]:
        talk(f"{yellow('skipped')}  {each.path}: {each.reason} {dim(f'[{each.code}]')}")
    rest = Counter(each.code for each in failures[_SHOWN:])
    if rest:
        kinds = ", ".join(f"{number:,} {code}" for code, number in rest.most_common())
        talk(f"… and {sum(rest.values()):,} more ({kinds}); --report FILE lists them all")


def show_estimate(found: Estimate, *, prune: bool, as_json: bool) -> None:
    """Print what an ingest would do."""
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
                "seconds": None if found.seconds is None else round(found.seconds, 1),
                "failures": [_failure(each) for each in found.failures],
            },
        )
        return
    show_failures(list(found.failures))
    say(
        f"Would read {count(found.files, 'file')} into {count(found.chunks, 'chunk')} and embed "
        f"{found.tokens:,} tokens{_duration(found.seconds)}; {found.reused:,} chunks have their "
        f"vectors already, {count(found.unchanged, 'file')} unchanged. Nothing was written."
    )
    if found.missing:
        gone = f"{count(found.missing, 'file')} of the store gone from the folder"
        say(f"{gone}: {'would be removed' if prune else 'would be kept without --prune'}.")


def _duration(seconds: float | None) -> str:
    """Return about how long that is, in words."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f" in about {max(round(seconds), 1)} s"
    return (
        f" in about {round(seconds / 60)} min"
        if seconds < 5400
        else (f" in about {seconds / 3600:.1f} h")
    )
