"""A worker process as its parent sees it: what it says, and what became of it."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

from memctl.ingest.chunk import Chunk
from memctl.ingest.document import Note, Problem
from memctl.ingest.parsed import Job, Kept, Outcome, Parsed, Result
from memctl.ingest.records import headings_from
from memctl.ingest.settings import Limits
from memctl.ingest.text import one_line, shown

_GRACE = 5.0  # a worker may be kept off the processor: of wall time it gets this many times more
_PATIENCE = 5.0  # seconds for a process to end by itself
_MAIN = "from memctl.ingest.worker import main; main()"
_XCPU = 24  # SIGXCPU on Linux and macOS; the name is missing on Windows
_OUT_OF_MEMORY = re.compile(r"MemoryError|bad_alloc|memory allocation of \d+ bytes failed")
# A process can give up its rights only while it has one thread; and a parser needs no more.
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
_LOG_BYTES = 1_000_000


class WorkerProcess:
    """One worker process. It is started, given one job after the other, and closed.

    With ``scratch`` it gets a folder of its own to write in, which goes when it does.
    """

    def __init__(self, limits: Limits, *, scratch: bool) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._deadline = math.inf
        self._late = False
        self.alive = True
        self.part = ""  # which part of the file is being read, so far as the process has told
        self._scratch = tempfile.mkdtemp(prefix="memctl-") if scratch else ""
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the process
        try:
            self.process = self._start()
        except OSError:
            self._clear()
            raise

    def _start(self) -> subprocess.Popen[bytes]:
        size = self._limits.file_mb * 1_000_000 if self._scratch else _LOG_BYTES
        bounds = (str(self._limits.memory_mb << 20), str(size), self._scratch)
        kept = {name: text for name, text in os.environ.items() if not _SECRET.search(name)}
        if self._scratch:
            kept |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), self._scratch)
        return subprocess.Popen(
            # -P: the current folder may hold a module of any name
            [sys.executable, "-P", "-c", _MAIN, *bounds],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=kept | _ONE_THREAD,
        )

    def run(self, job: Job) -> Iterator[Result | Outcome]:
        """Yield the documents of a file and then its outcome, whatever becomes of the process."""
        self._log.seek(0)
        self._log.truncate()
        self.part = ""
        left = job.total * _GRACE
        # The bytes of a large file are hashed before anything is said of it.
        patience = max(float(job.total), job.seconds * _GRACE)
        told: Result | Outcome | str | None = self._send(job.to_line(), patience)
        while not isinstance(told, Outcome):
            begun = time.monotonic()
            told = self._hear(min(patience, left))
            left -= time.monotonic() - begun
            patience = job.seconds * _GRACE
            if isinstance(told, str):
                self.part = told
            elif not isinstance(told, Outcome):
                yield told
        self.alive = self.alive and told.code != "memory" and not self._late
        yield told

    def _send(self, line: bytes, patience: float) -> Outcome | None:
        """Give the process a job; an outcome says that it is not there to take it."""
        stdin = self.process.stdin
        if stdin is None:
            raise RuntimeError("a worker without pipes")
        self._set_deadline(time.monotonic() + patience)
        try:
            stdin.write(line)
            stdin.flush()
        except BrokenPipeError:
            return self._death()
        return None

    def _hear(self, patience: float) -> Result | Outcome | str:
        """Wait for what the process says next, for so many seconds at most."""
        stdout = self.process.stdout
        if stdout is None:
            raise RuntimeError("a worker without pipes")
        self._set_deadline(time.monotonic() + patience)
        line = stdout.readline()
        self._set_deadline(math.inf)
        if not line.endswith(b"\n"):
            return self._death()
        try:
            return result_of(json.loads(line))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            self.alive = False
            self.process.kill()
            return Outcome("", code="crashed", reason="its reader says what makes no sense")

    def end_if_late(self, now: float) -> None:
        """End the process where a document was due before ``now``, in monotonic seconds."""
        with self._lock:
            if now > self._deadline:
                self._late = True
                self.process.kill()

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()

    def close(self) -> None:
        """Let the process end, wait for it, and close what led to it."""
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is not None:
            with suppress(OSError):  # it is gone, or what was not sent cannot be now either
                stdin.close()
        try:
            self.process.wait(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if stdout is not None:
            stdout.close()
        self._clear()

    def _clear(self) -> None:
        self._log.close()
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _set_deadline(self, deadline: float) -> None:
        with self._lock:
            self._deadline = deadline

    def _death(self) -> Outcome:
        self.alive = False
        code = self.process.wait()
        seconds = self._limits.seconds
        if self._late or (sys.platform != "win32" and code == -_XCPU):
            return Outcome(
                "", code="time", reason=f"reading it takes longer than the limit of {seconds} s"
            )
        self._log.seek(0)
        said = self._log.read()[-2000:].decode("utf-8", "replace").strip()
        if _OUT_OF_MEMORY.search(said):
            return Outcome("", code="memory", reason="reading it takes more memory than the limit")
        if code < 0:
            name = signal.Signals(-code).name
            # By the system for want of memory, or by a person: the next time it may be read.
            kind = "killed" if name == "SIGKILL" else "crashed"
            return Outcome("", code=kind, reason=f"its reader was ended by {name}")
        last = one_line(said.rpartition("\n")[2])[:200] or f"exit code {code}"
        return Outcome("", code="crashed", reason=f"the reader died of it: {last}")


def result_of(message: dict[str, Any]) -> Result | Outcome | str:
    """Turn a message into what it tells; a text is the part of the file that is begun.

    What a worker says of names and reasons is made safe: its parser may have been taken over.

    Raises:
        KeyError, TypeError, ValueError, IndexError, AttributeError: it makes no sense.
    """
    kind = message["kind"]
    if kind == "part":
        return str(message["path"])
    if kind == "document":
        return _parsed(message)
    if kind == "kept":
        return Kept(shown(message["path"]), _notes(message["notes"]))
    code, reason = one_line(message["code"]), one_line(message["reason"])
    if kind == "problem":
        return Problem(shown(message["path"]), code, reason=reason)
    return Outcome(message["sha256"], unchanged=kind == "unchanged", code=code, reason=reason)


def _notes(told: list[tuple[str, str, int | None]]) -> tuple[Note, ...]:
    return tuple(Note(one_line(code), one_line(reason), page=page) for code, reason, page in told)


def _parsed(message: dict[str, Any]) -> Parsed:
    path = shown(message["path"])
    return Parsed(
        path,
        message["id"],
        title=message["title"],
        language=message["language"],
        sha256=message["sha256"],
        characters=message["characters"],
        pages=tuple((number, first) for number, first in message["pages"]),
        metadata={name: tuple(values) for name, values in message["metadata"].items()},
        notes=_notes(message["notes"]),
        signature=bytes.fromhex(message["signature"]),
        chunks=tuple(
            Chunk(
                path,
                start,
                end=end,
                text=text,
                tokens=tokens,
                pages=tuple(pages),
                headings=headings,
                sections=sections,
                language=language,
                context=tuple(context),
            )
            for start, end, text, tokens, pages, kept, language, context in message["chunks"]
            for headings, sections in (headings_from(kept),)
        ),
    )
