"""Whose a value is: the user's, or a relation's or a pet's that is named beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from memctl.memory.attributes import Grammar
from memctl.memory.language.clauses import Clause
from memctl.memory.language.context import OPEN, OTHER, USER
from memctl.memory.language.patterns import Match
from memctl.memory.language.phrase import Phrase
from memctl.memory.language.phrases import take
from memctl.memory.language.token import Token
from memctl.memory.values import key_of


def subject_of(clause: Clause, attribute: str, match: Match, grammar: Grammar, before: str) -> str:
    """Return whom a value is of: a pet's breed and name are the pet's, though the user tells it."""
    own = {token.folded for token in clause.tokens[match.start : match.end]}
    if attribute == "name" and (own & _CALLED or _is_called(clause)):
        return USER
    theirs = clause.subject == OTHER and clause.words & _HIS and before in PETS
    if attribute == "name" and theirs:
        return before  # we got a beagle, and his name is Biscuit
    named = attribute == "name" and clause.subject in {each.text for each in match.phrases}
    if attribute in {"breed", "name"} and (
        named or (clause.subject in {USER, OPEN} and not own & _ME)
    ):
        nearest = nearest_relation(clause, match.start, grammar) or before
        if nearest and (attribute == "name" or nearest in PETS):
            return nearest
        if attribute == "name":
            return _pet_by_breed(clause, grammar) or owner_of(clause.tokens) or OTHER
    if attribute == "breed" and clause.subject == USER:
        return _kind_of_pet(match)
    if clause.subject and clause.subject in {_relation_of(e, grammar) for e in match.phrases}:
        return USER  # a brother is no brother of his own
    return _of_kin(clause, attribute, own, grammar, before)


def _relation_of(phrase: Phrase, grammar: Grammar) -> str:
    found = grammar.relations.get(key_of(phrase.text))
    return found.name if found is not None else ""


def _of_kin(clause: Clause, attribute: str, own: set[str], grammar: Grammar, before: str) -> str:
    """Return whom a value is of where the user may be meant though somebody else is named."""
    if attribute == "age" and clause.subject == USER and own & _THEIRS:
        return before or OTHER
    if attribute == "marital" and (clause.subject in _SPOUSES or own & _DIVORCE):
        return USER
    if attribute in {"pet", "child", "sibling"} or (attribute == "marital" and own & _MINE):
        kept = clause.subject not in _belonging(grammar) or is_owned(clause)
        return clause.subject if kept else USER
    if attribute in {"illness", "medicine"} and not clause.mentioned and clause.words & _DOCTORS:
        return USER  # what a doctor says of nobody else
    # An allergy itself is what has passed.
    passed = clause.subject == OTHER and not clause.mentioned and own & _ALLERGY
    return USER if passed and attribute == "allergy" else clause.subject


def is_owned(clause: Clause) -> bool:
    """Return whether a clause of Russian tells what somebody else has: у соседки кошка."""
    words = [token.folded for token in clause.tokens if token.is_word]
    owners = [after for word, after in pairwise(words[:4]) if word == "у"]
    return bool(owners) and owners[0] not in {"меня", "нас"}


def _pet_by_breed(clause: Clause, grammar: Grammar) -> str:
    """Return the pet that a breed in the clause tells of: a golden retriever called Biscuit."""
    for at in range(len(clause.tokens)):
        phrases = take("@", "breed", clause.tokens, at, grammar.lists["breed"])
        if phrases:
            return pet_of_breed(phrases[0].text)
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
_DOCTORS = frozenset("врач доктор терапевт невролог doctor doc".split())
_HIS = frozenset("his her its he she его ее он она".split())
_DIVORCE = frozenset(("divorce", "развод"))
_SPOUSES = frozenset(("wife", "husband"))
_ALLERGY = frozenset("аллергия allergy".split())
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


def pet_of_breed(breed: str) -> str:
    """Return what pet a breed is one of: a cat or a dog."""
    return "cat" if _CATS.search(breed) else "dog"


def _kind_of_pet(match: Match) -> str:
    cats = any(pet_of_breed(phrase.text) == "cat" for phrase in match.phrases)
    return "cat" if cats else "dog"
