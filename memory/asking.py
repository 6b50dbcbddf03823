"""What a question asks for: of whom, which attribute, and at what time."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from typing import Literal

from memctl.ingest import detect
from memctl.memory.attributes import FAVOURITE, OWN, Grammar
from memctl.memory.attribution import PETS, owner_of
from memctl.memory.finding import telling
from memctl.memory.language import Token, read
from memctl.memory.language.context import USER, Context
from memctl.memory.language.listed import entry_of
from memctl.memory.language.phrase import cyrillic
from memctl.memory.language.stances import ASKING
from memctl.memory.values import key_of
from memctl.memory.when import date_in

_Entry = tuple[float, str, tuple[frozenset[str], ...], int]  # how many of its parts tell
Time = Literal["now", "past", "at", "before", "any"]

_PAST = re.compile(
    r"\b(?:раньше|прежде|прежн\w+|предыдущ\w+|бывш\w+|до этого|изначально|сначала|previous(?:ly)?"
    r"|former(?:ly)?|used to|before that|originally|at first)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:\bдо того,? как\b|\bперед тем,? как\b|\bпрежде чем\b|\bbefore\b|\bдо(?= (?:переезд|свадьб"
    r"|рожден|развод|увольнен|покупк|операц|отпуск|армии|институт|университет|школ)))\s*"
    r"(?P<event>[^?.!]{2,80})",
    re.IGNORECASE,
)
_EARLIER = re.compile(
    r"\b(?:раньше|прежде|прежн\w+|предыдущ\w+|до этого|previous(?:ly)?|before that|formerly"
    r"|earlier)\b",
    re.IGNORECASE,
)
_GRAMMATICAL = 0.3  # the weight of a word of asking
_NEGATIONS = frozenset("не not n't".split())  # they turn what is asked for round
_CLOSE = 0.75  # of the best, to be meant as well
_LIKED = frozenset("любимый favorite favourite".split())
# Whom these are about is the user, though the question names what they have.
_ABOUT_USER = {
    "pet": PETS,
    "child": frozenset("child son daughter".split()),
    "sibling": frozenset("brother sister".split()),
    "marital": frozenset("wife husband partner girlfriend boyfriend".split()),
}
_WHEN = re.compile(
    r"(?:when|how long(?! is| are)|как (?:долго|давно)|сколько времени|когда"
    r"|с каких пор|since when|how long ago|в каком году|с какого (?:года|времени)"
    r"|какого числа|(?:(?:on|in|since) )?(?:what|which) (?:date|day|year))\b",
    re.IGNORECASE,
)
_COUNTS = re.compile(r"\bhow many\b|\bсколько\b(?! лет)", re.IGNORECASE)
_YES_NO = re.compile(
    r"\bли\b|\bесть\b.*\?|^(?:do|does|did|am|is|are|was|were|have|has|had|can)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as memory understands it.

    ``attributes`` are those that it may mean, likeliest first; ``words`` its folded words and
    their dictionary forms; ``event`` what "before" refers to.
    """

    text: str
    language: str
    _: KW_ONLY
    subject: str
    attributes: tuple[str, ...]
    words: frozenset[str]
    time: Time = "any"
    at: str = ""
    event: str = ""
    yes_no: bool = False
    counts: bool = False
    when: bool = False


def asked(
    question: str,
    grammar: Grammar,
    *,
    open_attributes: Collection[str],
    people: Collection[str] = (),
    called: Context | None = None,
    today: str = "",
) -> Asked:
    """Return what a question asks for.

    ``open_attributes`` are those that memory holds and no file names, ``people`` who speak in it;
    ``called`` knows whom a name means.
    """
    event = _BEFORE.search(question)
    main = question[: event.start()] + question[event.end() :] if event else question
    tokens = read(main if len(main.split()) > 1 else question)
    words = frozenset(word for token in tokens for word in _forms(token))
    yes_no = bool(_YES_NO.search(question.strip())) or _only_asks_whether(question, tokens)
    attributes = _attributes(tokens, words, grammar, open_attributes, yes_no=yes_no)
    subject = _subject(tokens, question, grammar, attributes, people)
    if subject == USER and called is not None:
        subject = next(filter(None, map(called.called, tokens)), USER)
    dated = date_in(main, today)
    time: Time = "any"
    if event is not None or (_EARLIER.search(main) and dated is None):
        time = "before"
    elif dated is not None and not _PAST.search(main):
        time = "at"
    elif _PAST.search(main) or _past_tense(tokens):
        time = "past"
    return Asked(
        question,
        "ru" if detect(question) == "ru" else "en",
        subject=subject,
        attributes=attributes,
        words=words,
        time=time,
        at=dated[0] if dated and time == "at" else "",
        event=event.group("event").strip() if event else "",
        when=bool(_WHEN.match(question.strip())),
        yes_no=yes_no,
        counts=bool(_COUNTS.search(question)),
    )


def _only_asks_whether(question: str, tokens: Sequence[Token]) -> bool:
    """Return whether a question of Russian has no word of asking: я живу в Перми?"""
    russian = any(map(cyrillic, tokens))
    asking = any(token.folded in ASKING for token in tokens)
    return russian and question.rstrip().endswith("?") and not asking


def _names_value(tokens: Sequence[Token], attribute: str, grammar: Grammar) -> bool:
    listed = grammar.lists.get(attribute, frozenset())
    return bool(listed) and any(token.is_word and entry_of(token, listed) for token in tokens)


def _forms(token: Token) -> Iterator[str]:
    """Yield a word as it is written and its dictionary forms; «ест» is no form of «быть»."""
    yield token.folded
    for lemma in token.lemmas():
        if lemma != "есть" or token.folded == "есть":
            yield lemma


def _attributes(
    tokens: list[Token],
    words: frozenset[str],
    grammar: Grammar,
    open_attributes: Collection[str],
    *,
    yes_no: bool,
) -> tuple[str, ...]:
    liked = words & _LIKED
    own = [
        name
        for name in open_attributes
        if name.startswith(FAVOURITE if liked else OWN) and _names(name, words)
    ]
    if liked:
        wanted = _liked_noun(tokens)
        return tuple(own) or ((FAVOURITE + wanted,) if wanted else ("like",))
    scored: dict[str, tuple[int, float]] = {}
    bare = not _tells_more(tokens, grammar)
    for weight, name, parts, telling_parts in _entries(grammar):
        if not bare and not telling_parts:
            continue  # what does she think about it, not: what does she do
        if all(part & words for part in parts):
            scored[name] = max(scored.get(name, (0, 0.0)), (telling_parts, weight))
    most, best = max(scored.values(), default=(0, 0.0))
    # What takes up more of the question's words means it: место работы is no kind of work.
    likely = [name for name, each in scored.items() if each >= (most, _CLOSE * best)]
    if not scored and yes_no:
        likely = [name for name in grammar.attributes if _names_value(tokens, name, grammar)]
        scored = dict.fromkeys(likely, (0, 0.0))
    ranked = sorted(likely, key=scored.__getitem__, reverse=True)
    # What the user calls theirs themselves is meant before what is only like it.
    return tuple(dict.fromkeys((*own, *ranked)))


def _names(name: str, words: frozenset[str]) -> bool:
    wanted = set(name.removeprefix(FAVOURITE).removeprefix(OWN).split())
    return bool(wanted) and wanted <= words


def _liked_noun(tokens: list[Token]) -> str:
    for at, token in enumerate(tokens):
        if token.lemmas() & _LIKED:
            following = [
                each.text
                for each in tokens[at + 1 : at + 4]
                if each.is_word and each.readings[0].pos in {"noun", "adj", "other"}
            ]
            return key_of(" ".join(following[:2])) if following else ""
    return ""


@lru_cache(maxsize=8)
def _entries(grammar: Grammar) -> tuple[_Entry, ...]:
    """Return the ways to ask for each attribute, with how much they tell: rare words tell more."""
    found: list[tuple[str, tuple[frozenset[str], ...]]] = []
    for attribute in grammar.attributes.values():
        for wording in attribute.wordings.values():
            found += [(attribute.name, _widened(parts)) for parts in wording.questions]
    holders: dict[str, set[str]] = {}
    for name, parts in found:
        for part in parts:
            for word in part:
                holders.setdefault(word, set()).add(name)
    return tuple(
        (
            sum(_weight(part, holders) for part in parts),
            name,
            parts,
            sum(map(_is_telling, parts)),
        )
        for name, parts in found
    )


def _weight(part: frozenset[str], holders: Mapping[str, Collection[str]]) -> float:
    """Return what a part of a question tells: the less, the more attributes are asked for so."""
    if part & _NEGATIONS:
        return 1.0
    if not _is_telling(part):
        return _GRAMMATICAL
    return 1 / min(len(holders[word]) for word in part)


def _is_telling(part: frozenset[str]) -> bool:
    return bool(part & _NEGATIONS) or any(telling(word) for word in part)


def _tells_more(tokens: Sequence[Token], grammar: Grammar) -> bool:
    """Return whether a question has a telling word that names nobody and no time."""
    return any(
        token.is_word
        and not token.capital
        and not token.lemmas() & grammar.relations.keys()
        and token.folded not in _PRESENT
        and bool(telling(token.folded))
        for token in tokens
    )


_PRESENT = frozenset("now currently today nowadays days сейчас теперь сегодня".split())


def _widened(parts: tuple[frozenset[str], ...]) -> tuple[frozenset[str], ...]:
    """Return words with their dictionary forms; those of English are given as such."""
    return tuple(
        part
        | {
            lemma
            for word in part
            if not word.isascii()
            for token in read(word)
            for lemma in token.lemmas()
        }
        for part in parts
    )


def _subject(
    tokens: list[Token],
    question: str,
    grammar: Grammar,
    attributes: tuple[str, ...],
    people: Collection[str],
) -> str:
    named = [each for each in people if re.search(rf"\b{re.escape(each)}\b", question)]
    if attributes and attributes[0] in _ABOUT_USER:
        return named[0] if named else _owner(tokens, grammar, attributes[0])
    for token in tokens:
        for lemma in token.lemmas():
            if lemma in grammar.relations and token.is_word:
                return grammar.relations[lemma].name
    if attributes and attributes[0] == "name" and not named:
        return owner_of(tokens) or USER
    return named[0] if named else USER


def _owner(tokens: Sequence[Token], grammar: Grammar, attribute: str) -> str:
    """Return who has what is asked for: the user, or whom the question names beside it."""
    for token in tokens:
        for lemma in token.lemmas():
            relation = grammar.relations.get(lemma)
            if relation is not None and relation.name not in _ABOUT_USER[attribute]:
                return relation.name
    return USER


def _past_tense(tokens: list[Token]) -> bool:
    """Return whether a question in Russian is asked in the past: где я жил."""
    return any(
        token.is_word
        and token.readings[0].pos == "verb"
        and token.readings[0].tense == "past"
        and not token.readings[0].perfective
        for token in tokens
    ) or any(token.folded in {"did", "was", "were"} for token in tokens[:3])
