"""What is drawn from a turn before memory has weighed it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

Held = Literal["now", "past"]
Reason = Literal["question", "unsure", "wish", "request", "other"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value of an attribute of somebody, as a turn tells it.

    ``key`` is the value as values are compared. ``ends`` says that it is told to be no more, or
    never to have been; ``held`` whether it is so now or was once. ``start`` and ``end`` span in the
    turn what tells it. ``since`` and ``until`` are dates (ISO 8601, as exact as they are told).
    """

    subject: str
    attribute: str
    _: KW_ONLY
    value: str
    key: str
    start: int
    end: int
    ends: bool = False
    held: Held = "now"
    confidence: float = 0.9
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    """What looked like a fact and is told of nobody as one: why, and where it stands."""

    attribute: str
    reason: Reason
    _: KW_ONLY
    start: int
    end: int
