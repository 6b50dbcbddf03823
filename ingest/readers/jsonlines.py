"""JSON lines, plain or gzipped: a document a row."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from typing import IO, cast

from memctl.ingest.document import Document
from memctl.ingest.errors import UnreadableError
from memctl.ingest.language import detect
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.text import clean, one_line, shown

_LONGEST_LINE = 16_000_000
_REPORTED = 3


class _BadRowError(Exception):
    """What is wrong with one row."""


def read(source: Source) -> Iterator[Document]:
    """Yield a document for each row with a ``text``; what was wrong is raised at the end.

    A document's text is the row's, cleaned and not changed in length: offsets into it hold.

    Raises:
        UnreadableError: ``bad_rows`` where some rows were not read, ``no_text`` where none was,
            ``bad_format`` where the compressed data are damaged.
    """
    seen: set[str] = set()
    wrong: list[str] = []
    with source.open() as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw
        for number, line in _lines(stream):
            try:
                document = _document(source, number, line)
                if document is None:
                    continue
                _check_new(document.id, seen)
            except _BadRowError as error:
                wrong.append(f"line {number} {error}" if len(wrong) < _REPORTED else "")
                continue
            seen.add(document.id)
            yield document
    _report(wrong, any_good=bool(seen))


def _check_new(name: str, seen: set[str]) -> None:
    if name in seen:
        raise _BadRowError(f'repeats the id "{one_line(name)[:40]}"')


def _report(wrong: list[str], *, any_good: bool) -> None:
    reasons = ", ".join(wrong[:_REPORTED]) + (", …" if len(wrong) > _REPORTED else "")
    if not any_good:
        raise UnreadableError("no_text", "no row has a `text`" + (f": {reasons}" if wrong else ""))
    if wrong:
        rows = "1 row was" if len(wrong) == 1 else f"{len(wrong)} rows were"
        raise UnreadableError("bad_rows", f"{rows} not read: {reasons}")


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    r"""Yield number and bytes of each line, split at ``\n`` alone; None for a line too long."""
    number = 0
    try:
        while line := stream.readline(_LONGEST_LINE + 1):
            number += 1
            if len(line) <= _LONGEST_LINE:
                yield number, line
                continue
            while line and not line.endswith(b"\n"):
                line = stream.readline(_LONGEST_LINE)
            yield number, None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableError(
            "bad_format", f"the gzip data are damaged after line {number}: {error}"
        ) from error


def _document(source: Source, number: int, line: bytes | None) -> Document | None:
    """Return the document of one line, or None where the line is blank."""
    if line is None:
        raise _BadRowError(f"is longer than {_LONGEST_LINE // 1_000_000} MB")
    if not line.strip():
        return None
    row = _row(line)
    text = row.get("text")
    if not isinstance(text, str) or not text.strip():
        raise _BadRowError("has no `text`")
    title = row.get("title")
    title = title if isinstance(title, str) else ""
    name = shown(_id(row, number))
    digest = hashlib.sha256(f"{title}\0{text}".encode("utf-8", "surrogatepass"))
    text = clean(text)
    return Document(
        name,
        f"{source.path}#{name}",
        text=text,
        sha256=digest.hexdigest(),
        title=one_line(title),
        language=detect(text),
    )


def _row(line: bytes) -> dict[str, object]:
    try:
        row = json.loads(line.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _BadRowError("is not UTF-8") from error
    except RecursionError as error:
        raise _BadRowError("is nested too deep") from error
    except ValueError as error:
        raise _BadRowError("is not JSON") from error
    if not isinstance(row, dict):
        raise _BadRowError("is not a JSON object")
    return cast("dict[str, object]", row)


def _id(row: dict[str, object], number: int) -> str:
    for key in ("_id", "id"):
        value = row.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and value.strip():
            return value
    return f"L{number}"


_SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
READER = Reader("jsonlines", _SUFFIXES, read=read, streams=True)
