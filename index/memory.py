"""How much memory this process has held."""

from __future__ import annotations

import sys


def peak_mb() -> int:
    """Return the peak of resident memory in megabytes, or 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1_000_000 if sys.platform == "darwin" else 1_000))
