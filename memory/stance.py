"""Whether what a match tells is so now, was once, is no more, or only could be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from memctl.memory.attributes import Saying
from memctl.memory.candidate import Candidate, Held
from memctl.memory.language.clauses import Clause
from memctl.memory.language.patterns import Match
from memctl.memory.language.token import Token

_NOT = frozenset("не нет ни not n't no never без больше-не".split())
_QUIT = frozenset(
    "бросить перестать прекратить завязать забросить quit stop stopped cease ceased".split()
)
# What these tell stays so when it is told in the past.
_LASTING = frozenset(
    "birthplace birthday illness allergy visited owns school name surname field medicine".split()
)
_HAD = frozenset("had пришлось".split())
_STATE = frozenset(
    "lived worked played studied had loved liked spoke drove owned did ran smoked practiced"
    " practised taught was were trained".split()
)
_NOW = frozenset(
    "сейчас теперь уже now currently nowadays already снова опять again недавно".split()
)
_AGAIN = re.compile(
    r"\b(?:снова|опять)\s+(?:ста[лв]\w*|нач\w+|вернул\w*)\s+\w*(?:игра|занима|ходи|бега|катат)"
    r"|\b(?:started|began|took it up|picked it up)\s+(?:playing\s+|doing\s+)?(?:it\s+)?again",
    re.IGNORECASE,
)
_PHASE = frozenset(
    "любить обожать начать начинать стать продолжать бросить перестать научиться привыкнуть"
    " хотеть мечтать планировать собираться решить надумать намереваться завязать прекратить"
    " used like love start started begin began continue learn learned enjoy want plan hope intend"
    " decide decided учиться пробовать пытаться уметь".split()
)


def finite(match: Match, tokens: Sequence[Token]) -> bool:
    """Return whether the first verb of a match says what is done, and not only what could be."""
    places = range(match.start, match.end)
    if any(_is_no_liking(tokens, at) for at in places):
        return False
    bare = [at for at in places if _is_infinitive(tokens, at)]
    if not bare or any(_is_finite(tokens, at) for at in places):
        return True
    before = tokens[max(bare[0] - 3, 0) : bare[0]]
    near = {each.folded for each in (*before, *tokens[match.start : match.end])}
    if tokens[bare[0]].lemmas() & _QUIT and near & _HAD:
        return True  # who had to stop has stopped
    return any(each.lemmas() & _PHASE or each.folded in _PHASE for each in before)


def _is_infinitive(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    first = token.readings[0] if token.readings else None
    own = first is not None and first.pos == "inf" and token.folded != "есть"
    return own or _after_to(tokens, at)


def _is_finite(tokens: Sequence[Token], at: int) -> bool:
    first = tokens[at].readings[0] if tokens[at].readings else None
    return first is not None and first.pos == "verb" and not _after_to(tokens, at)


def _is_no_liking(tokens: Sequence[Token], at: int) -> bool:
    """Return whether "like" is a preposition or "love" leads to something else: feels like home."""
    token = tokens[at]
    if token.folded == "like" and at and tokens[at - 1].folded not in _LIKING:
        return True
    following = tokens[at + 1].folded if at + 1 < len(tokens) else ""
    return token.folded == "loving" or (
        token.folded in {"love", "like"} and following in {"that", "how", "when", "it"}
    )


_LIKING = frozenset(
    "i we n't not really also always do still just absolutely would to much both honestly"
    " they she he you".split()
)


def _after_to(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a word of English is an infinitive; behind "move" and "go" it is a place."""
    if not at or tokens[at - 1].folded != "to" or tokens[at].capital:
        return False
    before = tokens[at - 2].folded if at > 1 else ""
    return before in _TO_DO or tokens[at].folded in {"become", "be"}


_TO_DO = frozenset(
    "want wants wanted plan planning hope hoping going need needs like love used have has had would"
    " able try trying tried decided intend started began wish".split()
)


def negated(saying: Saying, match: Match, tokens: Sequence[Token]) -> bool:
    """Return whether a "not" stands before or among the words of a match that has none itself."""
    if any(set(element.words) & _NOT for element in saying.pattern.elements):
        return False
    before = tokens[max(match.start - 3, 0) : match.start]
    if any(token.lemmas() & _QUIT for token in before):
        return True
    told = {token.start for phrase in match.phrases for token in phrase.tokens}
    inside = [each for each in tokens[match.start : match.end] if each.start not in told]
    if match.phrases:
        inside = _not_parted(inside, match.phrases[0].start)
    behind = tokens[match.end : match.end + 1]
    if any(token.folded == "нет" for token in behind):
        return True  # сестры у меня нет
    if any(token.folded in _NOT for token in (*before, *inside)):
        text = " ".join(token.folded for token in (*before, *inside))
        return "не только" not in text and "not only" not in text
    return False


def stopped(saying: Saying, match: Match, tokens: Sequence[Token]) -> bool:
    """Return whether what is told to be no more was so before: I quit, no longer, больше не."""
    if saying.ends:
        return True
    near = tokens[max(match.start - 3, 0) : match.end + 2]
    return any(token.lemmas() & _QUIT or token.folded in _NO_MORE for token in near)


_NO_MORE = frozenset("longer anymore больше уже".split())


def _not_parted(tokens: Sequence[Token], start: int) -> list[Token]:
    """Return tokens without those that a comma parts from a value: у меня нет, только брат."""
    commas = [each.start for each in tokens if each.text == "," and each.start < start]
    comma = max(commas, default=-1)
    return [each for each in tokens if each.start > comma]


def held_of(clause: Clause, attribute: str, match: Match) -> Held:
    """Return whether a clause tells what is, or what was: by its tense and what it says of time."""
    folded_words = {token.folded for token in clause.tokens}
    if clause.stance == "past" and not folded_words & {"снова", "опять", "again"}:
        return "past"
    if attribute in _LASTING or folded_words & _NOW:
        return "now"
    inside = [token for token in clause.tokens[match.start : match.end] if token.is_word]
    verbs = [token for token in inside if token.readings[0].pos == "verb"]
    if any(each.readings[0].tense == "past" and not each.readings[0].perfective for each in verbs):
        return "past"
    before = clause.tokens[max(match.start - 2, 0) : match.start]
    perfect = any(token.folded in {"have", "has", "'ve", "been", "had"} for token in before)
    state = [token for token in inside if token.folded in _STATE]
    return "past" if state and not perfect else "now"


def resumed(text: str, candidates: list[Candidate]) -> list[Candidate]:
    """Return candidates with those that a later sentence takes up again: снова стали играть."""
    if not _AGAIN.search(text):
        return candidates
    return [
        replace(each, held="now", confidence=0.8)
        if each.held == "past" and each.attribute in {"sport", "instrument", "hobby"}
        else each
        for each in candidates
    ]
