"""What an ingest would do: everything is read and cut, nothing is written."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from memctl.ingest.catalog import Catalog
from memctl.ingest.document import Problem
from memctl.ingest.embedders import Embedder, get
from memctl.ingest.layout import Layout
from memctl.ingest.losses import failure, losses, lost, noted
from memctl.ingest.parsed import Kept, Outcome, Parsed, Task
from memctl.ingest.parsing import Parser
from memctl.ingest.pipeline import count_plan, parser_for, recipe_of
from memctl.ingest.plan import plan
from memctl.ingest.planned import Plan
from memctl.ingest.records import BAD_ROWS
from memctl.ingest.settings import EmbedderChoice, Settings
from memctl.ingest.store import Store
from memctl.ingest.summary import Estimate, Options, Summary
from memctl.ingest.targets import refuse_empty
from memctl.ingest.writer import embedding_text

_SAMPLE = 32  # texts that are embedded to see how long the others will take
# A dry run sends no text to a provider, which may cost money.
_HERE = frozenset({"e5-small", "hashing", "onnx", "sentence-transformers"})


def estimate(targets: Sequence[Path], store: Path, *, options: Options | None = None) -> Estimate:
    """Read and cut what ``ingest`` would, embed a few texts to take the time, and change nothing.

    Raises:
        SourceError: a target is missing, or there is no file in them.
        StoreError: there is a store and it cannot be read.
        EmbedderError: the embedder is unknown or failed.
    """
    chosen = options or Options()
    refuse_empty(targets, store=store, options=chosen)
    begun = time.monotonic()
    with ExitStack() as stack:
        exists = Layout(store).catalog.exists()
        opened = stack.enter_context(Store.open(store)) if exists else None
        settings, catalog = (opened.settings, opened.catalog) if opened else (Settings(), None)
        recipe, readers = recipe_of(settings), settings.readers
        made = plan(targets, catalog, store=store, recipe=recipe, options=chosen, readers=readers)
        tally = _Tally(catalog)
        count_plan(made, tally.summary)
        _read(made, stack.enter_context(parser_for(settings, chosen)), tally)
        _count_missing(made, tally, prune=chosen.prune)
        parsing = time.monotonic() - begun
        embedder = opened.embedder() if opened else get(chosen.embedder or EmbedderChoice().name)
        by_meaning = settings.chunking.method == "semantic"
        embedding = None if by_meaning else tally.seconds(embedder)
    return Estimate(
        tally.read,
        tally.summary.unchanged,
        moved=tally.summary.moved,
        missing=tally.summary.missing,
        at_most=by_meaning,
        chunks=tally.chunks,
        tokens=tally.tokens,
        reused=tally.reused,
        seconds=None if embedding is None else parsing + embedding,
        failures=tuple(tally.summary.failures),
    )


def _read(made: Plan, parser: Parser, tally: _Tally) -> None:
    """Read the files of the plan as an ingest does, with nobody to write what is in them."""
    tasks = made.tasks
    while tasks:
        again: list[Task] = []
        for task, results in parser.parse(tasks):
            for result in results:
                if isinstance(result, Outcome):
                    if not tally.end(task.entry.path, result, made):
                        again.append(Task(task.entry))
                elif isinstance(result, Problem):
                    tally.summary.failures.extend(losses([lost(task.entry.path, result)]))
                else:
                    notes = noted(task.entry.path, result.path, result.notes)
                    tally.summary.failures.extend(losses(notes))
                    tally.add(result)
        tasks = again


def _count_missing(made: Plan, tally: _Tally, *, prune: bool) -> None:
    """Count what would be kept or, with ``prune``, removed."""
    if tally.catalog is None:
        return
    for path in made.missing:
        spare = prune and path in made.emptied
        tally.summary.missing += not spare and tally.catalog.holds(path)
    if prune:
        tally.summary.failures.extend(made.spared(tally.catalog))


@dataclass(slots=True)
class _Tally:
    """Counts how files end, chunks, and of those that have no vector yet the tokens."""

    catalog: Catalog | None
    summary: Summary = field(default_factory=Summary)
    read: int = 0
    chunks: int = 0
    reused: int = 0
    tokens: int = 0
    seen: set[bytes] = field(default_factory=set[bytes])
    sample: list[str] = field(default_factory=list[str])
    sample_tokens: int = 0

    def end(self, path: str, outcome: Outcome, made: Plan) -> bool:
        """Count how a file ended; False where it has to be read anew."""
        before = self.catalog.file(path) if self.catalog else None
        if not outcome.unchanged:
            self.read += 1
            self.fail(path, outcome.code, outcome.reason)
        elif before is not None:
            self.summary.unchanged += before.code in {"", BAD_ROWS}
            self.fail(path, before.code, before.reason)
            if self.catalog:
                self.summary.failures.extend(losses(self.catalog.notes(file=path), before=True))
        elif made.move(outcome.sha256, path) is not None:
            self.summary.moved += 1
        else:
            return False
        return True

    def fail(self, path: str, code: str, reason: str) -> None:
        """Take note of what was not read, if there is a code."""
        self.summary.failures.extend(failure(path, code, reason))

    def add(self, result: Parsed | Kept) -> None:
        """Count the chunks of a document."""
        if isinstance(result, Kept):
            kept = self.catalog.chunks_in(result.path) if self.catalog else 0
            self.chunks += kept
            self.reused += kept
            return
        for chunk in result.chunks:
            text = embedding_text(chunk, result.title)
            key = hashlib.sha256(text.encode()).digest()
            self.chunks += 1
            if key in self.seen or (self.catalog and self.catalog.row_of(key) is not None):
                self.reused += 1
                continue
            self.seen.add(key)
            self.tokens += chunk.tokens
            if len(self.sample) < _SAMPLE:
                self.sample.append(text)
                self.sample_tokens += chunk.tokens

    def seconds(self, embedder: Embedder) -> float | None:
        """Return how long it takes to embed what has no vector; None if that is not to be told."""
        return embedding_seconds(
            embedder, self.sample, sample_tokens=self.sample_tokens, tokens=self.tokens
        )


def embedding_seconds(
    embedder: Embedder, sample: Sequence[str], *, sample_tokens: int, tokens: int
) -> float | None:
    """Return how long it takes to embed ``tokens``, with the loading of the model.

    A sample of their texts is tried. None where that would send it to a provider.
    """
    if not sample:
        return 0.0
    if embedder.name.partition(":")[0] not in _HERE:
        return None
    begun = time.monotonic()
    embedder.embed(sample[:1], role="document")
    loaded = time.monotonic()
    embedder.embed(sample, role="document")
    each = (time.monotonic() - loaded) / max(sample_tokens, 1)
    return loaded - begun + each * tokens
