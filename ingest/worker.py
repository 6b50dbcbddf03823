"""The process in which files are parsed and cut.

It reads jobs from stdin and writes messages to stdout, one JSON object a line. Whatever a file
does to a parser, it does it here, under limits of time and memory and without rights; the parent
only reads lines.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from memctl.ingest.chunking import ChunkRules, cut
from memctl.ingest.confinement import Bounds, ForbiddenError, confine, within
from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.minhash import signature
from memctl.ingest.parsed import Job
from memctl.ingest.quality import screened
from memctl.ingest.readers import HEAD, Reader, Source
from memctl.ingest.readers.base import Trail, check_size, opened
from memctl.ingest.readers.llamaindex import find
from memctl.ingest.records import headings_json, row_mark
from memctl.ingest.redaction import redacted

Message = dict[str, Any]
Send = Callable[[Message], None]


def main() -> None:
    """Serve jobs until stdin ends; the arguments are those of Bounds."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    memory, file_size, scratch = sys.argv[1:]
    confine(Bounds(int(memory), int(file_size), scratch=scratch))
    logging.raiseExceptions = False  # the log of warnings may be full
    output = _claim_stdout()
    for line in sys.stdin.buffer:
        job = Job(**json.loads(line))

        def send(message: Message) -> None:
            output.write(json.dumps(message, ensure_ascii=False).encode("utf-8") + b"\n")
            output.flush()

        if not _serve(job, send):
            break
    output.flush()
    os._exit(0)  # a thread that a reader has left must not keep the process


def _serve(job: Job, send: Send) -> bool:
    """Do one job; False when this process should not do another."""
    facts: Message = {"kind": "done", "sha256": "", "code": "", "reason": ""}
    reusable = True
    try:
        reader = _reader(job)
        _limit_seconds(job.total)
        facts["sha256"] = _digest(job.file)
        if facts["sha256"] in job.known:
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
    except OSError as error:
        facts |= _of_the_system(error)
    send(facts)
    return reusable


def _of_the_system(error: OSError) -> Message:
    if isinstance(error, FileNotFoundError):
        return {"code": "vanished", "reason": "it went away before it was read"}
    if isinstance(error, ForbiddenError):
        return {"code": "forbidden", "reason": error.strerror}
    if isinstance(error, PermissionError):
        return {"code": "permission", "reason": "no permission to read it"}
    return {"code": "io", "reason": error.strerror or str(error)}


def _reader(job: Job) -> Reader:
    """Return the reader of the file; none is looked for twice in bytes that none can read."""
    with opened(Path(job.file)) as stream:
        reader = find(job.path, stream.read(HEAD), job.readers)
        size = os.fstat(stream.fileno()).st_size
    if reader is None:
        suffix = Path(job.path).suffix
        raise UnreadableError("unsupported", f"no reader for {suffix or 'a file without suffix'}")
    if not reader.streams:
        check_size(size, job.max_bytes)
    return reader


def _read(job: Job, reader: Reader, sha256: str, send: Send) -> None:
    rules = ChunkRules(**job.rules)

    def begin(part: str) -> None:
        send({"kind": "part", "path": part})
        _limit_seconds(job.seconds)  # each row of a file, each member, has its own

    source = Source(
        Path(job.file),
        job.path,
        sha256=sha256,
        max_bytes=job.max_bytes,
        named=job.readers,
        trail=Trail(begin, job.lost),
    )
    rows = frozenset(job.rows)
    end = time.process_time() + job.total
    begin("")
    for found in reader.read(source):
        if isinstance(found, Problem):
            send(_problem(found))
        elif row_mark(found.path, found.sha256) in rows:
            send({"kind": "kept", "path": found.path, "notes": _notes(found)})
        else:
            send(_screened(found, rules, whole=job.path, redact=tuple(job.redact)))
        if time.process_time() > end:
            raise UnreadableError("time", f"its parts take more than {job.total} s together")
        _limit_seconds(job.seconds)


def _screened(
    document: Document, rules: ChunkRules, *, whole: str, redact: tuple[str, ...]
) -> Message:
    """Say what was read, or that it cannot be read: the file ``whole``, or a part of one."""
    found = screened(document)
    if isinstance(found, Document):
        return _message(redacted(found, redact), rules)
    if found.path == whole:
        raise UnreadableError(found.code, found.reason)
    return _problem(found)


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
        "notes": _notes(document),
        "signature": signature(document.text).hex(),
        "chunks": [
            (c.start, c.end, c.text, c.tokens, c.pages, headings_json(c), c.language, c.context)
            for c in cut(document, rules)
        ],
    }


def _notes(document: Document) -> list[tuple[str, str, int | None]]:
    return [(note.code, note.reason, note.page) for note in document.notes]


def _digest(file: str) -> str:
    with opened(Path(file)) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _claim_stdout() -> Any:  # noqa: ANN401  a raw buffered writer
    """Keep stdout for messages: what a parser prints goes nowhere."""
    output = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return output


def _limit_seconds(seconds: int) -> None:
    """Let the system end this process when it has worked ``seconds`` more."""
    if sys.platform == "win32":
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    limit = within(int(time.process_time()) + seconds + 1, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))
