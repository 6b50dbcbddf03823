"""Where everything lies in a store; each file name is spelled here and nowhere else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

CACHE_VARIABLE = "MEMCTL_CACHE"


def cache_folder() -> Path:
    """Return the user's folder of what can be made anew: ``MEMCTL_CACHE``, or the system's own."""
    import platformdirs

    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_cache_path("memctl")


@dataclass(frozen=True, slots=True)
class Layout:
    """The files and folders of the store at ``root``.

    ``generation`` is the number of the embedder's generation whose vectors and indexes are meant.
    """

    root: Path
    generation: int = 1

    @property
    def settings(self) -> Path:
        """The settings of this store, for people to read and edit."""
        return self.root / "memctl.toml"

    @property
    def catalog(self) -> Path:
        """The truth: files, documents, chunks and embedding keys."""
        return self.root / "catalog.sqlite"

    @property
    def journal(self) -> Path:
        """SQLite's, while a change of the catalog is being committed, or after a kill."""
        return self.catalog.with_name(self.catalog.name + "-journal")

    @property
    def seal(self) -> Path:
        """The sha256 of the whole catalog, as the last writer left it."""
        return self.root / "catalog.seal"

    @property
    def damaged(self) -> Path:
        """A catalog that was repaired, as it was before."""
        return self.root / "catalog.damaged"

    @property
    def vectors(self) -> Path:
        """One unit vector a row, 16-bit floats, append-only."""
        return self.root / f"vectors-{self.generation:04d}.f16"

    @property
    def synonyms(self) -> Path:
        """Other wordings, for people to write; read by every search where it is there."""
        return self.root / "synonyms.txt"

    @property
    def snapshots(self) -> Path:
        """One folder a snapshot, each laid out as a store."""
        return self.root / "snapshots"

    @property
    def snapshot(self) -> Path:
        """What makes a store a snapshot, which is only read, and says what it is."""
        return self.root / "snapshot.json"

    @property
    def memories(self) -> Path:
        """What users have told of themselves, a folder each; it may be there before the rest."""
        return self.root / "memory"

    @property
    def history(self) -> Path:
        """What was typed into the shell."""
        return self.root / "shell-history"

    @property
    def receipts(self) -> Path:
        """That something was forgotten, a line each time."""
        return self.root / "forgotten.jsonl"

    @property
    def receipts_key(self) -> Path:
        """What the names in the receipts are hashed with."""
        return self.root / "forgotten.key"

    @property
    def restoring(self) -> Path:
        """The name of the snapshot that the store is to be made like; there until it is."""
        return self.root / "restoring.json"

    @property
    def lock(self) -> Path:
        """Held by the one writer."""
        return self.root / "writer.lock"

    @property
    def holder(self) -> Path:
        """Who holds the lock."""
        return self.lock.with_suffix(".holder")

    @property
    def indexes(self) -> Path:
        """One folder an index."""
        name = "indexes" if self.generation == 1 else f"indexes-{self.generation:04d}"
        return self.root / name

    @property
    def lexical(self) -> Path:
        """The index of words: one for all generations, whose rows are of the same texts."""
        return self.root / "lexical"
