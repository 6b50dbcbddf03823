"""From folders to a store: walk, parse, cut, embed, commit. Only what changed is done again."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from memctl.ingest.catalog import Catalog
from memctl.ingest.chunker import ChunkRules
from memctl.ingest.document import Problem
from memctl.ingest.layout import Layout
from memctl.ingest.parsing import Outcome, Parsed, Parser, Task
from memctl.ingest.plan import Plan, plan, refuse_empty
from memctl.ingest.records import FileRecord, NoteRecord
from memctl.ingest.settings import Settings
from memctl.ingest.store import Store
from memctl.ingest.summary import Estimate, Options, Progress, Silent, Summary
from memctl.ingest.walk import Entry, Skipped
from memctl.ingest.writer import Writer, embedding_text

# What a file's text and chunks depend on beside its bytes: raise a number when the code changes
# what comes out, and every file is read again.
_READING, _CUTTING = 2, 1
# A file that was written in the last moment may be written again without its times changing.
_RACY_NS = 2_000_000_000


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
    refuse_empty(targets, store=store, prune=chosen.prune)
    summary = Summary()
    with Store.write(store, embedder=chosen.embedder) as opened:
        recipe = _recipe(opened.settings.chunking)
        made = plan(targets, opened.catalog, store=store, recipe=recipe, options=chosen)
        _count_plan(made, opened.catalog, summary)
        shown.planned(len(made.tasks), sum(task.entry.size for task in made.tasks))
        writer = Writer(opened, opened.embedder(), recipe=recipe, progress=shown)
        try:
            _read(made, writer, opened, options=chosen, progress=shown, summary=summary)
            writer.commit()
        except BaseException:
            writer.rescue()
            raise
        _settle(made, opened.catalog, prune=chosen.prune, summary=summary)
        summary.chunks = opened.catalog.counts().chunks
        summary.embedded, summary.reused = writer.embedded, writer.reused
    summary.failures.sort(key=lambda skipped: skipped.path)
    summary.seconds = time.monotonic() - begun
    return summary


def estimate(targets: Sequence[Path], store: Path, *, options: Options | None = None) -> Estimate:
    """Read and cut what ``ingest`` would, and change nothing.

    Raises:
        SourceError: a target is missing, or there is no file in them.
        StoreError: there is a store and it cannot be read.
    """
    chosen = options or Options()
    refuse_empty(targets, store=store, prune=chosen.prune)
    chunks = tokens = reused = same = 0
    with ExitStack() as stack:
        exists = Layout(store).catalog.exists()
        opened = stack.enter_context(Store.open(store)) if exists else None
        settings, catalog = (opened.settings, opened.catalog) if opened else (Settings(), None)
        recipe = _recipe(settings.chunking)
        made = plan(targets, catalog, store=store, recipe=recipe, options=chosen)
        counted = Summary()
        _count_plan(made, catalog, counted)
        failures = counted.failures
        parser = stack.enter_context(_parser(settings, chosen))
        for task, results in parser.parse(made.tasks):
            for result in results:
                if isinstance(result, Outcome):
                    same += result.unchanged and not result.code
                    failures.extend(_failure(task.entry.path, result.code, result.reason))
                    continue
                if isinstance(result, Problem):
                    failures.extend(_failure(result.path, result.code, result.reason))
                    continue
                for chunk in result.chunks:
                    key = hashlib.sha256(embedding_text(chunk, result.title).encode()).digest()
                    known = catalog is not None and catalog.row_of(key) is not None
                    reused += known
                    tokens += 0 if known else chunk.tokens
                chunks += len(result.chunks)
    return Estimate(
        len(made.tasks) - same,
        counted.unchanged + same,
        missing=len(made.missing),
        chunks=chunks,
        tokens=tokens,
        reused=reused,
        failures=tuple(failures),
    )


def _recipe(rules: ChunkRules) -> str:
    return f"read-{_READING}/cut-{_CUTTING}:{rules.max_tokens}:{rules.overlap_tokens}"


def _parser(settings: Settings, options: Options) -> Parser:
    workers = options.workers or min(os.cpu_count() or 1, 2)
    return Parser(settings.chunking, settings.limits, workers=workers)


def _count_plan(made: Plan, catalog: Catalog | None, summary: Summary) -> None:
    summary.failures.extend(made.skipped)
    known = {record.path for record in made.known}
    notes = catalog.notes() if catalog else []
    summary.failures.extend(_lost(note for note in notes if note.file in known))
    for record in made.known:
        summary.failures.extend(_failure(record.path, record.code, record.reason))
        summary.unchanged += not record.code


def _read(
    made: Plan,
    writer: Writer,
    store: Store,
    *,
    options: Options,
    progress: Progress,
    summary: Summary,
) -> None:
    with _parser(store.settings, options) as parser:
        for task, results in parser.parse(made.tasks):
            record = _take(task, results, writer=writer, catalog=store.catalog, summary=summary)
            summary.failures.extend(_failure(record.path, record.code, record.reason))
            progress.file(task.entry.path, task.entry.size)


def _take(
    task: Task,
    results: Iterator[Parsed | Problem | Outcome],
    *,
    writer: Writer,
    catalog: Catalog,
    summary: Summary,
) -> FileRecord:
    """Hand the documents of one file to the writer, count how it ended, return its record."""
    entry = task.entry
    before = catalog.file(entry.path)
    outcome = _hand_over(entry.path, results, writer=writer, summary=summary)
    if outcome.unchanged and before is not None:
        record = _record(entry, outcome, before.recipe, code=before.code, reason=before.reason)
        summary.failures.extend(_lost(catalog.notes(file=entry.path)))
    else:
        reason = outcome.reason
        if outcome.code and before is not None and not before.code:
            reason += "; what was read of it before is kept"
        record = _record(entry, outcome, writer.recipe, code=outcome.code, reason=reason)
    # Bad rows are passed over, and the file is read to its end all the same.
    read = outcome.code in {"", "bad_rows"}
    writer.end_file(record, whole=read and not outcome.unchanged)
    if read and (not record.code or not outcome.unchanged):
        summary.unchanged += outcome.unchanged
        summary.changed += not outcome.unchanged and before is not None
        summary.added += before is None
    return record


def _hand_over(
    file: str,
    results: Iterator[Parsed | Problem | Outcome],
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
            summary.failures.extend(_failure(result.path, result.code, result.reason))
        else:
            writer.add(file, result)
    return outcome


def _lost(notes: Iterable[NoteRecord]) -> Iterator[Skipped]:
    """Yield the parts of files that were not read before, and are as they were."""
    return (Skipped(note.path, note.code, reason=note.reason) for note in notes if note.lost)


def _record(entry: Entry, outcome: Outcome, recipe: str, *, code: str, reason: str) -> FileRecord:
    racy = time.time_ns() - entry.mtime_ns < _RACY_NS
    return FileRecord(
        entry.path,
        entry.root,
        size=entry.size,
        mtime_ns=-1 if racy else entry.mtime_ns,
        ctime_ns=entry.ctime_ns,
        sha256=outcome.sha256,
        recipe=recipe,
        code=code,
        reason=reason,
    )


def _failure(path: str, code: str, reason: str) -> Iterator[Skipped]:
    if code:
        yield Skipped(path, code, reason=reason)


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
            if prune or not held:
                summary.removed += held
                catalog.remove_file(path)
            else:
                summary.missing += 1
                catalog.set_root(path, root)  # it may have been named from one that has moved
        for old, new in made.moved.items():
            if catalog.holds(new):
                catalog.remove_file(old)
