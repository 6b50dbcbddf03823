"""Where everything lies in a store; each file name is spelled here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """The files and folders of the store at ``root``."""

    root: Path

    @property
    def settings(self) -> Path:
        """The settings of this store, for people to read and edit."""
        return self.root / "memctl.toml"

    @property
    def catalog(self) -> Path:
        """The truth: files, documents, chunks and embedding keys."""
        return self.root / "catalog.sqlite"

    @property
    def vectors(self) -> Path:
        """One unit vector a row, 16-bit floats, append-only."""
        return self.root / "vectors-0001.f16"

    @property
    def lock(self) -> Path:
        """Held by the one writer."""
        return self.root / "writer.lock"

    @property
    def indexes(self) -> Path:
        """One folder an index."""
        return self.root / "indexes"
