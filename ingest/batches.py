"""Embed batches of texts in a thread of their own, while the caller reads and writes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, TypeVar

from memctl.ingest.embedders import Embedder
from memctl.ingest.vectors import Vectors

_AHEAD = 2  # batches that may wait: they and the running one are lost to a kill
_PATIENCE = 0.8  # seconds for the running batch to end after an interruption

_Job = tuple[Sequence[str], Future[Vectors]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sent(Generic[T]):
    """A batch that is being embedded, or is; ``marks`` say whose vectors they are."""

    marks: list[T]
    vectors: Future[Vectors]

    def done(self) -> bool:
        """Tell whether the vectors, or an error, are there."""
        return self.vectors.done()

    def good(self) -> bool:
        """Tell whether the vectors are there."""
        made = self.vectors
        return made.done() and not made.cancelled() and made.exception() is None

    def bad(self) -> bool:
        """Tell whether there will be none."""
        return self.done() and not self.good()


class Batches:
    """One thread that embeds batch after batch; a context manager, at whose end it takes no more.

    It starts with the first batch, so that a run with nothing to embed loads no model.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._open: list[Future[Vectors]] = []
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Batches:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._jobs.put(None)

    def put(self, texts: Sequence[str]) -> Future[Vectors]:
        """Have ``texts`` embedded after what was put before; where two batches wait, wait too."""
        if self._thread is None:
            # A daemon: a provider that does not answer must not keep the program from its end.
            self._thread = threading.Thread(target=self._work, name="embedding", daemon=True)
            self._thread.start()
        future: Future[Vectors] = Future()
        self._open = [each for each in self._open if not each.done()]
        self._open.append(future)
        self._jobs.put((texts, future))
        if len(self._open) > _AHEAD + 1:
            wait(self._open[:1])
        return future

    def stop(self) -> None:
        """Give up the batches that have not begun; the running one has a moment to end, once."""
        running = [each for each in self._open if not each.cancel()]
        self._open = []
        wait(running, timeout=_PATIENCE)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            texts, future = job
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(self._embedder.embed(texts, role="document"))
                except BaseException as error:  # noqa: BLE001  it is raised where the result is taken
                    future.set_exception(error)
