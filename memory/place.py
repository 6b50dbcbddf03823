"""Where memories lie: a folder for each user, in the store."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from memctl.ingest import Layout

_PLAIN = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
DEFAULT_USER = "me"


@dataclass(frozen=True, slots=True)
class Place:
    """The files of one user's memory in the store at ``store``."""

    store: Path
    user: str

    @property
    def root(self) -> Path:
        """The folder of all memories."""
        return Layout(self.store).memories

    @property
    def folder(self) -> Path:
        """The folder of this one; a name that is no plain file name is hashed."""
        return self.root / _slug(self.user)

    @property
    def book(self) -> Path:
        """The database."""
        return self.folder / "memory.sqlite"

    @property
    def lock(self) -> Path:
        """Held by the one writer."""
        return self.folder / "writer.lock"

    @property
    def receipts(self) -> Path:
        """That something was forgotten, a line each time."""
        return self.folder / "forgotten.jsonl"

    @property
    def own_grammar(self) -> Path:
        """Attributes and patterns that people add to those of memctl, for all users."""
        return self.root / "attributes.toml"


def _slug(user: str) -> str:
    """Return a folder name that only this user has; no name of a user is a path."""
    if _PLAIN.fullmatch(user) and not user.endswith("."):
        return user
    readable = re.sub(r"[^a-z0-9]+", "-", user.casefold()).strip("-")[:24]
    digest = hashlib.sha256(user.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{readable}+{digest}" if readable else f"+{digest}"
