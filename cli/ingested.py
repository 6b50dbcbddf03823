"""What an ingest did, or would do, as text and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from memctl.cli.output import command_for, count, dim, emit, green, say, talk, to_json, warn

if TYPE_CHECKING:
    from memctl.ingest import Counts, Estimate, Skipped, Summary

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
            "partial": summary.partial,
            "refused": summary.refused,
            "missing": summary.missing,
            "left_out": summary.unseen,
        },
        "parts": {"failed": summary.parts},
        "chunks": {
            "total": summary.chunks,
            "embedded": summary.embedded,
            "reused": summary.reused,
        },
        "failures": [_failure(each) for each in summary.failures],
        "redacted": dict(summary.redacted),
        "seconds": round(summary.seconds, 3),
    }


def _failure(skipped: Skipped) -> dict[str, str]:
    return {
        "path": skipped.path,
        "code": skipped.code,
        "reason": skipped.reason,
        "status": skipped.status,
    }


def write_report(file: Path, failures: Iterable[Skipped]) -> None:
    """Write every input that was not read, or not whole, as JSON lines.

    Raises:
        UsageError: the file cannot be written.
    """
    lines = (to_json(_failure(each)) + "\n" for each in failures)
    try:
        file.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        from memctl.ingest import UsageError

        raise UsageError(
            f"cannot write {file}: {error.strerror}", hint="Check --report."
        ) from error


def show(summary: Summary, store: Path, *, report: Path | None = None) -> None:
    """Print what an ingest did, and what to do next."""
    show_failures(summary.failures, store=store, report=report)
    say(f"{green('Files')}   {_counted(summary) or 'none'}")
    say(
        f"{green('Chunks')}  {summary.chunks:,} in all, {summary.embedded:,} embedded now, "
        f"{summary.reused:,} reused {dim(f'({summary.seconds:.1f} s)')}"
    )
    if summary.redacted:
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in sorted(summary.redacted.items()))
        say(f"{green('Hidden')}  {kinds}")
    _warn_of_rest(summary)
    if _to_build(store):
        talk(f"Next: {command_for('memctl index build', store)}")


def show_round(summary: Summary, store: Path, *, gone: int) -> None:
    """Print in one line what a round of a watch did, if it did anything.

    ``gone`` files are missing that were there in the round before.
    """
    done = _done(summary)
    if gone > 0:
        done["gone (kept; --prune removes)"] = gone
    if not any(done.values()):
        return
    took = dim(f"({summary.seconds:.1f} s)")
    say(f"{green('Files')}   {_listed(done)}; {count(summary.embedded, 'chunk')} embedded {took}")
    if _to_build(store):
        talk(f"The index is behind: {command_for('memctl index build', store)}")


def shortfall(failed: int, parts: int, *, partial: int, refused: int = 0) -> list[str]:
    """Return how much was not read, in the words that every command uses.

    ``failed`` files and ``parts`` of files were not read, ``partial`` files and documents in part.
    What the walk ``refused`` is no file that a store knows of.
    """
    words = {
        f"{count(failed, 'file')} not read": failed,
        f"{count(parts, 'part')} of files not read": parts,
        f"{partial:,} partly read": partial,
        f"{refused:,} refused": refused,
    }
    return [phrase for phrase, number in words.items() if number]


def held(counts: Counts) -> str:
    """Return how many documents a store holds, from how many files, and what was not read."""
    rest = shortfall(counts.failed, counts.parts, partial=counts.partial)
    whole = f"{count(counts.documents, 'document')} from {count(counts.read, 'file')}"
    return "; ".join(filter(None, (whole, ", ".join(rest))))


def _done(summary: Summary) -> dict[str, int]:
    return {
        "added": summary.added,
        "changed": summary.changed,
        "moved": summary.moved,
        "removed": summary.removed,
    }


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {word}" for word, number in counts.items() if number)


def _counted(summary: Summary) -> str:
    done = _listed({**_done(summary), "unchanged": summary.unchanged})
    rest = shortfall(
        summary.failed, summary.parts, partial=summary.partial, refused=summary.refused
    )
    return "; ".join(filter(None, (done, ", ".join(rest))))


def _warn_of_rest(summary: Summary) -> None:
    """Say what is in the store beside what was met."""
    if summary.missing:
        warn(
            f"{count(summary.missing, 'file')} in the store "
            f"{'is' if summary.missing == 1 else 'are'} gone from the folder, or named in its "
            ".memctlignore; with --prune the same command removes them, unless it is empty"
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


def show_failures(
    failures: Iterable[Skipped], *, store: Path | None = None, report: Path | None = None
) -> None:
    """Print what was not read, the first of it by name; of what was told before, the number.

    Of what is in the ``store``, doctor tells more.
    """
    told = list(failures)
    new = [each for each in told if not each.before]
    shown = new if len(new) == _SHOWN + 1 else new[:_SHOWN]
    for each in shown:
        word = "partly read" if each.kind == "partial" else "skipped"
        talk(f" {each.path}: {each.reason} [{each.code}]", label=word)
    rest = Counter(each.code for each in new[len(shown) :])
    if rest:
        kinds = ", ".join(f"{n:,} {code}" for code, n in sorted(rest.items(), key=_by_number))
        where = report or "--report FILE"
        talk(f"… and {rest.total():,} more ({kinds}); {where} lists them all")
    old = f"{len(told) - len(new):,} as before" if len(new) < len(told) else ""
    if store is not None and any(each.kind != "refused" for each in told):
        doctor = command_for("memctl doctor", store)
        talk(f"{old}; {doctor} lists them" if old else f"What to do about it: {doctor}")
    elif old:
        talk(old)


def _by_number(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def show_estimate(
    found: Estimate, *, prune: bool, as_json: bool, report: Path | None = None
) -> None:
    """Print what an ingest would do."""
    if as_json:
        emit(
            "memctl.estimate/1",
            {
                "files": {
                    "to_read": found.files,
                    "unchanged": found.unchanged,
                    "moved": found.moved,
                    "failed": sum(each.kind == "file" for each in found.failures),
                    "missing": found.missing,
                },
                "chunks": {"total": found.chunks, "reused": found.reused},
                "tokens": found.tokens,
                "at_most": found.at_most,
                "seconds": None if found.seconds is None else round(found.seconds, 1),
                "failures": [_failure(each) for each in found.failures],
            },
        )
        return
    show_failures(found.failures, report=report)
    most = "at most " if found.at_most else ""
    took = _duration(found.seconds) if found.files else ""
    moved = f", {count(found.moved, 'file')} moved" if found.moved else ""
    say(
        f"Would read {count(found.files, 'file')} into {most}{count(found.chunks, 'chunk')} and "
        f"embed {most}{count(found.tokens, 'token')}{took}; vectors of {found.reused:,} are there "
        f"already, {count(found.unchanged, 'file')} unchanged{moved}. Nothing was written."
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
