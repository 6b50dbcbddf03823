"""The program under test, run with a store."""

from __future__ import annotations

import json
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from bench.common import BenchError, Row, Run, run


@dataclass(frozen=True, slots=True)
class Memctl:
    """The command ``memctl`` with a store; without ``embedder`` it takes its own choice."""

    program: Path
    store: Path
    _: KW_ONLY
    embedder: str | None = None

    def __call__(self, *words: str | Path) -> Run:
        """Run ``memctl WORDS --store STORE``."""
        return run((self.program, *words, "--store", self.store))

    def ingest(self, source: Path, *, watch_memory: bool = False) -> Run:
        """Run ``memctl ingest SOURCE --json``."""
        choice = () if self.embedder is None else ("--embedder", self.embedder)
        command = (self.program, "ingest", source, "--store", self.store, "--json", *choice)
        return run(command, watch_memory=watch_memory)


def summary(ingest: Run) -> Row:
    """Return what ``ingest --json`` printed."""
    return json.loads(ingest.stdout)


def all_read(ingest: Run) -> Row:
    """Return what ``ingest --json`` printed: a figure counts only where every input was read.

    Raises:
        BenchError: some inputs failed.
    """
    said = summary(ingest)
    if failures := said["failures"]:
        first = "; ".join(f"{each['path']}: {each['reason']}" for each in failures[:3])
        raise BenchError(f"{len(failures)} inputs were not read, the first: {first}")
    return said
