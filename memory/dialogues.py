"""Dialogues from files: who said what, in which session, when; and what is wrong with the file."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal, cast, get_args

from memctl.ingest import UsageError
from memctl.memory.formats import Dialogue, Row, chat, gigamemory, locomo
from memctl.memory.records import Turn

Format = Literal["gigamemory", "locomo", "chat"]
FORMATS: tuple[Format, ...] = get_args(Format)


def read_dialogues(file: Path, form: Format) -> list[Dialogue]:
    """Return the dialogues of a file, plain or gzipped.

    Raises:
        UsageError: it cannot be read, or is not of that format.
    """
    rows = list(_rows(file))
    if not rows:
        raise UsageError(f"{file} holds nothing", hint="Give a file with dialogues.")
    readers: dict[str, Callable[[list[Row], Path], Iterable[Dialogue]]] = {
        "gigamemory": gigamemory,
        "locomo": locomo,
        "chat": chat,
    }
    found = list(readers[form](rows, file))
    if not any(each.turns for each in found):
        raise UsageError(
            f"{file} holds no dialogue of the format {form}",
            hint=f"Formats: {', '.join(FORMATS)}; docs/memory.md shows them.",
        )
    _tell_apart(found)
    for each in found:
        each.faults += [*_order(each.turns), *_dates(each.odd_dates)]
    return found


def _tell_apart(found: list[Dialogue]) -> None:
    """Give a dialogue another name where two people have one; equal ones are one."""
    seen: dict[str, Dialogue] = {}
    for each in list(found):
        other = seen.get(each.id)
        if other is None:
            seen[each.id] = each
        elif other.turns == each.turns:
            other.faults.append(f"{each.id!r} stands in the file twice, and is taken once")
            found.remove(each)
        else:
            number = 2
            while f"{each.id} ({number})" in seen:
                number += 1
            name = f"{each.id} ({number})"
            each.faults.append(
                f"two dialogues are called {each.id!r}; this one is kept as {name!r}"
            )
            each.turns = [each.turns[n] for n in range(len(each.turns))]
            each.id = name
            seen[name] = each


def _rows(file: Path) -> Iterator[Row]:
    """Yield the objects of a file: one a line, or those of a list, or the only one."""
    text = _text(file)
    stripped = text.lstrip()
    if not stripped:
        return
    if stripped.startswith("[") or not _is_lines(stripped):
        try:
            data = json.loads(text)
        except ValueError as error:
            raise UsageError(f"{file} is no JSON: {error}", hint="Check the file.") from error
        yield from _objects(data, file)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise UsageError(
                f"{file}, line {number} is no JSON: {error}", hint="Check the file."
            ) from error
        if not isinstance(row, dict):
            raise UsageError(f"{file}, line {number} is no object", hint="Check the file.")
        yield cast("Row", row)


def _is_lines(text: str) -> bool:
    first = text.partition("\n")[0]
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        return False


def _objects(data: object, file: Path) -> Iterator[Row]:
    if isinstance(data, dict):
        yield cast("Row", data)
        return
    if not isinstance(data, list):
        raise UsageError(f"{file} holds neither objects nor a list of them", hint="Check the file.")
    for row in cast("list[object]", data):
        if not isinstance(row, dict):
            raise UsageError(f"{file} holds a list with {row!r:.40} in it", hint="Check the file.")
        yield cast("Row", row)


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        return data.decode("utf-8-sig")
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        why = error.strerror or str(error)
        raise UsageError(f"cannot read {file}: {why}", hint="Check the path.") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}: {error}", hint="Give a file in UTF-8.") from error


def _dates(odd: list[str]) -> Iterator[str]:
    """Yield that there are dates of which at most the year is known."""
    if odd:
        yield (
            f"no day is meant by {odd[0]!r}"
            + (f" and {len(odd) - 1:,} more" if len(odd) > 1 else "")
            + ": at most the year is kept; write days as 2024-05-31"
        )


def _order(turns: list[Turn]) -> Iterator[str]:
    """Yield that dates go back where they do: facts are then ordered by them all the same."""
    last, places = "", 0
    for turn in turns:
        if turn.said_at and turn.said_at < last:
            places += 1
        last = max(last, turn.said_at)
    if places:
        where = "1 turn" if places == 1 else f"{places:,} turns"
        yield f"dates go back at {where}: what was true when is told by the dates"
