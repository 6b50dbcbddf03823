"""What the benchmark scripts share: measured runs, BEIR folders, measures, gates, reports."""

from __future__ import annotations

import gzip
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import KW_ONLY, asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
SAMPLE = ROOT / "sample_corpus"
GATE_MISSED = 3
MIB = 1 << 20

Row = dict[str, Any]
Judged = Mapping[str, int]  # document id -> relevance of one query
Qrels = dict[str, dict[str, int]]


class BenchError(Exception):
    """A command failed, or its output does not have the promised shape."""


class SkippedError(Exception):
    """What the benchmark reads is not there."""


# ---------------------------------------------------------------------------- measured runs


@dataclass(frozen=True, slots=True)
class Run:
    """A finished command. CPU is user and system time of it and of every child it waited for.

    ``peak_bytes`` is the largest sum of resident memory over the process tree, sampled; pages
    that several processes share are counted once for each. Where no one watched the memory it is
    the largest resident size of a single process.
    """

    exit_code: int
    stdout: str
    _: KW_ONLY
    stderr: str
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int


def run(
    command: Sequence[str | Path],
    *,
    watch_memory: bool = False,
    ok: Iterable[int] = (0,),
    env: Mapping[str, str] | None = None,
) -> Run:
    """Run ``command`` to its end and measure it.

    Raises:
        BenchError: it cannot be started, or its exit code is not among ``ok``.
    """
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**os.environ, **(env or {})},
            )
        except OSError as error:
            raise BenchError(f"cannot start {words[0]}: {error.strerror}") from error
        peak, usage = _reap(process, watch_memory=watch_memory)
        done = Run(
            process.returncode,
            _text(out),
            stderr=_text(err),
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            wall_seconds=time.perf_counter() - started,
            peak_bytes=max(peak, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)),
        )
    if done.exit_code not in ok:
        raise BenchError(f"exit {done.exit_code} from: {' '.join(words)}\n{done.stderr[-2000:]}")
    return done


def _reap(
    process: subprocess.Popen[bytes], *, watch_memory: bool
) -> tuple[int, resource.struct_rusage]:
    """Wait for the end and return the peak of the tree, 0 where not watched, and the usage."""
    reaped = False
    try:
        with _watched(process.pid if watch_memory else None) as peak:
            _, status, usage = os.wait4(process.pid, 0)
        reaped = True
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        if not reaped:
            process.kill()
            process.wait()
    return peak[0], usage


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "replace")


@contextmanager
def _watched(pid: int | None, *, every_seconds: float = 0.05) -> Generator[list[int]]:
    peak, stop = [0], threading.Event()

    def sample() -> None:
        while not stop.wait(every_seconds):
            with suppress(psutil.Error):
                peak[0] = max(peak[0], _tree_bytes(psutil.Process(pid)))

    thread = threading.Thread(target=sample, daemon=True)
    if pid is not None:
        thread.start()
    try:
        yield peak
    finally:
        stop.set()
        if pid is not None:
            thread.join()


def _tree_bytes(root: psutil.Process) -> int:
    total = 0
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.Error):
            total += process.memory_info().rss
    return total


def interleaved(commands: Mapping[str, Sequence[str | Path]], *, runs: int) -> dict[str, list[Run]]:
    """Run all commands in turn, ``runs`` times, after one round that is not counted."""
    rounds = [{name: run(words) for name, words in commands.items()} for _ in range(runs + 1)]
    return {name: [each[name] for each in rounds[1:]] for name in commands}


def median(runs: Sequence[Run], value: Callable[[Run], float]) -> float:
    """Return the median of ``value`` over ``runs``."""
    return statistics.median(value(each) for each in runs)


# ------------------------------------------------------------------------------ BEIR folders


def read_rows(file: Path) -> Iterator[Row]:
    """Yield the rows of a JSON-lines file, ``.gz`` or plain; only a line feed ends a line."""
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
        for line in stream:
            if line.strip():
                yield json.loads(line)


def write_rows(file: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Write a JSON-lines file and return its path."""
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    return file


def corpus_file(folder: Path) -> Path:
    """Return ``corpus.jsonl`` or ``corpus.jsonl.gz`` of a BEIR folder.

    Raises:
        SkippedError: it has neither.
    """
    for name in ("corpus.jsonl", "corpus.jsonl.gz"):
        if (folder / name).is_file():
            return folder / name
    raise SkippedError(f"no corpus in {folder}")


def read_qrels(file: Path) -> Qrels:
    """Read ``qrels.tsv``: a header, then query-id, corpus-id and score."""
    qrels: Qrels = {}
    for line in file.read_text(encoding="utf-8").split("\n")[1:]:
        if line.strip():
            query, document, score = line.rstrip("\r").split("\t")
            qrels.setdefault(query, {})[document] = int(score)
    return qrels


# ---------------------------------------------------------------------------------- measures


def ndcg(ranking: Sequence[str], judged: Judged, *, k: int) -> float:
    """nDCG@k as trec_eval has it: the gain is the relevance, the discount log2(rank + 1)."""
    gains = [max(judged.get(document, 0), 0) for document in ranking[:k]]
    best = sorted((score for score in judged.values() if score > 0), reverse=True)[:k]
    return _dcg(gains) / _dcg(best) if best else 0.0


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def recall(ranking: Sequence[str], judged: Judged, *, k: int) -> float:
    """Return the share of the relevant documents that stand among the first k."""
    relevant = {document for document, score in judged.items() if score > 0}
    return len(relevant.intersection(ranking[:k])) / len(relevant) if relevant else 0.0


def first_seen(names: Iterable[str]) -> list[str]:
    """Return each name once, in the order of its first occurrence."""
    return list(dict.fromkeys(names))


def mean(values: Iterable[float]) -> float:
    """Return the arithmetic mean, NaN of nothing."""
    found = list(values)
    return statistics.fmean(found) if found else math.nan


# ------------------------------------------------------------------------- gates and reports


@dataclass(frozen=True, slots=True)
class Gate:
    """A demanded figure: ``value`` is at least, or with ``at_most`` at most, ``limit``."""

    name: str
    value: float
    _: KW_ONLY
    limit: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether the demand holds; NaN meets none."""
        return self.value <= self.limit if self.at_most else self.value >= self.limit


@dataclass(slots=True)
class Report:
    """The rows of one Markdown table, the gates, and all numbers for programs."""

    title: str
    header: Sequence[str]
    _: KW_ONLY
    rows: list[Sequence[str]] = field(default_factory=list[Sequence[str]])
    gates: list[Gate] = field(default_factory=list[Gate])
    numbers: Row = field(default_factory=dict[str, Any])

    def markdown(self) -> str:
        """Return the table, first the header."""
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def finish(self, json_file: Path | None) -> int:
        """Print the table, name the missed gates on stderr, return the exit code."""
        print(f"\n{self.markdown()}")
        if json_file is not None:
            gates = [{**asdict(gate), "met": gate.met} for gate in self.gates]
            content = {"benchmark": self.title, "gates": gates, "numbers": self.numbers}
            text = json.dumps(content, ensure_ascii=False, indent=2)
            json_file.write_text(text + "\n", encoding="utf-8")
        missed = [gate for gate in self.gates if not gate.met]
        for gate in missed:
            word = "at most" if gate.at_most else "at least"
            talk(f"missed: {gate.name} is {gate.value:.4g}, demanded {word} {gate.limit:.4g}")
        return GATE_MISSED if missed else 0


def talk(text: str) -> None:
    """Say something on stderr."""
    print(text, file=sys.stderr, flush=True)
