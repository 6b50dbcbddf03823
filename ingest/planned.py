"""What the comparison of a disk with a catalog came to."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from memctl.ingest.catalog import Catalog
from memctl.ingest.ignore import IGNORE_FILE
from memctl.ingest.moves import Origins
from memctl.ingest.parsed import Task
from memctl.ingest.records import FRESH_NS, FileRecord
from memctl.ingest.walk import Entry, Skipped

# A file that was written this shortly before the walk, or after it began, may have been written
# again since it was met, without its times changing.
_RACY_NS = 2_000_000_000


@dataclass(slots=True)
class Plan:
    """What has to be read, what is as it was, what cannot be read, and what is gone.

    ``same`` counts the files that were read and are as they were, ``failed`` are the records of
    those that could not be read and are as they were. ``missing`` maps the path of a file to the
    folder that it is gone from, ``emptied`` those of it that are not to be pruned to the target
    that is empty now. ``moved`` maps the path of a file that was ingested under a folder inside a
    target to its path under that target. ``rooted`` maps the path of a file that is the same to its
    folder, where that has a new name. ``origins`` are the files that a new one may have been.
    ``unseen`` counts the files of the store that the patterns of this run leave out. ``folders``
    are those that files are named from. ``walked_at`` is when the walk began, in nanoseconds.
    """

    origins: Origins
    tasks: list[Task] = field(default_factory=list[Task])
    same: int = 0
    failed: list[FileRecord] = field(default_factory=list[FileRecord])
    skipped: list[Skipped] = field(default_factory=list[Skipped])
    missing: dict[str, str] = field(default_factory=dict[str, str])
    emptied: dict[str, str] = field(default_factory=dict[str, str])
    moved: dict[str, str] = field(default_factory=dict[str, str])
    rooted: dict[str, str] = field(default_factory=dict[str, str])
    unseen: int = 0
    folders: list[str] = field(default_factory=list[str])
    walked_at: int = field(default_factory=time.time_ns)

    def move(self, sha256: str, path: str) -> str | None:
        """Return the path that a new file had before it was moved; None if it is no such file."""
        old = self.origins.take(sha256, path)
        if old is not None:
            self.missing.pop(old, None)
            self.moved.pop(old, None)
        return old

    def mtime_of(self, entry: Entry) -> int:
        """Return the time of change to note of a file: one that none has if it is too fresh."""
        fresh = self.walked_at - entry.mtime_ns < _RACY_NS
        return entry.mtime_ns - FRESH_NS if fresh else entry.mtime_ns

    def spared(self, catalog: Catalog) -> Iterator[Skipped]:
        """Yield each target that is not pruned, as it is empty, with the number of its files."""
        gone = (path for path in self.missing if path in self.emptied)
        counts = Counter(self.emptied[path] for path in gone if catalog.holds(path))
        for folder, files in counts.items():
            yield Skipped(
                folder,
                "empty_folder",
                reason=f"the folder is empty, as where a drive is not mounted: {files:,} of its "
                "files are kept in the store. If they are gone for good, make an empty file "
                f"{IGNORE_FILE} in it and prune again",
            )
