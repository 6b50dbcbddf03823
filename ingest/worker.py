"""The process in which files are parsed and cut: ``python -m memctl.ingest.worker``.

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
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from memctl.ingest.chunker import ChunkRules, cut
from memctl.ingest.document import Document
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers import reader_for
from memctl.ingest.readers.base import Source

Message = dict[str, Any]
Send = Callable[[Message], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One file to read; ``known`` is the sha256 of the bytes that need no reading again."""

    file: str
    path: str
    known: str
    max_tokens: int
    overlap_tokens: int
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
        facts["sha256"] = _digest(job.file)
        if facts["sha256"] == job.known:
            facts["kind"] = "unchanged"
        else:
            _read(job, facts["sha256"], send)
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


def _read(job: Job, sha256: str, send: Send) -> None:
    file = Path(job.file)
    with file.open("rb") as stream:
        reader = reader_for(job.path, stream.read(4096))
    if reader is None:
        suffix = Path(job.path).suffix
        raise UnreadableError("unsupported", f"no reader for {suffix or 'a file without suffix'}")
    rules = ChunkRules(job.max_tokens, job.overlap_tokens)
    source = Source(file, job.path, sha256=sha256, max_bytes=job.max_bytes)
    for document in reader.read(source):
        send(_message(document, rules))


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
        "chunks": [
            (c.start, c.end, c.text, c.tokens, c.pages, c.headings, c.language)
            for c in cut(document, rules)
        ],
    }


def _digest(file: str) -> str:
    """Return the sha256 of a regular file; a pipe or device is never waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    with open(os.open(file, flags | getattr(os, "O_BINARY", 0)), "rb") as stream:  # noqa: PTH123  of a descriptor
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise UnreadableError("not_regular", "not a regular file")
        return hashlib.file_digest(stream, "sha256").hexdigest()


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
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))


def _limit_seconds(seconds: int) -> None:
    """Let the system end this process when it has worked ``seconds`` more."""
    if sys.platform == "win32":
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds + 1, hard))


if __name__ == "__main__":
    main()
