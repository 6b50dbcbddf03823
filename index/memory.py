"""Memory: what this process has held, and sizes in words."""

from __future__ import annotations

import math
import sys


def peak_mb() -> int:
    """Return the peak of resident memory in megabytes, or 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1_000_000 if sys.platform == "darwin" else 1_000))


def in_words(number: float) -> str:
    """Return a number of bytes for people."""
    if number < 1000:
        return f"{number:.0f} bytes"
    for unit in ("kB", "MB"):
        number /= 1000
        if number < 1000:
            return f"{number:.1f} {unit}"
    return f"{number / 1000:,.1f} GB"


def as_option(number: float) -> str:
    """Return the least that ``--max-memory`` has to be for so many bytes."""
    if number < 1_000_000:
        return f"--max-memory {math.ceil(number / 1_000)}K"
    return f"--max-memory {math.ceil(number / 1_000_000)}M"
