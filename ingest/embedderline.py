"""The line of ``memctl.toml`` that names the embedder, changed where nothing else is."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from memctl.ingest.errors import SettingsError

_TABLE = re.compile(r"\s*\[([^\[\]]*)\]\s*(?:#.*)?$")
_NAME = re.compile(r"""(\s*name\s*=\s*)("(?:[^"\\]|\\.)*"|'[^']*')""")


def renamed(file: Path, name: str) -> str:
    """Return the text of the settings in ``file`` with ``name`` for their embedder's.

    Raises:
        SettingsError: they are not TOML, or name it in a way that cannot be changed safely.
    """
    try:
        text = file.read_bytes().decode("utf-8")  # with the line ends that it has
        wanted = tomllib.loads(text)
        missing = "embedder" not in wanted
        wanted.setdefault("embedder", {})["name"] = name
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be read: {error.strerror}", hint="Check the file and its permissions."
        ) from error
    except (ValueError, TypeError, AttributeError) as error:
        raise SettingsError(f"{file} is not TOML: {error}", hint="Mend the file.") from error
    quoted = json.dumps(name, ensure_ascii=False)  # as TOML quotes
    changed = f"{text.rstrip()}\n\n[embedder]\nname = {quoted}\n" if missing else None
    changed = changed or _with_line(text, quoted)
    if tomllib.loads(changed) != wanted:
        raise SettingsError(
            f"{file} does not name its embedder on a line of its own",
            hint='Write [embedder], below it name = "…", and run this again.',
        )
    return changed


def _with_line(text: str, quoted: str) -> str:
    lines, table = text.splitlines(keepends=True), ""
    for at, line in enumerate(lines):
        if found := _TABLE.match(line):
            table = found[1].strip()
        elif table == "embedder" and (found := _NAME.match(line)):
            lines[at] = f"{found[1]}{quoted}{line[found.end() :]}"
    return "".join(lines)
