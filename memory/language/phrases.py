"""What stands in the slot of a pattern: a phrase around a noun, a name, a number, the rest."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from memctl.memory.language.listed import listed
from memctl.memory.language.names import name_at, place_at
from memctl.memory.language.nouns import noun_phrase, quoted
from memctl.memory.language.phrase import LISTING, LONGEST, Phrase, made, spaced
from memctl.memory.language.token import Token


def take(
    slot: str, argument: str, tokens: Sequence[Token], at: int, words: Collection[str]
) -> tuple[Phrase, ...]:
    """Return what a slot takes from a place on; nothing where it does not fit.

    ``argument`` is a case of Russian or, for ``@``, the name of the list that ``words`` are of.
    """
    if slot == "list":
        return _several(tokens, at, argument)
    if slot == "@":
        return listed(tokens, at, words, argument)
    if slot == "do" and not _is_infinitive(tokens, at):
        return ()
    return _one(_single(slot, argument, tokens, at))


def _single(slot: str, argument: str, tokens: Sequence[Token], at: int) -> Phrase | None:
    match slot:
        case "np":
            return noun_phrase(tokens, at, argument)
        case "name":
            return name_at(tokens, at)
        case "place":
            return place_at(tokens, at, argument)
        case "title":
            return quoted(tokens, at)
        case "num":
            return _number(tokens, at)
        case _:
            return _rest(tokens, at)


def _one(phrase: Phrase | None) -> tuple[Phrase, ...]:
    return () if phrase is None else (phrase,)


def _several(tokens: Sequence[Token], at: int, case: str) -> tuple[Phrase, ...]:
    """Return the phrases of a list: cats, dogs and pollen."""
    first = noun_phrase(tokens, at, case)
    if first is None:
        return ()
    found = [first]
    while True:
        place = found[-1].after
        begun = place
        while place < len(tokens) and tokens[place].folded in LISTING:
            place += 1
        following = noun_phrase(tokens, place, case) if place > begun else None
        if following is None or _has_verb(tokens, following.after):
            return tuple(found)
        found.append(following)


def _has_verb(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a verb comes next: then what stands before it is its own, and of no list."""
    for token in tokens[at : at + 3]:
        if not token.is_word or token.folded in LISTING:
            return False
        first = token.readings[0]
        if first.pos == "verb":
            return True
    return False


def _number(tokens: Sequence[Token], at: int) -> Phrase | None:
    place = at
    while place < len(tokens) and tokens[place].is_word and _is_numeral(tokens[place]):
        place += 1
    if place == at:
        return None
    return made(tokens, at, place, spaced(tokens[at:place]))


def _is_numeral(token: Token) -> bool:
    return token.is_number or token.readings[0].pos == "num"


def _is_infinitive(tokens: Sequence[Token], at: int) -> bool:
    if at >= len(tokens) or not tokens[at].is_word:
        return False
    return tokens[at].is_pos("inf") or (at > 0 and tokens[at - 1].folded == "to")


def _rest(tokens: Sequence[Token], at: int) -> Phrase | None:
    end = at
    while end < len(tokens) and end - at < 2 * LONGEST and tokens[end].text not in ".!?;()":
        end += 1
    if end == at or not any(token.is_word for token in tokens[at:end]):
        return None
    return made(tokens, at, end, spaced(tokens[at:end]))
