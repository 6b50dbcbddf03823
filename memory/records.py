"""What memory holds: episodes, facts, and the turns that they come from."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

Block = Literal["working", "recent", "settled"]
State = Literal["current", "ended", "denied"]
BLOCKS: tuple[Block, ...] = ("working", "recent", "settled")
ROLES = ("user", "assistant", "system", "tool")


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody says in a dialogue, before memory has it.

    ``speaker`` is their name where several people speak; ``id`` what the file calls the turn.
    ``said_at`` is a date (ISO 8601) or empty.
    """

    role: str
    text: str
    _: KW_ONLY
    session: str
    ordinal: int
    speaker: str = ""
    said_at: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    """A turn that is kept: the provenance of what was drawn from it."""

    number: int
    role: str
    text: str
    _: KW_ONLY
    session: str
    ordinal: int
    speaker: str
    said_at: str
    id: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is, was, or is said not to be so of somebody, by the user's own word.

    Two clocks: ``valid_from`` and ``valid_to`` say when it was true (dates as exact as they were
    told; empty where nobody said), ``learned_at`` and ``episode`` when it was learned. ``start``
    and ``end`` span the quote in the text of the episode.
    """

    number: int
    subject: str
    attribute: str
    value: str
    _: KW_ONLY
    key: str
    state: State
    valid_from: str
    valid_to: str
    learned_at: str
    episode: int
    start: int
    end: int
    quote: str
    confidence: float
    surprise: float
    block: Block
    confirmations: int
    sessions: int
    used: int
    pinned: bool
    touched: int
    ended_by: int
    language: str
    text: str
