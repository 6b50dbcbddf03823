"""Dialogues made by script: planted facts, and questions whose answers are known.

Each dialogue has one question of each of the contest's four types. Beside what is asked for, it
holds what must mislead nobody: facts about others, questions, hypotheses, quotes, small talk.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, timedelta

from bench.dialogue_words import Topic, words

SESSIONS = (6, 10)  # of a dialogue, from and to
TYPES = ("fact_equal_session", "info_consolidation", "info_updating", "no_info")


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody says."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Session:
    """Some messages of a day."""

    day: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """A question, what its answer must hold, and what it must not."""

    kind: str
    text: str
    _: KW_ONLY
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...] = ()
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Sessions of one user, and questions about them."""

    number: int
    language: str
    _: KW_ONLY
    sessions: tuple[Session, ...]
    questions: tuple[Ask, ...]


def dialogues(language: str, count: int, seed: int) -> Iterator[Dialogue]:
    """Yield dialogues in a language; the same seed gives the same ones."""
    for number in range(count):
        yield _dialogue(language, number, random.Random(f"{seed} {language} {number}"))


def _dialogue(language: str, number: int, chance: random.Random) -> Dialogue:
    topics, _ = words(language)
    one = [topic for topic in topics if topic.kind == "one"]
    many = [topic for topic in topics if topic.kind == "many"]
    chance.shuffle(one)
    chance.shuffle(many)
    updatable = [topic for topic in one if topic.changes]
    fact, rest = one[0], [topic for topic in one[1:] if topic.group != one[0].group]
    update = next(topic for topic in updatable if topic is not fact and topic.group != fact.group)
    absent = next(
        topic
        for topic in (*rest, *many[1:])
        if topic not in {fact, update, many[0]}
        and topic.group not in {fact.group, update.group, many[0].group}
    )
    days = _days(chance, chance.randint(*SESSIONS))
    planted: dict[int, list[str]] = {at: [] for at in range(len(days))}
    asks = (
        _plant_fact(fact, planted, chance),
        _plant_several(many[0], planted, chance),
        _plant_update(update, planted, chance),
        Ask("no_info", chance.choice(absent.questions), wanted=(), topic=absent.name),
    )
    for topic in (fact, many[0], update, absent):
        _mislead(topic, planted, chance)
    sessions = tuple(_session(day, planted[at], language, chance) for at, day in enumerate(days))
    return Dialogue(number, language, sessions=sessions, questions=asks)


def _days(chance: random.Random, count: int) -> list[str]:
    day = date(2023, 1, 1) + timedelta(days=chance.randint(0, 300))
    days: list[str] = []
    for _ in range(count):
        days.append(day.isoformat())
        day += timedelta(days=chance.randint(3, 60))
    return days


def _plant_fact(topic: Topic, planted: dict[int, list[str]], chance: random.Random) -> Ask:
    value = chance.choice(topic.values)
    planted[chance.randrange(len(planted))].append(_say(topic.says, value, chance))
    return Ask(
        "fact_equal_session",
        chance.choice(topic.questions),
        wanted=(topic.answer(value),),
        topic=topic.name,
    )


def _plant_several(topic: Topic, planted: dict[int, list[str]], chance: random.Random) -> Ask:
    values = chance.sample(topic.values, k=chance.choice((2, 3, 3)))
    places = sorted(chance.sample(range(len(planted)), k=len(values)))
    for place, value in zip(places, values, strict=True):
        planted[place].append(_say(topic.says, value, chance))
    unwanted: tuple[str, ...] = ()
    if topic.ends and len(values) == 3:
        planted[len(planted) - 1].append(_say(topic.ends, values[0], chance))
        unwanted = (topic.answer(values[0]),)
        values = values[1:]
    return Ask(
        "info_consolidation",
        chance.choice(topic.questions),
        wanted=tuple(topic.answer(value) for value in values),
        unwanted=unwanted,
        topic=topic.name,
    )


def _plant_update(topic: Topic, planted: dict[int, list[str]], chance: random.Random) -> Ask:
    old, new = chance.sample(topic.values, k=2)
    first, second = sorted(chance.sample(range(len(planted)), k=2))
    planted[first].append(_say(topic.says, old, chance))
    planted[second].append(_say(topic.changes, new, chance))
    return Ask(
        "info_updating",
        chance.choice(topic.questions),
        wanted=(topic.answer(new),),
        unwanted=(topic.answer(old),),
        topic=topic.name,
    )


def _mislead(topic: Topic, planted: dict[int, list[str]], chance: random.Random) -> None:
    """Plant what tells nothing of the user, though it speaks of a topic."""
    for template in chance.sample(topic.misleading, k=min(2, len(topic.misleading))):
        value = chance.choice(topic.values)
        planted[chance.randrange(len(planted))].append(_say((template,), value, chance))


def _say(templates: Sequence[str], value: Mapping[str, str], chance: random.Random) -> str:
    return chance.choice(templates).format_map(value)


def _session(day: str, planted: Sequence[str], language: str, chance: random.Random) -> Session:
    _, talk = words(language)
    said = [*planted, *chance.sample(talk.user, k=chance.randint(2, 5))]
    if len(planted) < 2:  # two planted sentences keep their order
        chance.shuffle(said)
    messages: list[Message] = []
    for each in said:
        text = each
        if each in planted and chance.random() < 0.4:
            text = f"{_opened(each, chance.choice(talk.openers))} {chance.choice(talk.closers)}"
        messages.append(Message("user", " ".join(text.split())))
        messages.append(Message("assistant", chance.choice(talk.assistant)))
    return Session(day, tuple(messages))


def _opened(text: str, opener: str) -> str:
    """Return a sentence behind an opener; behind a comma it goes on in small letters."""
    goes_on = not opener.endswith("!") and not text.startswith(("I ", "I'"))
    return f"{opener} {text[:1].lower() + text[1:] if goes_on else text}"
