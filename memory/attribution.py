"""Whose a value is: the user's, or a relation's or a pet's that is named beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from memctl.memory.attributes import Grammar
from memctl.memory.candidate import Candidate
from memctl.memory.language.clauses import Clause
from memctl.memory.language.names import NO_NAME
from memctl.memory.language.patterns import Match
from memctl.memory.language.phrases import take
from memctl.memory.language.subjects import OPEN, OTHER, USER
from memctl.memory.language.token import Token
from memctl.memory.values import key_of


def subject_of(clause: Clause, attribute: str, match: Match, grammar: Grammar, before: str) -> str:
    """Return whom a value is of: a pet's breed and name are the pet's, though the user tells it."""
    own = {token.folded for token in clause.tokens[match.start : match.end]}
    if attribute == "name" and (own & _CALLED or _is_called(clause)):
        return USER
    if attribute in {"breed", "name"} and clause.subject in {USER, OPEN} and not own & _ME:
        nearest = nearest_relation(clause, match.start, grammar) or before
        if nearest and (attribute == "name" or nearest in PETS):
            return nearest
        if attribute == "name":
            return _pet_by_breed(clause, grammar) or owner_of(clause.tokens) or OTHER
    if attribute == "breed" and clause.subject == USER:
        return _kind_of_pet(match)
    if attribute == "age" and clause.subject == USER and own & _THEIRS:
        return before or OTHER
    if attribute in {"pet", "child", "sibling"} or (attribute == "marital" and own & _MINE):
        kept = clause.subject not in _belonging(grammar) or _is_owned(clause)
        return clause.subject if kept else USER
    return clause.subject


def _is_owned(clause: Clause) -> bool:
    """Return whether a clause of Russian tells what somebody else has: у соседки кошка."""
    words = [token.folded for token in clause.tokens if token.is_word]
    owners = [after for word, after in pairwise(words[:4]) if word == "у"]
    return bool(owners) and owners[0] not in {"меня", "нас"}


def _pet_by_breed(clause: Clause, grammar: Grammar) -> str:
    """Return the pet that a breed in the clause tells of: a golden retriever called Biscuit."""
    for at in range(len(clause.tokens)):
        phrases = take("@", "breed", clause.tokens, at, grammar.lists["breed"])
        if phrases:
            return "cat" if _CATS.search(phrases[0].text) else "dog"
    return ""


def owner_of(tokens: Sequence[Token]) -> str:
    """Return who belongs to the user though no file names such: моего врача, my therapist's."""
    for at, token in enumerate(tokens[:-1]):
        following = tokens[at + 1]
        if not token.lemmas() & _OWN or not following.is_word:
            continue
        noun = following.first("noun")
        if noun is not None and following.folded not in _NAMES:
            return noun.lemma
    return ""


_OWN = frozenset("мой наш my our".split())
_NAMES = frozenset("name имя".split())


def _is_called(clause: Clause) -> bool:
    """Return whether a clause says what the user is called: меня зовут, my name is."""
    words = [token.folded for token in clause.tokens if token.is_word]
    pairs = set(pairwise(words))
    return "меня" in words or bool(pairs & _MY_NAME)


_MY_NAME = {("my", "name"), ("мое", "имя")}
_CALLED = frozenset(("me",))
_ME = frozenset("я меня мое i 'm me am".split())
_THEIRS = frozenset("ей ему им he she".split())
_MINE = frozenset("мой моя моей моему моим my our".split())


def nearest_relation(clause: Clause, at: int, grammar: Grammar) -> str:
    """Return the relation that a clause names last before a place, or else first behind it."""
    found = [
        (place, grammar.relations[lemma].name)
        for place, token in enumerate(clause.tokens)
        for lemma in token.lemmas()
        if lemma in grammar.relations
    ]
    before = [name for place, name in found if place < at]
    return before[-1] if before else (found[0][1] if found else "")


def _belonging(grammar: Grammar) -> set[str]:
    return {each.name for each in grammar.relations.values()}


PETS = frozenset("dog cat parrot hamster horse rabbit turtle fish".split())
_CATS = re.compile(
    r"мейн|сфинкс|британ|шотланд|сиам|персид|сибирск|бенгал|абиссин|голуб|маскарад|рагдолл|рекс"
    r"|ориентал|бурман|шартрез|maine|sphynx|british|fold|siamese|persian|bengal|abyssinian|blue"
    r"|ragdoll|rex|burmese|tabby|calico|forest cat|birman",
    re.IGNORECASE,
)


def _kind_of_pet(match: Match) -> str:
    return "cat" if any(_CATS.search(phrase.text) for phrase in match.phrases) else "dog"


def breeds_beside(
    found: Sequence[Clause], candidates: Sequence[Candidate], grammar: Grammar
) -> Iterator[Candidate]:
    """Yield breeds that stand in another clause than the pet: a dog, as you said, a Maltese."""
    told = {each.subject for each in candidates if each.attribute == "breed"}
    pets = [each for each in candidates if each.attribute == "pet" and not each.ends]
    for pet in pets:
        clause = next(c for c in found if c.tokens and c.sentence[0] <= pet.start < c.sentence[1])
        others = [c for c in found if c.sentence == clause.sentence and c is not clause]
        for other in others:
            if other.stance in {"question", "unsure", "request"}:
                continue
            owner = clause.mentioned or _kind_of(pet.value)
            for at in range(len(other.tokens)):
                phrases = take("@", "breed", other.tokens, at, grammar.lists["breed"])
                if phrases and owner not in told:
                    told.add(owner)
                    yield Candidate(
                        owner,
                        "breed",
                        value=phrases[0].text,
                        key=key_of(phrases[0].text),
                        start=pet.start,
                        end=phrases[0].end,
                        confidence=0.8,
                    )
                    break


def _kind_of(pet: str) -> str:
    return "cat" if key_of(pet) in {"кошка", "cat"} else "dog"


def names_beside(
    found: Sequence[Clause], candidates: Sequence[Candidate], grammar: Grammar
) -> Iterator[Candidate]:
    """Yield the names that stand right behind a relation: my daughter Emma, мой друг Сергей."""
    told = {each.subject for each in candidates if each.attribute == "name"}
    for clause in found:
        if clause.stance in {"question", "request"} or clause.subject == OTHER:
            continue
        yield from _pet_names(clause, told, grammar)
        for at, token in enumerate(clause.tokens[:-1]):
            relation = next(
                (grammar.relations[each] for each in token.lemmas() if each in grammar.relations),
                None,
            )
            following = clause.tokens[at + 1]
            if relation is None or relation.name in told or not _is_given_name(token, following):
                continue
            (phrase,) = take("name", "", clause.tokens, at + 1, ())[:1] or (None,)
            if phrase is None:
                continue
            told.add(relation.name)
            yield Candidate(
                relation.name,
                "name",
                value=phrase.text,
                key=key_of(phrase.text),
                start=token.start,
                end=phrase.end,
                confidence=0.8,
            )


def _is_given_name(relation: Token, token: Token) -> bool:
    """Return whether a word is a name in apposition to a relation: in the same case, in Russian."""
    if not token.is_word or not token.capital or token.folded in NO_NAME:
        return False
    if token.readings[0].pos not in {"noun", "other"}:
        return False
    names = [each for each in token.readings if each.name]
    if any("а" <= letter <= "я" for letter in token.folded):
        cases = {each.case for each in relation.readings}
        return any(each.case in cases for each in names)
    return True


def _pet_names(clause: Clause, told: set[str], grammar: Grammar) -> Iterator[Candidate]:
    """Yield the name that stands right behind a breed: наша такса Соня, our beagle Rex."""
    for at in range(len(clause.tokens) - 1):
        breeds = take("@", "breed", clause.tokens, at, grammar.lists["breed"])
        if len(breeds) != 1 or breeds[0].after >= len(clause.tokens):
            continue
        behind = clause.tokens[breeds[0].after]
        following = clause.tokens[breeds[0].after + 1 : breeds[0].after + 2]
        if behind.text == "," and following:
            behind = following[0]
        pet = "cat" if _CATS.search(breeds[0].text) else "dog"
        if pet in told or not behind.is_word or not behind.capital or behind.folded in NO_NAME:
            continue
        told.add(pet)
        yield Candidate(
            pet,
            "name",
            value=behind.text,
            key=key_of(behind.text),
            start=breeds[0].start,
            end=behind.end,
            confidence=0.8,
        )
