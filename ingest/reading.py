"""The reading of one file, begun again without the part that ended the process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from memctl.ingest.parsed import Job, Outcome, Result
from memctl.ingest.process import WorkerProcess

_MOST_LOST = 3
_REMEMBERED = 1_000  # paths of a file that has told of no part yet; rows of a table may be many


class Reading:
    """The reading of one file; ``run`` it with a living process until it is ``done``.

    Where a member of an archive takes too long or too much, or ends its process, it becomes a
    Problem, and all but it is read by the next process; what was yielded is not yielded again.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._lost: dict[str, tuple[str, str]] = {}
        self._seen: set[str] = set()
        self._until = time.monotonic() + job.total
        self.done = False

    def run(self, worker: WorkerProcess) -> Iterator[Result | Outcome]:
        """Yield what is new, and last the outcome if the file was read to its end."""
        for result in worker.run(replace(self._job, lost=self._lost)):
            if isinstance(result, Outcome):
                if self._may_go_on(result, worker.part):
                    self._lost[worker.part] = (result.code, result.reason)
                    return
                self.done = True
                yield result
            elif not self._lost or result.path not in self._seen:
                if worker.part or len(self._seen) < _REMEMBERED:
                    self._seen.add(result.path)
                yield result

    def _may_go_on(self, outcome: Outcome, part: str) -> bool:
        died = outcome.code in {"crashed", "time"} and not outcome.sha256
        if not part or not (died or outcome.code == "memory"):
            return False
        fresh = part not in self._lost and len(self._lost) < _MOST_LOST
        return fresh and time.monotonic() < self._until
