"""Names of people and of places, in the nominative."""

from __future__ import annotations

from collections.abc import Sequence

from memctl.memory.language import russian
from memctl.memory.language.nouns import ARTICLES, OWN, nominative, noun, quoted, russian_phrase
from memctl.memory.language.phrase import Phrase, cyrillic, made, spaced
from memctl.memory.language.token import Reading, Token


def name_at(tokens: Sequence[Token], at: int) -> Phrase | None:
    """Return a name: words that begin with capitals, or one that is known as a name."""
    place = at
    while (
        place < len(tokens)
        and place - at < 4
        and _is_name(tokens[place])
        and (place == at or tokens[place].capital)
    ):
        place += 1
    if place == at:
        return quoted(tokens, at)
    return made(tokens, at, place, _name_text(tokens[at:place]))


def _is_name(token: Token) -> bool:
    if not token.is_word or token.is_number:
        return False
    first = token.readings[0]
    if token.lemmas() & OWN or token.folded in ARTICLES:
        return False
    known = any(each.name for each in token.readings)
    return known or (token.capital and first.pos in {"noun", "other"})


def _name_text(tokens: Sequence[Token]) -> str:
    """Return a name in the nominative: of the cases that all its words may be in, the likeliest."""
    for case in ("nom", "gen", "ins", "acc", "dat", "loc"):
        readings = [_name_reading(token, case) for token in tokens]
        known = [each for each in readings if each is not None]
        if known and len(known) == len(tokens):
            forms = [
                russian.inflected(token.text.casefold(), each.lemma, "nomn", "sing")
                for token, each in zip(tokens, known, strict=True)
            ]
            return " ".join(form[:1].upper() + form[1:] for form in forms)
    if len(tokens) == 1 and _is_inflected(tokens[0]):  # a thing's name: с котом Барсиком
        lemma = next(each.lemma for each in tokens[0].readings if each.case == "ins")
        return lemma[:1].upper() + lemma[1:]
    return " ".join(token.text[:1].upper() + token.text[1:] for token in tokens)


def _is_inflected(token: Token) -> bool:
    return (
        cyrillic(token)
        and token.text.endswith(("ом", "ем", "ём", "ой", "ей"))
        and any(each.case == "ins" and each.pos == "noun" for each in token.readings)
    )


def _name_reading(token: Token, case: str) -> Reading | None:
    return next((each for each in token.readings if each.name and each.case == case), None)


def place_at(tokens: Sequence[Token], at: int, case: str) -> Phrase | None:
    """Return a place by its name, without the word for what it is."""
    kinds = {"город", "село", "деревня", "поселок", "страна", "city", "town", "village", "the"}
    begin = at
    while begin < len(tokens) and tokens[begin].lemmas() & kinds:
        begin += 1
    if begin >= len(tokens) or not tokens[begin].is_word or tokens[begin].is_number:
        return None
    token = tokens[begin]
    if not cyrillic(token):
        place = begin
        while place < len(tokens) and _is_place_word(tokens[place]):
            place += 1
        return made(tokens, begin, place, spaced(tokens[begin:place])) if place > begin else None
    adjective = token.first("adj")
    two = adjective is not None and token.readings[0].pos == "adj"
    after = russian_phrase(tokens, begin, case if begin == at else "")
    if after is None:
        return None
    inner = tokens[begin : after.after]
    if not any(each.capital or any(r.place for r in each.readings) for each in inner):
        return None
    size = 2 if two and len(inner) > 1 else 1
    end = begin + size
    while end < len(tokens) and tokens[end].is_word and tokens[end].capital and size < 3:
        end, size = end + 1, size + 1
    head = noun(tokens[begin + (1 if two else 0)], case) or tokens[begin].readings[0]
    words = [_place_word(each, head) for each in tokens[begin:end]]
    return made(tokens, begin, end, " ".join(words))


_SHORT = frozenset("uk us usa uae la nyc dc".split())
NO_NAME = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur fri sat sun"
    " january february march april june july august september october november december".split()
)


def _is_place_word(token: Token) -> bool:
    """Return whether a word of English may be of a place's name: a capital, but no abbreviation."""
    if not token.is_word or not token.capital or token.folded in NO_NAME:
        return False
    return token.folded in _SHORT or not token.text.isupper() or len(token.text) == 1


def _place_word(token: Token, head: Reading) -> str:
    word = nominative(token, head) if token.readings else token.text
    if "-" in word and token.text.islower():
        return "-".join(
            part[:1].upper() + part[1:] if len(part) > 2 else part for part in word.split("-")
        )
    return word[:1].upper() + word[1:]
