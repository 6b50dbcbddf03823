"""JSON: each value on a line with the path to it, an object of a list a block."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

from memctl.ingest.document import Document
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.textual import begin, raw_text_of

_DEEPEST = 100
_LONGEST_ROW = 300  # characters of a list of plain values that stands on one line


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; a ``title`` at the top is its title.

    Raises:
        UnreadableError: ``bad_format`` where it is not JSON or is nested deeper than 100.
    """
    raw, notes = raw_text_of(source.read_bytes())
    value = load(raw)
    builder = begin(notes)
    for block in _blocks(value, "", depth=0):
        builder.paragraph(block)
    yield builder.build(source, title=_title(value))


def load(raw: str) -> object:
    """Return the value that ``raw`` holds; values one below the other are a list of them.

    Raises:
        UnreadableError: with the code ``bad_format``.
    """
    if not raw.strip():
        raise UnreadableError("no_text", "no text in it")
    try:
        return json.loads(raw)
    except RecursionError as error:
        raise UnreadableError("bad_format", "it is nested too deeply") from error
    except ValueError as error:
        rows = _rows(raw)
        if rows is None:
            raise UnreadableError("bad_format", f"not JSON: {_place(error)}") from error
        return rows


def _rows(raw: str) -> list[object] | None:
    """Return the values of JSON lines that are called JSON, or None where it is not that."""
    lines = [line for line in raw.split("\n") if line.strip()]
    if len(lines) < 2:
        return None
    try:
        return [json.loads(line) for line in lines]
    except (ValueError, RecursionError):
        return None


def _place(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}"
    return "a number is too long"


def _title(value: object) -> str:
    if not isinstance(value, dict):
        return ""
    title = cast("dict[str, object]", value).get("title")
    return title if isinstance(title, str) else ""


def _blocks(value: object, path: str, *, depth: int) -> Iterator[str]:
    """Yield the plain values of an object as one block, and after it those of its lists."""
    if depth > _DEEPEST:
        raise UnreadableError("bad_format", "it is nested too deeply")
    if isinstance(value, dict):
        yield from _object(cast("dict[str, object]", value), path, depth=depth)
    elif isinstance(value, list):
        yield from _list(cast("list[object]", value), path, depth=depth)
    elif (text := _shown(value)) is not None:
        yield f"{path}: {text}" if path else text


def _object(value: dict[str, object], path: str, *, depth: int) -> Iterator[str]:
    lines: list[str] = []
    later: list[tuple[str, object]] = []
    for key, item in value.items():
        name = f"{path}.{key}" if path else key
        if isinstance(item, dict) or _holds_more(item):
            later.append((name, item))
        elif (text := _shown(item)) is not None:
            lines.append(f"{name}: {text}")
    for name, item in later:
        inner = list(_blocks(item, name, depth=depth + 1))
        if isinstance(item, dict) and len(inner) == 1:
            lines.extend(inner)
        else:
            if lines:
                yield "\n".join(lines)
                lines = []
            yield from inner
    if lines:
        yield "\n".join(lines)


def _list(values: list[object], path: str, *, depth: int) -> Iterator[str]:
    if not _holds_more(values):
        texts = [text for text in map(_shown, values) if text is not None]
        line = ", ".join(texts)
        if len(line) > _LONGEST_ROW or "\n" in line:
            line = "\n".join(texts)
        if line:
            yield f"{path}: {line}" if path else line
        return
    for number, item in enumerate(values, 1):
        yield from _blocks(item, f"{path}[{number}]" if path else "", depth=depth + 1)


def _holds_more(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value)


def _shown(value: object) -> str | None:
    """Return a plain value as a reader writes it; an empty one is not shown."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list):
        return ", ".join(text for text in map(_shown, value) if text is not None) or None
    return None if value is None else json.dumps(value)


READER = Reader("json", (".json",), read=read)
