"""Parse many files in worker processes, in parallel, and yield the outcome in order."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import TracebackType

from memctl.ingest.chunking import ChunkRules
from memctl.ingest.errors import ReaderError
from memctl.ingest.parsed import Job, Outcome, Parsed, Result, Task
from memctl.ingest.process import WorkerProcess
from memctl.ingest.readers.llamaindex import check
from memctl.ingest.reading import Reading
from memctl.ingest.settings import Limits

__all__ = ["Outcome", "Parsed", "Parser", "Task"]

_QUEUED = 16  # documents that may wait for the consumer, per file
_WATCHED = 0.25  # seconds between two looks at the workers
# All parts of a file together may take so many times what one may, and once more for each 10 MB.
_PARTS = 20
_PER_BYTES = 10_000_000


@dataclass(slots=True)
class _Ticket:
    """A task on its way, with the queue that its documents and then its outcome come through."""

    task: Task
    results: queue.Queue[Result | Outcome | ReaderError] = field(
        default_factory=lambda: queue.Queue(_QUEUED)
    )


class Parser:
    """A few worker processes; use it as a context manager, so that none outlives it.

    ``readers`` maps suffixes to the readers of LlamaIndex that are to read such files, ``redact``
    are kinds of what is taken out.

    Raises:
        SettingsError: a reader that is named is not there.
    """

    def __init__(
        self,
        rules: ChunkRules,
        limits: Limits,
        *,
        workers: int,
        readers: Mapping[str, str] | None = None,
        redact: Sequence[str] = (),
    ) -> None:
        self._redact = list(redact)
        self._readers = dict(readers or {})
        check(self._readers)
        self._rules = rules
        self._limits = limits
        self._workers = workers
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self._processes: set[WorkerProcess] = set()
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

    def parse(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Iterator[Result | Outcome]]]:
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
        watch = threading.Thread(target=self._watch, daemon=True)
        self._threads.append(watch)
        watch.start()
        for _ in range(len(tasks)):
            ticket = order.get()
            yield ticket.task, _results(ticket)
            room.release()

    def _work(
        self, waiting: Iterator[Task], order: queue.Queue[_Ticket], room: threading.Semaphore
    ) -> None:
        worker: WorkerProcess | None = None
        try:
            while (ticket := self._next(waiting, order, room)) is not None:
                reading = Reading(self._job(ticket.task))
                try:
                    while not reading.done:
                        if worker is None or not worker.alive:
                            self._end(worker)
                            worker = self._start()
                        for result in reading.run(worker):
                            self._hand_over(ticket, result)
                except (ReaderError, OSError) as error:
                    self._hand_over(ticket, _told(error))
        finally:
            self._end(worker)

    def _watch(self) -> None:
        """End workers that are late: one thread for all, as a timer costs as much as a document."""
        while not self._stopped.wait(_WATCHED):
            with self._lock:
                for worker in self._processes:
                    worker.end_if_late(time.monotonic())

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

    def _hand_over(self, ticket: _Ticket, result: Result | Outcome | ReaderError) -> None:
        while not self._stopped.is_set():
            try:
                ticket.results.put(result, timeout=0.5)
            except queue.Full:
                continue
            return

    def _start(self) -> WorkerProcess:
        with self._lock:
            try:
                worker = WorkerProcess(self._limits, scratch=bool(self._readers))
            except OSError as error:
                raise ReaderError(
                    f"no process can be started to read files: {error.strerror or error}",
                    hint="Make room where temporary files go (TMPDIR), or end other programs.",
                ) from error
            self._processes.add(worker)
            if self._stopped.is_set():
                worker.kill()
        return worker

    def _end(self, worker: WorkerProcess | None) -> None:
        if worker is not None:
            worker.close()  # until it is done, a stop from outside still reaches the process
            with self._lock:
                self._processes.discard(worker)

    def _job(self, task: Task) -> Job:
        return Job(
            file=str(task.entry.file),
            path=task.entry.path,
            known=list(task.known),
            rows=list(task.rows),
            rules=asdict(self._rules),
            seconds=self._limits.seconds,
            total=self._limits.seconds * (_PARTS + task.entry.size // _PER_BYTES),
            readers=self._readers,
            lost={},
            redact=self._redact,
            max_bytes=self._limits.file_mb * 1_000_000,
        )


def _told(error: ReaderError | OSError) -> ReaderError:
    """Return what is to be said where a process cannot be started, or talked to."""
    if isinstance(error, ReaderError):
        return error
    return ReaderError(
        f"the process that reads files cannot be reached: {error.strerror or error}",
        hint="Make room where temporary files go (TMPDIR), then run this again.",
    )


def _results(ticket: _Ticket) -> Iterator[Result | Outcome]:
    while True:
        result = ticket.results.get()
        if isinstance(result, ReaderError):
            raise result
        yield result
        if isinstance(result, Outcome):
            return
