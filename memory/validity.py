"""Which facts of a slot are meant: by when they were true, and by what was said last."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from memctl.memory.asking import Asked
from memctl.memory.attributes import Kind
from memctl.memory.records import Fact
from memctl.memory.when import first_day, last_day


def chosen(
    facts: Sequence[Fact],
    asked: Asked,
    kind: Kind,
    *,
    whole: Collection[str] = (),
    event: tuple[str, int] | None = None,
) -> list[Fact]:
    """Return the facts of a slot that a question asks for, the likeliest first.

    Of what has one value at a time it is one; of the rest all. ``whole`` are words for all values
    at once. ``event`` is the date, and the episode, before which it is to be.
    """
    facts = _named(facts, asked, whole) if kind == "many" else list(facts)
    if not facts:
        return []
    named = [fact for fact in facts if fact.key and set(fact.key.split()) <= asked.words]
    is_state = facts[0].attribute in _STATES
    if kind == "one" and asked.yes_no and named and asked.time == "any" and not is_state:
        return [max(named, key=_began)]  # do I live in Leeds: no longer
    match asked.time:
        case "at":
            found = [fact for fact in facts if valid_at(fact, asked.at)]
        case "before":
            found = _before(facts, event, kind)
        case "past" if asked.when:
            found = _happened(facts, asked) or _now(facts, kind)
        case "past":
            found = [fact for fact in facts if fact.state == "ended"] or _now(facts, kind)
        case _:
            found = _now(facts, kind)
    ordered = sorted(found, key=_began, reverse=True)
    if asked.time == "at" and len(asked.at) < len("2024-01-01"):
        return ordered[::-1]  # of a month or a year all, in the order of time
    return ordered[:1] if kind == "one" else sorted(ordered, key=lambda fact: fact.number)


# Of these what is so is the answer, whatever else was named: am I married, you are widowed.
_STATES = frozenset("marital smoking alcohol".split())


def valid_at(fact: Fact, day: str) -> bool:
    """Return whether a fact was true on a day (or some day of a month or year)."""
    if fact.state == "denied":
        return False
    since = first_day(fact.valid_from or fact.learned_at)
    until = fact.valid_to
    if fact.state == "ended" and not until:  # over when it was told, whenever it was
        return not fact.learned_at or first_day(day) < fact.learned_at
    begins = not since or since <= last_day(day)
    ends = bool(until) and last_day(until) < first_day(day)
    return begins and not ends and not (until and first_day(until) <= first_day(day))


def _now(facts: Sequence[Fact], kind: Kind) -> list[Fact]:
    """Return what is so; else what is said not to be, or was once: the latest of it, or all."""
    current = [fact for fact in facts if fact.state == "current"]
    if current:
        return current
    if kind == "many" and all(fact.state == "ended" for fact in facts):
        return list(facts)
    return [max(facts, key=lambda fact: (fact.state == "denied", fact.number))]


def _before(facts: Sequence[Fact], event: tuple[str, int] | None, kind: Kind) -> list[Fact]:
    if event is None:
        return [fact for fact in facts if fact.state == "ended"]
    day, episode = event
    found = [
        fact
        for fact in facts
        if fact.state != "denied" and (fact.episode < episode or _left(fact, episode))
    ]
    if day and not found:
        found = [fact for fact in facts if valid_at(fact, day)]
    ended = [fact for fact in facts if fact.state == "ended"]
    if kind == "one" and ended:
        older = [fact for fact in found if fact.state == "ended"]
        return older or ended
    return found


def _left(fact: Fact, episode: int) -> bool:
    """Return whether the telling of an event tells a fact as what was before: moved from Paris."""
    return fact.state == "ended" and fact.episode == episode and not fact.ended_by


def _happened(facts: Sequence[Fact], asked: Asked) -> list[Fact]:
    """Return the facts that a question names as an event: when did I get married."""
    return [
        fact for fact in facts if fact.state != "denied" and set(fact.key.split()) & asked.words
    ]


def _named(facts: Sequence[Fact], asked: Asked, whole: Collection[str]) -> list[Fact]:
    """Return the facts whose value a yes-or-no question names, if it names any; else all."""
    if not (asked.yes_no or asked.counts):
        return list(facts)
    words = asked.words.difference(whole)
    named = [fact for fact in facts if set(fact.key.split()) & words]
    return named or list(facts)


def _began(fact: Fact) -> tuple[str, bool, int]:
    """Return when something began to be so; what was told as past was so before what is told."""
    lasted = fact.state == "current" or bool(fact.ended_by)
    return (first_day(fact.valid_from or fact.learned_at), lasted, fact.number)
