"""What stands in the slot of a pattern: a phrase around a noun, a name, a number, the rest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

from memctl.index.lexical.analysis import stem
from memctl.memory.language.names import name_at, place_at
from memctl.memory.language.nouns import ARTICLES, cased, noun_phrase, quoted, russian_phrase
from memctl.memory.language.phrase import LONGEST, Phrase, cyrillic, made, spaced
from memctl.memory.language.token import Token

_LISTING = frozenset(", и а также and &".split())
_INSTEAD = {"ins": "ablt", "gen": "gent", "acc": "accs", "dat": "datv", "loc": "loct"}


def take(
    slot: str, argument: str, tokens: Sequence[Token], at: int, words: Collection[str]
) -> tuple[Phrase, ...]:
    """Return what a slot takes from a place on; nothing where it does not fit.

    ``argument`` is a case of Russian or, for ``@``, the name of the list that ``words`` are of.
    """
    if slot == "list":
        return _several(tokens, at, argument)
    if slot == "@":
        return _listed(tokens, at, words)
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
        while place < len(tokens) and tokens[place].folded in _LISTING:
            place += 1
        following = noun_phrase(tokens, place, case) if place > begun else None
        if following is None or _has_verb(tokens, following.after):
            return tuple(found)
        found.append(following)


def _has_verb(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a verb comes next: then what stands before it is its own, and of no list."""
    for token in tokens[at : at + 3]:
        if not token.is_word or token.folded in _LISTING:
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


def _listed(tokens: Sequence[Token], at: int, words: Collection[str]) -> tuple[Phrase, ...]:
    """Return a word of a list, and those that follow it in a listing."""
    found: list[Phrase] = []
    place = at
    while place < len(tokens):
        phrase = _of_list(tokens, place, words)
        if phrase is None:
            break
        found.append(phrase)
        place = phrase.after
        begun = place
        while place < len(tokens) and tokens[place].folded in _LISTING:
            place += 1
        if place == begun:
            break
        while place < len(tokens) and (
            tokens[place].folded in ARTICLES or tokens[place].is_pos("num")
        ):
            place += 1
    return tuple(found)


def _of_list(tokens: Sequence[Token], at: int, words: Collection[str]) -> Phrase | None:
    """Return the longest entry of a list that stands here; adjectives before it come along."""
    for size in (3, 2, 1):
        inner = tokens[at : at + size]
        if len(inner) < size or not all(token.is_word for token in inner):
            continue
        joined = " ".join(token.folded for token in inner)
        lemmas = " ".join(token.readings[0].lemma for token in inner)
        known = next((each for each in (joined, lemmas) if each in words), "")
        if not known and size == 1:
            known = next((each for each in inner[0].lemmas() if each in words), "")
            known = known or _by_stem(inner[0], words)
        if known:
            return made(tokens, at, at + size, _shown(inner, known))
    first = tokens[at]
    if first.is_word and cyrillic(first) and first.readings[0].pos == "adj":
        phrase = russian_phrase(tokens, at, "")
        if phrase is not None and phrase.after - at <= 3:
            head = tokens[at + 1 : phrase.after]
            if any(token.lemmas() & set(words) for token in head):
                return phrase
    return None


def _by_stem(token: Token, words: Collection[str]) -> str:
    """Return the entry that a name of Russian is a form of, though no dictionary knows it."""
    if not token.capital or len(token.folded) < 4 or not cyrillic(token):
        return ""
    return _stemmed(frozenset(words)).get(stem(token.folded, "ru"), "")


@lru_cache(maxsize=64)
def _stemmed(words: frozenset[str]) -> dict[str, str]:
    return {stem(word, "ru"): word for word in sorted(words) if " " not in word and len(word) > 3}


def _shown(tokens: Sequence[Token], known: str) -> str:
    """Return an entry of a list as it is shown, with the capitals that the user gave it."""
    if len(tokens) > 1 or not cyrillic(tokens[0]):
        return " ".join(token.text for token in tokens) if not cyrillic(tokens[0]) else known
    return cased(known, tokens[0].text) if tokens[0].start else known


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
