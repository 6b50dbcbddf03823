"""What goes wrong with an index."""

from __future__ import annotations

from memctl.ingest import MemctlError


class IndexNotFoundError(MemctlError):
    """The store holds no index of that name."""


class IndexDamagedError(MemctlError):
    """An index is not what its manifest says, or of another format or embedder."""


class TargetMissedError(MemctlError):
    """An index was built and falls short of what was asked for: recall, latency or memory."""

    exit_code = 3


class ShadowError(MemctlError):
    """A generation beside the one that serves is missing, damaged, or in the way."""
