"""What no generation and no snapshot of a store holds: leftovers of commands that were killed."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from memctl.ingest.layout import Layout
from memctl.ingest.store import Store

_WORD = re.compile(r"\w{6,}")
_LEFTOVERS = (
    "catalog.damaged",
    "*.new",
    "*.partial",
    "*.partial-journal",
    "snapshots/.*",
    "indexes*/*/building",
    "indexes*/*/*.new",
    "lexical/building",
    "lexical/*.new",
)


def sweep_leftovers(layout: Layout) -> None:
    """Remove what killed commands and repairs left; the lock is held.

    Raises:
        OSError: the system refused it.
    """
    for entry in list(_leftovers(layout.root)):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def forget_asked(store: Store, texts: Sequence[str]) -> None:
    """Remove from the history of the shell what has a word that only forgotten texts had.

    Raises:
        OSError: the system refused it.
    """
    file = store.layout.history
    if not file.exists():
        return
    said = "\n".join(texts).casefold()
    kept = [
        line
        for line in file.read_text(encoding="utf-8", errors="surrogateescape").splitlines(
            keepends=True
        )
        if not any(
            word.casefold() in said and not store.catalog.says_text(word)
            for word in _WORD.findall(line)
        )
    ]
    partial = file.with_name(f"{file.name}.new")
    partial.touch(mode=0o600)
    partial.write_text("".join(kept), encoding="utf-8", errors="surrogateescape")
    partial.replace(file)


def bytes_on_disk(root: Path) -> int:
    """Return what the files below a folder take, each once however many names it has."""
    sizes: dict[tuple[int, int], int] = {}
    for folder, _, names in os.walk(root):
        for name in names:
            found = Path(folder, name).lstat()
            blocks = getattr(found, "st_blocks", None)
            sizes[found.st_dev, found.st_ino] = found.st_size if blocks is None else blocks * 512
    return sum(sizes.values())


def _leftovers(root: Path) -> Iterator[Path]:
    for pattern in _LEFTOVERS:
        yield from root.glob(pattern)
