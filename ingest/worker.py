"""The process in which files are parsed and cut.

It reads jobs from stdin and writes messages to stdout, one JSON object a line. Whatever a file
does to a parser, it does it here, under limits of time and memory; the parent only reads lines.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

from memctl.ingest.chunker import ChunkRules, cut
from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.minhash import signature
from memctl.ingest.readers import HEAD, Reader, Source, reader_for

Message = dict[str, Any]
Send = Callable[[Message], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One file to read; ``known`` is the sha256 of the bytes that need no reading again."""

    file: str
    path: str
    known: str
    rules: dict[str, Any]
    seconds: int
    max_bytes: int

    def to_line(self) -> bytes:
        """Return the line that ``main`` reads."""
        return json.dumps(asdict(self)).encode() + b"\n"


def main() -> None:
    """Serve jobs until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    _limit_memory(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    output = _claim_stdout()
    for line in sys.stdin.buffer:
        job = Job(**json.loads(line))
        _limit_seconds(job.seconds)

        def send(message: Message) -> None:
            output.write(json.dumps(message, ensure_ascii=False).encode("utf-8") + b"\n")
            output.flush()

        if not _serve(job, send):
            break


def _serve(job: Job, send: Send) -> bool:
    """Do one job; False when this process should not do another."""
    facts: Message = {"kind": "done", "sha256": "", "code": "", "reason": ""}
    reusable = True
    try:
        reader = _reader(job)
        facts["sha256"] = _digest(job.file)
        if facts["sha256"] == job.known:
            facts["kind"] = "unchanged"
        else:
            _read(job, reader, facts["sha256"], send)
    except UnreadableError as error:
        facts |= {"code": error.code, "reason": str(error)}
    except RecursionError:
        facts |= {"code": "bad_format", "reason": "it is nested too deeply"}
    except MemoryError:
        facts |= {"code": "memory", "reason": "reading it takes more memory than the limit"}
        reusable = False
    except FileNotFoundError:
        facts |= {"code": "vanished", "reason": "it went away before it was read"}
    except PermissionError:
        facts |= {"code": "permission", "reason": "no permission to read it"}
    except OSError as error:
        facts |= {"code": "io", "reason": error.strerror or str(error)}
    send(facts)
    return reusable


def _reader(job: Job) -> Reader:
    """Return the reader of the file; none is looked for twice in bytes that none can read."""
    with _opened(job.file) as stream:
        reader = reader_for(job.path, stream.read(HEAD))
    if reader is None:
        suffix = Path(job.path).suffix
        raise UnreadableError("unsupported", f"no reader for {suffix or 'a file without suffix'}")
    return reader


def _read(job: Job, reader: Reader, sha256: str, send: Send) -> None:
    rules = ChunkRules(**job.rules)
    source = Source(Path(job.file), job.path, sha256=sha256, max_bytes=job.max_bytes)
    for found in reader.read(source):
        send(_problem(found) if isinstance(found, Problem) else _message(found, rules))
        _limit_seconds(job.seconds)  # each row of a file has its own


def _problem(problem: Problem) -> Message:
    return {
        "kind": "problem",
        "path": problem.path,
        "code": problem.code,
        "reason": problem.reason,
    }


def _message(document: Document, rules: ChunkRules) -> Message:
    return {
        "kind": "document",
        "path": document.path,
        "id": document.id,
        "title": document.title,
        "language": document.language,
        "sha256": document.sha256,
        "characters": len(document.text),
        "pages": [(page.number, page.start) for page in document.pages],
        "metadata": dict(document.metadata),
        "notes": [(note.code, note.reason, note.page) for note in document.notes],
        "signature": signature(document.text).hex(),
        "chunks": [
            (c.start, c.end, c.text, c.tokens, c.pages, c.headings, c.language, c.context)
            for c in cut(document, rules)
        ],
    }


def _digest(file: str) -> str:
    with _opened(file) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _opened(file: str) -> Generator[BufferedReader]:
    """Open a regular file; a pipe or device is never waited for, a link not followed."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(file, flags | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise UnreadableError("not_regular", "not a regular file")
        yield stream


def _claim_stdout() -> Any:  # noqa: ANN401  a raw buffered writer
    """Keep stdout for messages: what a parser prints goes nowhere."""
    output = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return output


def _limit_memory(megabytes: int) -> None:
    if megabytes == 0 or sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # elsewhere the limit counts what is merely mapped, or nothing
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        limit = _within(megabytes << 20, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _limit_seconds(seconds: int) -> None:
    """Let the system end this process when it has worked ``seconds`` more."""
    if sys.platform == "win32":
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    limit = _within(int(time.process_time()) + seconds + 1, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


def _within(wanted: int, hard: int) -> int:
    """Return ``wanted``, or the hard limit where that is lower; -1 is none."""
    return wanted if hard < 0 else min(wanted, hard)
