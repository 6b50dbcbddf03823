"""Single lines of ``memctl.toml``, changed where nothing else is: comments and order stay."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from memctl.ingest import settingsfile
from memctl.ingest.errors import SettingsError

Value = str | int | float | bool
_TABLE = re.compile(r"\s*\[([^\[\]]*)\]\s*(?:#.*)?$")
_LINE = re.compile(r"""(\s*([\w-]+)\s*=\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#"']+)""")


def renamed(file: Path, name: str) -> str:
    """Return the text of the settings in ``file`` with ``name`` for their embedder's.

    Raises:
        SettingsError: they are not TOML, or name it in a way that cannot be changed safely.
    """
    return changed(file, "embedder", {"name": name})


def changed(file: Path, table: str, values: Mapping[str, Value]) -> str:
    """Return the text of the settings in ``file`` with other ``values`` in one table.

    Raises:
        SettingsError: they are not TOML, or written so that they cannot be changed safely.
    """
    try:
        text = settingsfile.read(file)
        wanted = tomllib.loads(text)
        missing = table not in wanted
        wanted.setdefault(table, {}).update(values)
    except (ValueError, TypeError, AttributeError) as error:
        raise SettingsError(f"{file} is not TOML: {error}", hint="Mend the file.") from error
    # As TOML quotes: JSON's strings, numbers and booleans are TOML's.
    said = {key: json.dumps(value, ensure_ascii=False) for key, value in values.items()}
    if missing:
        lines = "".join(f"{key} = {value}\n" for key, value in said.items())
        made = f"{text.rstrip()}\n\n[{table}]\n{lines}"
    else:
        made = _with_lines(text, table, said)
    if _read(made) != wanted:
        name = next(iter(values))
        raise SettingsError(
            f"{file} does not say {table}.{name} on a line of its own",
            hint=f"Write [{table}], below it {name} = …, and run this again.",
        )
    return made


def _read(text: str) -> object:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _with_lines(text: str, table: str, said: Mapping[str, str]) -> str:
    """Return the text with the lines of a table changed, or added below its name."""
    lines, inside, left, head = text.splitlines(keepends=True), "", dict(said), -1
    for at, line in enumerate(lines):
        if found := _TABLE.match(line):
            inside = found[1].strip()
            head = at if inside == table else head
        elif inside == table and (found := _LINE.match(line)) and found[2] in left:
            lines[at] = f"{found[1]}{left.pop(found[2])}{line[found.end() :]}"
    if head >= 0 and left:
        end = "\r\n" if lines[head].endswith("\r\n") else "\n"
        lines[head] = lines[head].rstrip("\r\n") + end
        lines[head + 1 : head + 1] = [f"{key} = {value}{end}" for key, value in left.items()]
    return "".join(lines)
