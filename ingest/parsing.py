"""Parse many files in worker processes, in parallel, and yield the outcome in order."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, asdict, dataclass, field
from types import TracebackType
from typing import IO, Any

from memctl.ingest.chunk import Chunk
from memctl.ingest.chunker import ChunkRules
from memctl.ingest.document import Note, Problem
from memctl.ingest.settings import Limits
from memctl.ingest.text import one_line
from memctl.ingest.walk import Entry
from memctl.ingest.worker import Job

_QUEUED = 16  # documents that may wait for the consumer, per file
_GRACE = 5.0  # a worker may be kept off the processor: of wall time it gets this many times more


@dataclass(frozen=True, slots=True)
class Task:
    """A file to parse; ``known`` is the sha256 with which it need not be read again."""

    entry: Entry
    known: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document that was read and cut; its text is that of its chunks."""

    path: str
    id: str
    _: KW_ONLY
    title: str
    language: str
    sha256: str
    characters: int
    pages: tuple[tuple[int, int], ...]
    metadata: Mapping[str, tuple[str, ...]]
    notes: tuple[Note, ...]
    signature: bytes
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the reading of a file ended; ``code`` is empty when all of it was read."""

    sha256: str
    _: KW_ONLY
    unchanged: bool = False
    code: str = ""
    reason: str = ""


@dataclass(slots=True)
class _Ticket:
    """A task on its way, with the queue that its documents and then its outcome come through."""

    task: Task
    results: queue.Queue[Parsed | Problem | Outcome | OSError | ValueError] = field(
        default_factory=lambda: queue.Queue(_QUEUED)
    )


class Parser:
    """A few worker processes; use it as a context manager, so that none outlives it."""

    def __init__(self, rules: ChunkRules, limits: Limits, *, workers: int) -> None:
        self._rules = rules
        self._limits = limits
        self._workers = workers
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self._processes: set[_Worker] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Parser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._stopped.set()
            for worker in self._processes:
                worker.kill()
        for thread in self._threads:
            thread.join()

    def parse(
        self, tasks: Sequence[Task]
    ) -> Iterator[tuple[Task, Iterator[Parsed | Problem | Outcome]]]:
        """Yield each task, in order, with its documents and last its outcome.

        The inner iterator must be run to its end before the next task is asked for.
        """
        room = threading.Semaphore(2 * self._workers + 2)
        waiting = iter(tasks)
        order: queue.Queue[_Ticket] = queue.Queue()
        for _ in range(min(self._workers, len(tasks))):
            thread = threading.Thread(target=self._work, args=(waiting, order, room), daemon=True)
            self._threads.append(thread)
            thread.start()
        for _ in range(len(tasks)):
            ticket = order.get()
            yield ticket.task, _results(ticket)
            room.release()

    def _work(
        self, waiting: Iterator[Task], order: queue.Queue[_Ticket], room: threading.Semaphore
    ) -> None:
        worker: _Worker | None = None
        try:
            while (ticket := self._next(waiting, order, room)) is not None:
                try:
                    if worker is None or not worker.alive:
                        self._end(worker)
                        worker = self._start()
                    for result in worker.run(self._job(ticket.task)):
                        self._hand_over(ticket, result)
                except (OSError, ValueError) as error:  # no process to be had, or not its language
                    self._hand_over(ticket, error)
        finally:
            self._end(worker)

    def _next(
        self, waiting: Iterator[Task], order: queue.Queue[_Ticket], room: threading.Semaphore
    ) -> _Ticket | None:
        """Take the next task when there is room for its documents; None when there is none."""
        while not self._stopped.is_set():
            if not room.acquire(timeout=0.2):
                continue
            with self._lock:
                task = next(waiting, None)
                if task is None:
                    break
                ticket = _Ticket(task)
                order.put(ticket)
                return ticket
        return None

    def _hand_over(
        self, ticket: _Ticket, result: Parsed | Problem | Outcome | OSError | ValueError
    ) -> None:
        while not self._stopped.is_set():
            try:
                ticket.results.put(result, timeout=0.5)
            except queue.Full:
                continue
            return

    def _start(self) -> _Worker:
        with self._lock:
            worker = _Worker(self._limits)
            self._processes.add(worker)
            if self._stopped.is_set():
                worker.kill()
        return worker

    def _end(self, worker: _Worker | None) -> None:
        if worker is not None:
            with self._lock:
                self._processes.discard(worker)
            worker.close()

    def _job(self, task: Task) -> Job:
        return Job(
            file=str(task.entry.file),
            path=task.entry.path,
            known=task.known,
            rules=asdict(self._rules),
            seconds=self._limits.seconds,
            max_bytes=self._limits.file_mb * 1_000_000,
        )


def _results(ticket: _Ticket) -> Iterator[Parsed | Problem | Outcome]:
    while True:
        result = ticket.results.get()
        if isinstance(result, OSError | ValueError):
            raise result
        yield result
        if isinstance(result, Outcome):
            return


class _Worker:
    """One worker process and the watch over it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the process
        self.alive = True
        try:
            self.process = subprocess.Popen(
                # -P: the current folder may hold a module of any name
                [sys.executable, "-P", "-c", _MAIN, str(limits.memory_mb)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
            )
        except OSError:
            self._log.close()
            raise

    def run(self, job: Job) -> Iterator[Parsed | Problem | Outcome]:
        """Yield the documents of a file and then its outcome, whatever becomes of the process."""
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("a worker without pipes")
        self._log.seek(0)
        self._log.truncate()
        try:
            stdin.write(job.to_line())
            stdin.flush()
        except BrokenPipeError:
            yield self._death(timed_out=False)
            return
        spent = 0.0
        while True:
            allowed = max(self._limits.seconds * _GRACE - spent, 0.1)
            watch = threading.Timer(allowed, self.process.kill)
            begun = time.monotonic()
            watch.start()
            line = stdout.readline()
            watch.cancel()
            waited = time.monotonic() - begun
            spent += waited
            if not line.endswith(b"\n"):
                yield self._death(timed_out=waited >= allowed)
                return
            message = json.loads(line)
            if message["kind"] == "problem":
                reason = one_line(message["reason"])
                yield Problem(message["path"], message["code"], reason=reason)
                continue
            if message["kind"] != "document":
                self.alive = message["code"] != "memory"
                yield Outcome(
                    message["sha256"],
                    unchanged=message["kind"] == "unchanged",
                    code=message["code"],
                    reason=one_line(message["reason"]),
                )
                return
            yield _parsed(message)

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()

    def close(self) -> None:
        """Let the process end, wait for it, and close what led to it."""
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is not None:
            with suppress(BrokenPipeError):
                stdin.close()
        self.process.wait()
        if stdout is not None:
            stdout.close()
        self._log.close()

    def _death(self, *, timed_out: bool) -> Outcome:
        self.alive = False
        code = self.process.wait()
        seconds = self._limits.seconds
        if timed_out or (sys.platform != "win32" and code == -_XCPU):
            return Outcome(
                "", code="time", reason=f"reading it takes longer than the limit of {seconds} s"
            )
        self._log.seek(0)
        last = self._log.read()[-2000:].decode("utf-8", "replace").strip().splitlines()[-1:]
        if last and "MemoryError" in last[0]:
            return Outcome("", code="memory", reason="reading it takes more memory than the limit")
        if code < 0 and not last:
            name = signal.Signals(-code).name
            # By the system for want of memory, or by a person: the next time it may be read.
            kind = "killed" if name == "SIGKILL" else "crashed"
            return Outcome("", code=kind, reason=f"its reader was ended by {name}")
        said = one_line(last[0])[:200] if last else f"exit code {code}"
        return Outcome("", code="crashed", reason=f"the reader died of it: {said}")


def _parsed(message: dict[str, Any]) -> Parsed:
    path = message["path"]
    return Parsed(
        path,
        message["id"],
        title=message["title"],
        language=message["language"],
        sha256=message["sha256"],
        characters=message["characters"],
        pages=tuple((number, first) for number, first in message["pages"]),
        metadata={name: tuple(values) for name, values in message["metadata"].items()},
        notes=tuple(Note(code, reason, page=page) for code, reason, page in message["notes"]),
        signature=bytes.fromhex(message["signature"]),
        chunks=tuple(
            Chunk(
                path,
                start,
                end=end,
                text=text,
                tokens=tokens,
                pages=tuple(pages),
                headings=tuple(headings),
                language=language,
                context=tuple(context),
            )
            for start, end, text, tokens, pages, headings, language, context in message["chunks"]
        ),
    )


_MAIN = "from memctl.ingest.worker import main; main()"
_XCPU = 24  # SIGXCPU on Linux and macOS; the name is missing on Windows
