"""Which facts answer a question: of which attribute, of whom, and what stands for what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field

from memctl.ingest import sentence_spans
from memctl.memory.asking import Asked
from memctl.memory.attributes import FAVOURITE, Grammar
from memctl.memory.records import Episode, Fact
from memctl.memory.second_person import to_second_person

# What stands for an attribute of which nothing is known by itself.
_RELATED = {
    "age": ("birthday",),
    "birthday": ("birthplace",),
    "birthplace": ("city",),
    "city": ("country", "city"),
    "hobby": ("sport", "instrument", "like"),
    "sport": (),
    "avoid": ("allergy", "dislike"),
}
# Who may be meant by a relation of which nothing is known: the boyfriend of before is the husband.
_SAME_PERSON = {
    "husband": ("partner", "boyfriend"),
    "wife": ("partner", "girlfriend"),
    "child": ("son", "daughter"),
}
_FROM = re.compile(r"^(?:я|мы|i|we|i'm|am|'m)?\s*(?:из|from)\b", re.IGNORECASE)
_MOST = re.compile(r"больше всего|\bmost\b|more than anything", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer rests on: a piece of a turn, character for character."""

    episode: Episode
    start: int
    end: int

    @property
    def quote(self) -> str:
        """The words themselves."""
        return self.episode.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Recollection:
    """An answer from memory, or the word that nothing is known.

    ``facts`` are what it tells; ``episodes`` what fits the question best, with scores, whether or
    not it answers.
    """

    question: str
    text: str
    _: KW_ONLY
    abstained: bool
    confidence: float
    language: str
    facts: tuple[Fact, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    episodes: tuple[tuple[Episode, float], ...] = ()
    notes: tuple[str, ...] = field(default=())


def meant(attributes: Sequence[str]) -> list[str]:
    """Return the attributes that a question may mean, and those that can stand for the first."""
    first = attributes[0] if attributes else ""
    liked = ["like"] if first.startswith(FAVOURITE) else []
    return [*dict.fromkeys([*attributes[:3]]), *_RELATED.get(first, ()), *liked]


def whom(subject: str) -> Iterator[str]:
    """Yield who may be meant by somebody, the likeliest first."""
    yield subject
    yield from _SAME_PERSON.get(subject, ())


def fitting(facts: Sequence[Fact], asked: Asked, attribute: str, *, at: int) -> Sequence[Fact]:
    """Return the facts that can answer: of what is liked only what is liked most.

    ``at`` is the place of the attribute among those that may be meant.
    """
    first = asked.attributes[0] if asked.attributes else ""
    if attribute == "like" and first.startswith(FAVOURITE):
        return [fact for fact in facts if _MOST.search(fact.quote)]
    if (first, attribute) == ("birthplace", "city"):
        return [fact for fact in facts if _FROM.search(fact.quote)]
    if (first, attribute) == ("city", "city") and at == 0:  # who is from Spain may live elsewhere
        return [fact for fact in facts if not _FROM.search(fact.quote)]
    if (first, attribute) == ("birthday", "birthplace"):
        return [fact for fact in facts if fact.valid_from]
    if (first, attribute) == ("age", "birthday"):
        return [fact for fact in facts if re.search(r"\d{4}", fact.value)]
    return facts


def unmet(asked: Asked, facts: Sequence[Fact], grammar: Grammar, more: set[str]) -> bool:
    """Return whether a yes-or-no question names a value that none of the facts has.

    ``more`` are the stems of the question that nothing explains.
    """
    attribute = facts[0].attribute
    if not asked.yes_no or grammar.kind_of(attribute, facts[0].subject) != "many":
        return False
    whole = grammar.get(attribute).whole
    if any(fact.state == "denied" and set(fact.key.split()) <= whole for fact in facts):
        return False  # who has no siblings has no brother
    words = asked.words - grammar.get(attribute).whole
    if any(set(fact.key.split()) & words for fact in facts):
        return False
    return bool(more) or bool(words & grammar.lists.get(attribute, frozenset()))


def told_when(evidence: Evidence, fact: Fact) -> str:
    """Return what was said, as it is said to the user, with the day where it names none."""
    text = evidence.episode.text
    spans = [s for s in sentence_spans(text) if s[0] < evidence.end and evidence.start < s[1]]
    said = to_second_person(text[spans[0][0] : spans[-1][1]]) if spans else fact.quote
    return _dated(said, fact.valid_from or evidence.episode.said_at)


def _dated(said: str, day: str) -> str:
    """Return a sentence with a day behind it, where it names no year itself."""
    return f"{said.rstrip('.!')} ({day})." if day and day[:4] not in said else said
