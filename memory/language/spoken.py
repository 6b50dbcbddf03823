"""What people write short, or in several words, put as the patterns have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from memctl.memory.language.phrase import cyrillic
from memctl.memory.language.reading import read
from memctl.memory.language.token import Reading, Token

_IS_BEFORE = frozenset(
    "a an the not from in on at my our called named allergic afraid married also now".split()
)
_NAMED = frozenset("name surname".split())
_KIN = frozenset("mother father sister brother son daughter parents".split())
_BE = (Reading("be", pos="verb"),)
_NOTHING = frozenset(
    "not finally just still also so well ok okay yay ugh lol then now already recently today"
    " yesterday"
    " and but officially apparently currently sadly".split()
)
# First words of English that leave an "I" out where no other verb follows.
_BEGUN = frozenset(
    "got bought sold quit lost found began took went became been left broke gave met saw had born"
    " weighed taught made built love hate like prefer adore cannot allergic afraid scared".split()
)
_OTHERS_DO = frozenset("is are was were has says does will can".split())
_OTHERS = frozenset("she he they it you who".split())
_NO_VERB = frozenset(
    "need speed seed bed red hundred king ring thing morning evening something nothing anything"
    " everything during".split()
)


def put_right(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens of a sentence: "'s" as "is" where it is, kin by law as one word.

    Without an «и» that joins nothing: ещё и попугай.
    """
    made: list[Token] = []
    for at, token in enumerate(tokens):
        if token.folded == "и" and at and tokens[at - 1].folded in {"еще", "даже", "также"}:
            continue
        if token.folded in {"in", "law"} and made and _by_law(tokens, at - (token.folded == "law")):
            if token.folded == "law":
                made[-1] = _joined(made[-1], token)
            continue
        if token.folded.endswith("-таки"):  # записался-таки
            bare = token.folded.removesuffix("-таки")
            token = replace(token, folded=bare, readings=read(bare)[0].readings)
        made.append(_is(tokens, at) if token.folded == "'s" else token)
    return made


def _by_law(tokens: Sequence[Token], at: int) -> bool:
    """Return whether "in law" stands at a place behind kin: mother in law."""
    words = [token.folded for token in tokens[max(at - 1, 0) : at + 2]]
    return len(words) == 3 and words[0] in _KIN and words[1:] == ["in", "law"]


def _joined(kin: Token, law: Token) -> Token:
    word = f"{kin.folded}-in-law"
    return replace(kin, text=word, end=law.end, folded=word, readings=(Reading(word, pos="noun"),))


def _is(tokens: Sequence[Token], at: int) -> Token:
    """Return "'s" as a verb where what follows shows that it is one."""
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if following is None or not following.is_word:
        return tokens[at]
    called = at > 0 and bool(tokens[at - 1].lemmas() & _NAMED) and following.capital
    if called or following.folded in _IS_BEFORE or following.is_number:
        return replace(tokens[at], folded="is", readings=_BE)
    return tokens[at]


def leaves_i_out(words: Sequence[Token]) -> bool:
    """Return whether a clause of English is about who says it though no "I" does: got a dog."""
    rest = [token for token in words if token.folded not in _NOTHING]
    if not rest or cyrillic(rest[0]) or rest[0].folded in _NO_VERB:
        return False
    first = rest[0].folded
    begun = first in _BEGUN or [each.folded for each in rest[:2]] == ["ca", "n't"]
    if any(each.folded in _OTHERS for each in rest[1:]):
        return False
    verbal = (first.endswith("ed") and len(first) > 4) or (first.endswith("ing") and len(first) > 5)
    does = len(rest) > 1 and rest[1].folded.endswith("s") and not begun  # Mohammed lives
    return (begun or (verbal and not does)) and not any(
        each.folded in _OTHERS_DO for each in rest[1:5]
    )
