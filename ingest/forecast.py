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
from memctl.ingest.parsed import Kept, Outcome, Parsed
from memctl.ingest.pipeline import count_plan, failure, parser_for, recipe_of
from memctl.ingest.plan import plan
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
        made = plan(targets, catalog, store=store, recipe=recipe_of(settings), options=chosen)
        summary = Summary()
        count_plan(made, summary)
        tally = _Tally(catalog)
        parser = stack.enter_context(parser_for(settings, chosen))
        for task, results in parser.parse(made.tasks):
            for result in results:
                if isinstance(result, Outcome):
                    tally.unchanged += result.unchanged and not result.code
                    summary.failures.extend(failure(task.entry.path, result.code, result.reason))
                elif isinstance(result, Problem):
                    summary.failures.extend(failure(result.path, result.code, result.reason))
                else:
                    tally.add(result)
        parsing = time.monotonic() - begun
        embedder = opened.embedder() if opened else get(chosen.embedder or EmbedderChoice().name)
        embedding = _seconds(embedder, tally)
    return Estimate(
        len(made.tasks) - tally.unchanged,
        summary.unchanged + tally.unchanged,
        missing=len(made.missing),
        chunks=tally.chunks,
        tokens=tally.tokens,
        reused=tally.reused,
        seconds=None if embedding is None else parsing + embedding,
        failures=tuple(summary.failures),
    )


@dataclass(slots=True)
class _Tally:
    """Counts files as they were, chunks, and of those that have no vector yet the tokens."""

    catalog: Catalog | None
    unchanged: int = 0
    chunks: int = 0
    reused: int = 0
    tokens: int = 0
    seen: set[bytes] = field(default_factory=set[bytes])
    sample: list[str] = field(default_factory=list[str])
    sample_tokens: int = 0

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


def _seconds(embedder: Embedder, tally: _Tally) -> float | None:
    """Return how long it takes to embed, with the loading of the model; None if not to be told."""
    if not tally.sample:
        return 0.0
    if embedder.name.partition(":")[0] not in _HERE:
        return None
    begun = time.monotonic()
    embedder.embed(tally.sample[:1], role="document")
    loaded = time.monotonic()
    embedder.embed(tally.sample, role="document")
    each = (time.monotonic() - loaded) / max(tally.sample_tokens, 1)
    return loaded - begun + each * tally.tokens
