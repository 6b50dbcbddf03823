"""What tells a file, or a folder, that has a new name from another one."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from memctl.ingest.readers import suffix_of
from memctl.ingest.readers.llamaindex import named_suffix
from memctl.ingest.records import FRESH_NS, FileRecord
from memctl.ingest.walk import Entry, Skipped

_COMPARED = 32  # files that are gone, for each new one
_THERE = "another ingested folder has a file of this path; ingest the folder above both"
_AWAY = (
    "{root}, which has a file of this path, is not there now, or is empty: bring it back, or "
    "ingest all of it where it is now; if it is gone for good, make that folder with an empty file "
    ".memctlignore in it, ingest it with --prune, and then this again"
)


class Origins:
    """Files that are gone: a new one with the bytes of one, for the same reader, may be that file.

    ``readers`` maps suffixes to the readers that the settings name.
    """

    def __init__(self, readers: Mapping[str, str] | None = None) -> None:
        self._readers = readers or {}
        # The paths by bytes and suffix, then by name.
        self._paths: dict[tuple[str, str], dict[str, deque[str]]] = {}
        self._alike: dict[tuple[int, str], dict[str, None]] = {}
        self._new: set[str] = set()  # names of new files

    def add(self, record: FileRecord) -> None:
        """Take note of a file that is gone."""
        name, suffix = _name(record.path), self._suffix(record.path)
        named = self._paths.setdefault((record.sha256, suffix), {})
        named.setdefault(name, deque()).append(record.path)
        for key in (name, suffix):
            self._alike.setdefault((record.size, key), {})[record.sha256] = None

    def near(self, entry: Entry) -> tuple[str, ...]:
        """Return the sha256 of some files that a new one may be, by size and name or suffix."""
        name = _name(entry.path)
        self._new.add(name)
        found: dict[str, None] = {}
        for key in (name, self._suffix(entry.path)):
            found.update(dict.fromkeys(islice(self._alike.get((entry.size, key), ()), _COMPARED)))
        return tuple(found)

    def take(self, sha256: str, path: str) -> str | None:
        """Return the path of a file that is gone, once, for a new one at ``path``; None if none is.

        Of several that are the same it is the one of the same name, or one whose name no new file
        has.
        """
        named = self._paths.get((sha256, self._suffix(path)))
        if not named:
            return None
        name = _name(path)
        if name not in named:
            name = next((each for each in named if each not in self._new), next(iter(named)))
        old = named[name].popleft()
        if not named[name]:
            del named[name]
        return old

    def _suffix(self, path: str) -> str:
        """Return the suffix that chooses the reader."""
        return named_suffix(path, self._readers) or suffix_of(path)


def is_away(folder: str | Path) -> bool:
    """Tell whether a folder is not there, or is empty, as where a drive is not mounted.

    One that cannot be listed, as that of a network that is down, is away too.
    """
    try:
        with os.scandir(folder) as listing:
            return next(listing, None) is None
    except OSError:
        return True


def is_same_file(entry: Entry, record: FileRecord) -> bool:
    """Tell whether a file has size and times of the record, where that has them.

    Nobody can set a file's time of change of its facts, and to rename a folder leaves it.
    """
    known = {-1, entry.mtime_ns, entry.mtime_ns - FRESH_NS}
    times = record.mtime_ns in known and record.ctime_ns == entry.ctime_ns
    return times and record.size == entry.size


def duplicate(path: str, away: str = "") -> Skipped:
    """Return a file as not read: another folder, maybe one that is ``away``, has its path."""
    return Skipped(path, "duplicate_path", reason=_AWAY.format(root=away) if away else _THERE)


def _name(path: str) -> str:
    return path.rpartition("/")[2]
