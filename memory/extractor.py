"""What draws facts from a turn: patterns, or a language model; both give the same candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from memctl.memory.attributes import Grammar
from memctl.memory.extraction import Drawn, extract
from memctl.memory.language.context import Context
from memctl.memory.people import people_in
from memctl.memory.records import Turn


class Extractor(Protocol):
    """Draws candidates from the turns of one session."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    def draw(self, turns: Sequence[Turn], *, people: Mapping[str, str]) -> list[Drawn | None]:
        """Return what each turn tells; None for one that is not the user's.

        ``people`` has the relations of those whose names are known, by a folded word of the name.

        Raises:
            MemctlError: a model that is asked cannot be reached.
        """
        ...


class Patterns:
    """Draws facts with the patterns of a grammar; needs no model."""

    name = "patterns"

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar

    def draw(self, turns: Sequence[Turn], *, people: Mapping[str, str]) -> list[Drawn | None]:
        """Return what each turn tells; who was spoken of is remembered from turn to turn."""
        found: list[Drawn | None] = []
        contexts: dict[str, Context] = {}
        for turn in turns:
            if turn.role != "user":
                found.append(None)
                continue
            drawn = extract(
                turn.text,
                self._grammar,
                said_at=turn.said_at,
                context=contexts.get(turn.speaker) or Context(people=people),
            )
            named = people_in(drawn.candidates, self._grammar)
            contexts[turn.speaker] = drawn.context.with_people(named)
            found.append(drawn)
        return found
