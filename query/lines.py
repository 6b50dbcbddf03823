"""Lines of JSON, each with its place for the message that it is wrong."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from memctl.ingest import UsageError

Row = dict[str, Any]


def text_lines(file: Path, *, option: str) -> Iterator[tuple[str, bytes]]:
    """Yield the lines of a file, ``.gz`` or plain, that are not blank, each with where it stands.

    ``option`` is what the file was given by, for the message that it cannot be read. Only a line
    feed ends a line.

    Raises:
        UsageError: the file cannot be read.
    """
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield f"line {number} of {file}", line
    except (OSError, EOFError, zlib.error) as error:
        said = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read {file}: {said}", hint=f"Check {option}.") from error


def json_rows(file: Path, *, option: str, hint: str) -> Iterator[tuple[str, Row]]:
    """Yield the JSON objects of a file, one a line; ``hint`` says what a line is.

    Raises:
        UsageError: the file cannot be read, or a line, which is named, is no JSON object.
    """
    for where, line in text_lines(file, option=option):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{where} is not JSON: {error}", hint=hint) from error
        if not isinstance(row, dict):
            raise UsageError(f"{where} is not a JSON object", hint=hint)
        yield where, row
