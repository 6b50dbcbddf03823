"""One candidate, and the ways that it can go: stored, confirmed, ended, denied, passed over."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Protocol

import numpy as np

from memctl.ingest import Vectors, clean, detect
from memctl.memory.attributes import Kind
from memctl.memory.candidate import Candidate
from memctl.memory.gate import Surprise
from memctl.memory.records import Turn
from memctl.memory.rows import stored
from memctl.memory.slots import Held
from memctl.memory.when import first_day
from memctl.memory.windows import terms_of


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a candidate: a fact, a confirmation, an end; and why.

    ``fact`` is its number, or that of the one it confirms or ends; ``superseded`` are those that
    it replaces.
    """

    candidate: Candidate
    outcome: str  # stored, confirmed, ended, denied, past, gated
    _: KW_ONLY
    surprise: Surprise
    fact: int = 0
    superseded: tuple[int, ...] = ()
    quote: str = ""


@dataclass(slots=True)
class Written:
    """What writing some turns did; ``passed`` counts, by reason, what only looked like a fact."""

    turns: int = 0
    known: int = 0
    told: list[Told] = field(default_factory=list)
    passed: dict[str, int] = field(default_factory=dict)
    entry: int = 0


class Pen(Protocol):
    """What a telling writes with."""

    @property
    def clock(self) -> int:
        """The number of the session."""
        ...

    def store(self, row: dict[str, object]) -> int:
        """Insert a fact and return its number."""
        ...

    def change(self, number: int, changes: dict[str, object]) -> None:
        """Change a fact."""
        ...

    def tell(self, fact: int, episode: int, start: int, end: int) -> None:
        """Take down where a fact was told."""
        ...

    def hold(self, slot: tuple[str, str], held: Held) -> None:
        """Take a new fact into its slot."""
        ...


@dataclass(frozen=True, slots=True)
class Telling:
    """One candidate with what it is told by, and the ways that it can go."""

    writer: Pen
    candidate: Candidate
    turn: Turn
    episode: int
    text: str
    vector: Vectors
    slot: tuple[str, str]
    surprise: Surprise

    def _is_before(self, held: Held) -> bool:
        """Return whether what is told is older than what is held: by its dates, if it has any."""
        if self.candidate.since and held.since:
            return first_day(held.since) > first_day(self.candidate.since)
        return bool(self.turn.said_at) and held.learned > self.turn.said_at

    def keep(self, replaced: Sequence[Held]) -> Told:
        """Store it; what it replaces ends, unless that is the later word."""
        later = [each for each in replaced if self._is_before(each)]
        if later:
            until = later[0].since or later[0].learned
            number = self._insert("ended", until=until, ended_by=later[0].number)
            return self._told("past", number)
        number = self._insert("current")
        for each in replaced:
            self.writer.change(
                each.number,
                {"state": "ended", "valid_to": self._moment(), "ended_by": number},
            )
            each.state = "ended"
        return self._told("stored", number, tuple(each.number for each in replaced))

    def confirm(self, known: Held) -> Told:
        """Count it as one more word for what is known."""
        sessions = list(dict.fromkeys([*known.sessions, self.turn.session]))
        known.confirmations += 1
        known.sessions = sessions
        self.writer.change(
            known.number,
            {
                "confirmations": known.confirmations,
                "sessions": json.dumps(sessions, ensure_ascii=False),
                "touched": self.writer.clock,
            },
        )
        return self._told("confirmed", known.number)

    def end(self, known: Sequence[Held], current: Sequence[Held], kind: Kind) -> Told:
        """End what it says is no more.

        What nobody had told before is kept as what was once, or as a denial.
        """
        ended = list(known)
        if not ended and kind == "one" and _says_nothing(self.candidate):
            ended = list(current)
        if not ended and _says_nothing(self.candidate):
            return self._told("gated", 0)
        if not ended and self.candidate.held == "past":
            return self._told("past", self._insert("ended", until=self._until()))
        if not ended:
            return self._told("denied", self._insert("denied"))
        for each in ended:
            self.writer.change(
                each.number,
                {"state": "ended", "valid_to": self._until()},
            )
            each.state = "ended"
        return self._told("ended", ended[-1].number, tuple(each.number for each in ended))

    def past(self, known: Sequence[Held]) -> Told:
        """Keep what was so once, as something that has ended."""
        if known:
            return self.confirm(known[-1])
        number = self._insert("ended", until=self.candidate.until)
        return self._told("past", number)

    def gated(self, current: Sequence[Held]) -> Told:
        """Count what surprises too little as one more word for what is nearest."""
        if not current:
            return self._told("gated", 0)
        nearest = max(current, key=lambda each: float(each.vector @ self.vector))
        return self.confirm(nearest)

    def _until(self) -> str:
        return self.candidate.until or self._moment()

    def _moment(self) -> str:
        return self.candidate.since or self.turn.said_at

    def _insert(self, state: str, *, until: str = "", ended_by: int = 0) -> int:
        candidate, turn = self.candidate, self.turn
        row: dict[str, object] = {
            "subject": self.slot[0],
            "attribute": self.slot[1],
            "value": clean(candidate.value),
            "key": candidate.key,
            "state": state,
            "valid_from": candidate.since,
            "valid_to": until,
            "learned_at": turn.said_at,
            "episode": self.episode,
            "start": candidate.start,
            "end": candidate.end,
            "confidence": candidate.confidence,
            "surprise": round(self.surprise.score, 4),
            "block": "working",
            "confirmations": 1,
            "sessions": json.dumps([turn.session], ensure_ascii=False),
            "used": 0,
            "pinned": 0,
            "touched": self.writer.clock,
            "ended_by": ended_by,
            "language": detect(turn.text),
            "text": self.text,
            "terms": terms_of(self.text),
            "vector": stored(self.vector[np.newaxis])[0],
        }
        number = self.writer.store(row)
        held = Held(
            number,
            candidate.key,
            state,
            candidate.since,
            turn.said_at,
            1,
            [turn.session],
            self.vector,
        )
        self.writer.hold(self.slot, held)
        return number

    def _told(self, outcome: str, fact: int, superseded: tuple[int, ...] = ()) -> Told:
        if fact:
            self.writer.tell(fact, self.episode, self.candidate.start, self.candidate.end)
        return Told(
            self.candidate,
            outcome,
            surprise=self.surprise,
            fact=fact,
            superseded=superseded,
            quote=self.turn.text[self.candidate.start : self.candidate.end],
        )


def _says_nothing(candidate: Candidate) -> bool:
    """Return whether an end names no value of its own: I no longer work."""
    return not candidate.key.strip()
