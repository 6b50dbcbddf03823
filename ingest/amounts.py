"""Numbers with what they count."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return ``1 vector``, ``2,000 vectors``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
