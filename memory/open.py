"""What users call theirs beside all known attributes: my locker is 12, мой любимый цвет синий."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memctl.memory.attributes import FAVOURITE, OWN, Grammar
from memctl.memory.candidate import Candidate
from memctl.memory.language.clauses import Clause
from memctl.memory.language.context import OPEN, OTHER, USER
from memctl.memory.language.phrase import Phrase, cyrillic
from memctl.memory.language.phrases import take
from memctl.memory.language.token import Token
from memctl.memory.values import key_of

_OWNERS = frozenset("мой наш my our".split())
_IS = frozenset("is are was быть это — – - : = составлять являться называться зваться".split())
_ON = frozenset("on at in в на".split())
_PASSING = frozenset(
    "now currently теперь сейчас new current old all-time absolute новый самый нынешний".split()
)
_LIKED = frozenset("любимый favorite favourite fav fave".split())
_LONGEST = 4  # words of what a user calls theirs
_VAGUE = frozenset(
    "вопрос проблема мнение мысль идея дело раз жизнь цель план question problem opinion idea point"
    " thing life goal plan guess understanding turn bad fault job work name day time friend".split()
)


def open_values(
    clause: Clause, grammar: Grammar, claimed: Sequence[tuple[int, int]]
) -> Iterator[Candidate]:
    """Yield what a clause says that is the user's, in the user's own words for it."""
    if clause.subject == OTHER:
        return
    tokens = clause.tokens
    for at, token in enumerate(tokens):
        if token.lemmas() & _LIKED or (token.lemmas() & _OWNERS and token.is_word):
            found = _named(tokens, at, grammar)
            if found is None:
                continue
            noun_from, noun_to = found
            liked = any(each.lemmas() & _LIKED for each in tokens[noun_from:noun_to])
            if any(a <= tokens[noun_to - 1].start < b for a, b in claimed):
                return  # a pattern knows it
            value = _value_behind(tokens, noun_to, liked) or _value_before(tokens, at)
            if value is None or _overlaps(value, claimed):
                continue
            made = _candidate(clause, tokens[noun_from:noun_to], value, at)
            if made is not None:
                yield made
            return


def _named(tokens: Sequence[Token], at: int, grammar: Grammar) -> tuple[int, int] | None:
    """Return the span of tokens of what is called the user's: adjectives and a noun."""
    begin = at + 1 if tokens[at].lemmas() & _OWNERS else at
    russian = begin < len(tokens) and cyrillic(tokens[at])
    end = _end_of_russian(tokens, begin) if russian else _end_of_english(tokens, begin)
    if end <= begin or end - begin > _LONGEST + 1:
        return None
    head = _head(tokens[begin:end]) if cyrillic(tokens[begin]) else tokens[end - 1]
    known = {lemma for lemma in head.lemmas() if lemma in grammar.relations}
    if known or head.lemmas() & _VAGUE or not head.is_word:
        return None
    return begin, end


def _end_of_russian(tokens: Sequence[Token], begin: int) -> int:
    phrases = take("np", "nom", tokens, begin, ())
    if not phrases or not tokens[begin].is_word:
        return begin
    end = begin + 1
    while end < phrases[0].after and _is_adjective(tokens[end - 1]):
        end += 1
    while end < phrases[0].after and any(r.case == "gen" for r in tokens[end].readings):
        end += 1
    return end


def _is_adjective(token: Token) -> bool:
    return token.is_word and token.readings[0].pos in {"adj", "part"}


def _end_of_english(tokens: Sequence[Token], begin: int) -> int:
    end = begin
    while end < len(tokens) and tokens[end].is_word and end - begin < _LONGEST:
        if tokens[end].folded in _IS or tokens[end].readings[0].pos in {"verb", "prep", "conj"}:
            break
        end += 1
    return end


def _head(tokens: Sequence[Token]) -> Token:
    for token in tokens:
        if token.is_word and token.readings[0].pos == "noun":
            return token
    return tokens[-1]


def _value_behind(tokens: Sequence[Token], at: int, liked: bool) -> Phrase | None:  # noqa: FBT001  one of two
    """Return what stands behind "is" or a dash; in Russian, of what is liked, behind the noun."""
    place = at
    linked = liked and cyrillic(tokens[at - 1])
    while place < len(tokens) and place - at < 5:
        token = tokens[place]
        if token.folded in _IS or token.text in _IS or token.lemmas() & _IS:
            linked = True
        elif not (token.is_word and token.readings[0].pos in {"adv"}) and token.folded not in {
            "у",
            "меня",
        }:
            break
        place += 1
    if not linked or place >= len(tokens):
        return None
    if tokens[place].lemmas() & _OWNERS:
        return None  # somebody else's: любимый цвет моей дочки
    if tokens[place].folded in _ON and place + 1 < len(tokens):
        return next(iter(take("rest", "", tokens, place + 1, ())), None)
    return _value(tokens, place)


def _value(tokens: Sequence[Token], place: int) -> Phrase | None:
    for slot, case in (("num", ""), ("np", "nom"), ("name", "")):
        phrases = take(slot, case, tokens, place, ())
        if phrases:
            if slot == "num":
                unit = take("np", "", tokens, phrases[0].after, ())
                return _joined(tokens, place, unit[0].after) if unit else phrases[0]
            return phrases[0]
    token = tokens[place] if place < len(tokens) else None
    if token is not None and token.is_word and token.readings[0].pos in {"adj", "noun", "other"}:
        return _joined(tokens, place, place + 1)
    return None


def _joined(tokens: Sequence[Token], start: int, end: int) -> Phrase:
    text = " ".join(token.text for token in tokens[start:end])
    return Phrase(
        text,
        start=tokens[start].start,
        end=tokens[end - 1].end,
        after=end,
        tokens=tuple(tokens[start:end]),
    )


def _value_before(tokens: Sequence[Token], at: int) -> Phrase | None:
    """Return what stands before: «синий — мой любимый цвет», blue is my favourite colour."""
    before = tokens[:at]
    place = len(before)
    while place and (before[place - 1].folded in _IS or before[place - 1].text in _IS):
        place -= 1
    if place == len(before) or not place:
        return None
    begin = place
    while begin and before[begin - 1].is_word and place - begin < _LONGEST:
        begin -= 1
    value = _value(tokens[:place], begin)
    return value if value is not None and value.after == place else None


def _candidate(clause: Clause, named: Sequence[Token], value: Phrase, at: int) -> Candidate | None:
    words = [token for token in named if token.is_word]
    liked = any(token.lemmas() & _LIKED for token in words)
    rest = [token for token in words if not token.lemmas() & (_LIKED | _PASSING)]
    if not rest or not value.text.strip() or (not liked and _says_how(value)):
        return None
    name = (FAVOURITE if liked else OWN) + key_of(" ".join(token.text for token in rest))
    owner = USER if clause.subject in {OPEN, USER} or clause.subject == "" else clause.subject
    start = min(clause.tokens[at].start, value.start)
    return Candidate(
        owner,
        name,
        value=value.text,
        key=key_of(value.text),
        start=start,
        end=max(value.end, words[-1].end),
        confidence=0.7,
    )


def _says_how(value: Phrase) -> bool:
    """Return whether a value of English may only say how something is: my art is important."""
    if len(value.tokens) != 1:
        return False
    token = value.tokens[0]
    return token.text.isascii() and token.text.isalpha() and token.text.islower()


def _overlaps(value: Phrase, claimed: Sequence[tuple[int, int]]) -> bool:
    return any(value.start < end and start < value.end for start, end in claimed)
