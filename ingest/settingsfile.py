"""The text of ``memctl.toml``, as editors save it."""

from __future__ import annotations

import codecs
from pathlib import Path

from memctl.ingest.errors import SettingsError

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(file: Path) -> str:
    """Return the text of a settings file, with its own line ends; a mark of UTF-8 is passed over.

    Raises:
        SettingsError: it cannot be read, or is in another encoding than TOML is written in.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be read: {error.strerror}", hint="Check the file and its permissions."
        ) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        where = "it is UTF-16" if data.startswith(_WIDE) else f"see line {line}"
        raise SettingsError(
            f"{file} is not saved in UTF-8: {where}",
            hint="Open it in an editor and save it with the encoding UTF-8.",
        ) from error
