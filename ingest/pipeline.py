"""From folders to a store: walk, parse, cut, embed, commit. Only what changed is done again."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from memctl.ingest.catalog import Catalog
from memctl.ingest.document import Problem
from memctl.ingest.losses import failure, losses
from memctl.ingest.parsed import Kept, Outcome, Result, Task
from memctl.ingest.parsing import Parser
from memctl.ingest.plan import plan
from memctl.ingest.planned import Plan
from memctl.ingest.records import BAD_ROWS, FileRecord
from memctl.ingest.redaction import parsed, taken_out
from memctl.ingest.settings import Settings
from memctl.ingest.store import Store
from memctl.ingest.summary import Options, Progress, Silent, Summary
from memctl.ingest.targets import refuse_empty
from memctl.ingest.walk import Entry
from memctl.ingest.writer import Writer

# What a file's text and chunks depend on beside its bytes: raise a number when the code changes
# what comes out, and every file is read again.
_READING, _CUTTING = 3, 4


def ingest(
    targets: Sequence[Path],
    store: Path,
    *,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Read the files and folders ``targets`` into the store, making it where there is none.

    What is committed stays, whatever happens: an ingest that was ended goes on where it stopped.

    Raises:
        SourceError: a target is missing, or there is no file in them.
        StoreError: the store cannot be written.
        EmbedderError: the embedder is unknown or failed.
    """
    chosen, shown = options or Options(), progress or Silent()
    begun = time.monotonic()
    refuse_empty(targets, store=store, options=chosen)
    summary = Summary()
    with Store.write(store, embedder=chosen.embedder) as opened:
        recipe = recipe_of(opened.settings)
        made = plan(
            targets,
            opened.catalog,
            store=store,
            recipe=recipe,
            options=chosen,
            readers=opened.settings.readers,
        )
        count_plan(made, summary)
        shown.planned(len(made.tasks), sum(task.entry.size for task in made.tasks))
        with Writer(opened, opened.embedder(), recipe=recipe, progress=shown) as writer:
            _read(made, writer, opened, options=chosen, progress=shown, summary=summary)
        _settle(made, opened.catalog, prune=chosen.prune, summary=summary)
        summary.chunks = opened.catalog.chunks_known
        summary.embedded, summary.reused = writer.embedded, writer.reused
    summary.failures.sort(key=lambda each: (each.path, each.code, each.reason))
    summary.seconds = time.monotonic() - begun
    return summary


def recipe_of(settings: Settings) -> str:
    """Return what a file's text and chunks depend on beside its bytes."""
    named = "".join(f"/{suffix}={where}" for suffix, where in sorted(settings.readers.items()))
    redacted = f"/without={'+'.join(kinds)}" if (kinds := parsed(settings.privacy.redact)) else ""
    return f"read-{_READING}/cut-{_CUTTING}:{settings.chunking.recipe}{named}{redacted}"


def parser_for(settings: Settings, options: Options) -> Parser:
    """Return the parser of a store."""
    workers = options.workers or min(os.cpu_count() or 1, 2)
    rules, limits = settings.chunking, settings.limits
    redact = parsed(settings.privacy.redact)
    return Parser(rules, limits, workers=workers, readers=settings.readers, redact=redact)


def count_plan(made: Plan, summary: Summary) -> None:
    """Count what is as it was, and what cannot be read."""
    summary.unchanged += made.same
    summary.unseen = made.unseen
    summary.failures.extend(made.skipped)
    for record in made.failed:
        summary.unchanged += record.code == BAD_ROWS
        summary.failures.extend(failure(record.path, record.code, record.reason, before=True))


def _read(
    made: Plan,
    writer: Writer,
    store: Store,
    *,
    options: Options,
    progress: Progress,
    summary: Summary,
) -> None:
    """Read the files of the plan; one that two new files seem to be is given to the first."""
    with parser_for(store.settings, options) as parser:
        tasks = made.tasks
        while tasks:
            again: list[Task] = []
            for task, results in parser.parse(tasks):
                done = _take(task, results, writer=writer, store=store, made=made, summary=summary)
                if done:
                    progress.file(task.entry.path, task.entry.size)
                else:
                    again.append(Task(task.entry))
            tasks = again


def _take(
    task: Task,
    results: Iterator[Result | Outcome],
    *,
    writer: Writer,
    store: Store,
    made: Plan,
    summary: Summary,
) -> bool:
    """Hand what one file holds to the writer, and count how it ended; False to read it anew."""
    entry = task.entry
    before = store.catalog.file(entry.path)
    outcome = _hand_over(entry.path, results, writer=writer, summary=summary)
    if before is None and outcome.unchanged:
        return _move(entry, outcome, writer=writer, made=made, summary=summary)
    if before is not None and outcome.unchanged:
        code, reason = before.code, before.reason
        record = _record(entry, outcome, before.recipe, made=made, code=code, reason=reason)
        summary.failures.extend(losses(store.catalog.notes(file=entry.path), before=True))
    else:
        reason = outcome.reason
        if outcome.code and before is not None and not before.code:
            reason += "; what was read of it before is kept"
        code = outcome.code
        record = _record(entry, outcome, writer.recipe, made=made, code=code, reason=reason)
    # Bad rows are passed over, and the file is read to its end all the same.
    read = record.code in {"", BAD_ROWS}
    writer.end_file(record, whole=read and not outcome.unchanged)
    same = before is not None and _is_same(before, record)
    if read:
        summary.unchanged += same
        summary.changed += not same and before is not None
        summary.added += before is None
    told = failure(record.path, record.code, record.reason, before=same)
    summary.failures.extend(told)
    return True


def _is_same(before: FileRecord, record: FileRecord) -> bool:
    """Tell whether a file has ended as it had before; ``--retry`` reads also such files again."""
    ended = (before.sha256, before.recipe, before.code)
    return ended == (record.sha256, record.recipe, record.code)


def _move(entry: Entry, outcome: Outcome, *, writer: Writer, made: Plan, summary: Summary) -> bool:
    """Give a file that has a new name what it held under the old one; False if that is taken."""
    old = made.move(outcome.sha256, entry.path)
    if old is None:
        return False
    writer.move(old, _record(entry, outcome, writer.recipe, made=made, code="", reason=""))
    summary.moved += 1
    return True


def _hand_over(
    file: str,
    results: Iterator[Result | Outcome],
    *,
    writer: Writer,
    summary: Summary,
) -> Outcome:
    outcome = Outcome("", code="crashed", reason="the reader said nothing")
    writer.begin_file()
    for result in results:
        if isinstance(result, Outcome):
            outcome = result
        elif isinstance(result, Problem):
            writer.lose(file, result)
        elif isinstance(result, Kept):
            writer.keep(file, result.path, result.notes)
        else:
            writer.add(file, result)
            summary.redacted += taken_out(result.notes)
    summary.failures.extend(writer.lost())
    return outcome


def _record(
    entry: Entry, outcome: Outcome, recipe: str, *, made: Plan, code: str, reason: str
) -> FileRecord:
    return FileRecord(
        entry.path,
        entry.root,
        size=entry.size,
        mtime_ns=made.mtime_of(entry),
        ctime_ns=entry.ctime_ns,
        sha256=outcome.sha256,
        recipe=recipe,
        code=code,
        reason=reason,
    )


def _settle(made: Plan, catalog: Catalog, *, prune: bool, summary: Summary) -> None:
    """Note the folders; count, or remove, their files that are gone from disk.

    What was never read, or now stands under a folder further out, goes in any case: nothing that
    can be found is lost by it.
    """
    with catalog.transaction():
        for folder in made.folders:
            catalog.add_folder(folder)
        for path, root in made.missing.items():
            held = catalog.holds(path)
            if not held or (prune and path not in made.emptied):
                summary.removed += held
                catalog.remove_file(path)
            else:
                summary.missing += 1
                catalog.set_root(path, root)  # it may have been named from one that has moved
        for path, root in made.rooted.items():
            catalog.set_root(path, root)
        for old, new in made.moved.items():
            if catalog.holds(new):
                catalog.remove_file(old)
    if prune:
        summary.failures.extend(made.spared(catalog))
