"""Parts of a file that are files themselves: members of archives, attachments of mail."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers import HEAD, Source, reader_for
from memctl.ingest.text import one_line

_DEEPEST = 4


def read_member(outer: Source, name: str, data: bytes) -> Iterator[Document | Problem]:
    """Yield the documents of the part ``name`` of ``outer``, or the Problem that it is.

    The part is known by the path of ``outer``, ``#``, and its own name in one safe line.

    Raises:
        UnreadableError: with the code ``bomb``, where the parts cost too much together.
    """
    path = f"{outer.path}#{one_line(name)}"
    outer.budget.take(len(data))
    if outer.depth + 1 > _DEEPEST:
        yield Problem(path, "bomb", reason=f"it lies in more than {_DEEPEST} files")
        return
    inner = replace(
        outer,
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        data=data,
        depth=outer.depth + 1,
    )
    try:
        reader = reader_for(name, data[:HEAD])
        if reader is None:
            yield Problem(path, "unsupported", reason="no reader for files of this name")
            return
        yield from reader.read(inner)
    except UnreadableError as error:
        if outer.budget.members < 0 or outer.budget.inflated < 0:
            raise
        yield Problem(path, error.code, reason=str(error))
    except RecursionError:
        yield Problem(path, "bad_format", reason="it is nested too deeply")
