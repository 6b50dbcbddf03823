"""Names and breeds that stand beside a relation or a pet: my daughter Emma, наша такса Соня."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memctl.memory.attributes import Grammar
from memctl.memory.attribution import PETS, is_owned, pet_of_breed
from memctl.memory.beside import beside, own_kin
from memctl.memory.candidate import Candidate
from memctl.memory.language.clauses import Clause
from memctl.memory.language.context import OTHER, USER
from memctl.memory.language.names import NO_NAME
from memctl.memory.language.phrase import LISTING, Phrase, cyrillic, made
from memctl.memory.language.phrases import take
from memctl.memory.language.token import Token
from memctl.memory.values import key_of

_HAVING = frozenset("have has had got get adopted adopt bought rescued own".split())
_THEIRS = frozenset("него нее них его ее их he they she his her their".split())


def breeds_beside(
    found: Sequence[Clause], candidates: Sequence[Candidate], grammar: Grammar
) -> Iterator[Candidate]:
    """Yield breeds that stand in another clause than the pet: a dog, as you said, a Maltese."""
    told = {each.subject for each in candidates if each.attribute == "breed"}
    for pet in candidates:
        if pet.attribute != "pet" or pet.ends:
            continue
        clause = next(
            (c for c in found if c.tokens and c.sentence[0] <= pet.start < c.sentence[1]), None
        )
        owner = (clause.mentioned if clause is not None else "") or _kind_of(pet.value)
        if clause is None or owner in told:
            continue
        told.add(owner)
        others = [c for c in found if c.sentence == clause.sentence and c is not clause]
        breed = next((each for other in others for each in _breeds_of(other, grammar)), None)
        if breed is not None:
            yield beside(owner, "breed", breed, pet.start)


def _breeds_of(clause: Clause, grammar: Grammar) -> Iterator[Phrase]:
    """Yield the breeds that a clause names, if it says something."""
    if clause.stance in {"question", "unsure", "request"}:
        return
    for at in range(len(clause.tokens)):
        yield from take("@", "breed", clause.tokens, at, grammar.lists["breed"])


def _kind_of(pet: str) -> str:
    return "cat" if key_of(pet) in {"кошка", "cat"} else "dog"


def pets_of_breeds(
    found: Sequence[Clause], candidates: Sequence[Candidate], grammar: Grammar
) -> Iterator[Candidate]:
    """Yield the pets that a user has by their breeds alone: we've got a beagle."""
    told = {each.key for each in candidates if each.attribute == "pet"}
    for breed in candidates:
        if breed.attribute != "breed" or breed.subject not in PETS or breed.ends:
            continue
        clause = next((c for c in found if _spans(c, breed)), None)
        if clause is None or clause.subject != USER or breed.held != "now":
            continue
        word = grammar.relation_word(breed.subject, "ru" if cyrillic(clause.tokens[0]) else "en")
        if key_of(word) not in told:
            told.add(key_of(word))
            yield Candidate(
                USER,
                "pet",
                value=word,
                key=key_of(word),
                start=breed.start,
                end=breed.end,
                confidence=0.8,
            )


def _spans(clause: Clause, candidate: Candidate) -> bool:
    tokens = clause.tokens
    return bool(tokens) and tokens[0].start <= candidate.start < tokens[-1].end


def names_beside(
    found: Sequence[Clause], candidates: Sequence[Candidate], grammar: Grammar
) -> Iterator[Candidate]:
    """Yield the names that stand right behind a relation: my daughter Emma, мой друг Сергей."""
    told = {each.subject for each in candidates if each.attribute == "name"}
    for clause in found:
        if clause.stance in {"question", "request"} or _is_anothers(clause, grammar):
            continue
        yield from _pet_names(clause, told, grammar)
        for at, name in own_kin(clause, grammar):
            if name in told:
                continue
            names = list(_listed(clause.tokens, at)) or list(_right_behind(clause.tokens, at, name))
            for each in names:
                told.add(name)
                yield beside(name, "name", each, clause.tokens[at].start)


def _is_anothers(clause: Clause, grammar: Grammar) -> bool:
    """Return whether a clause is about what somebody else has: у него дочь Оля, she has a cat."""
    words = {token.folded for token in clause.tokens}
    if clause.subject == OTHER:
        return bool(words & _THEIRS)
    return clause.subject in grammar.called and (is_owned(clause) or bool(words & _HAVING))


def _listed(tokens: Sequence[Token], at: int) -> Iterator[Phrase]:
    """Yield the names behind several of a kind: двое братьев, Рома и Стас."""
    if at + 2 >= len(tokens) or tokens[at + 1].text not in {":", ",", "—", "–", "-", "("}:
        return
    names: list[Phrase] = []
    place = at + 2
    while place < len(tokens):
        token = tokens[place]
        phrases = take("name", "", tokens, place, ()) if token.capital else ()
        if not phrases or token.folded in NO_NAME:
            break
        names.append(phrases[0])
        place = phrases[0].after
        while place < len(tokens) and tokens[place].folded in LISTING:
            place += 1
    yield from names if len(names) > 1 else ()


def _right_behind(tokens: Sequence[Token], at: int, relation: str) -> Iterator[Phrase]:
    """Yield the name that begins right behind a relation, if one does."""
    place = at + 1
    if tokens[place].folded in {"is", "—", "–", "-"} and at + 2 < len(tokens):  # my wife is Ann
        place += 1
        if at + 3 < len(tokens) and tokens[at + 3].is_word:
            return
    following = tokens[place]
    if relation not in PETS:
        fits = _is_given_name(tokens[at], following)
    elif (
        following.text == "," and place == at + 1 and at + 2 < len(tokens)
    ):  # I have a cat, Whiskers
        place = at + 2
        ends = at + 3 == len(tokens) or not tokens[at + 3].is_word
        fits = ends and _is_pet_name(tokens[at], tokens[place])
    else:
        fits = _is_pet_name(tokens[at], following)
    yield from take("name", "", tokens, place, ())[:1] if fits else ()


def _is_pet_name(pet: Token, token: Token) -> bool:
    """Return whether a capital behind a pet begins its name; pets are called as things are."""
    if not token.is_word or not token.capital or token.folded in NO_NAME:
        return False
    if token.readings[0].pos not in {"noun", "adj", "other"} or token.readings[0].place:
        return False
    cases = {each.case for each in token.readings}
    own = {each.case for each in pet.readings}
    return token.text.isascii() or bool(cases & own) or "any" in cases or "nom" in cases


def _is_given_name(relation: Token, token: Token) -> bool:
    """Return whether a word is a name in apposition to a relation: in the same case, in Russian."""
    if not token.is_word or not token.capital or token.folded in NO_NAME:
        return False
    if token.readings[0].pos not in {"noun", "other"}:
        return False
    cases = {each.case for each in relation.readings}
    return not cyrillic(token) or any(each.name and each.case in cases for each in token.readings)


def _pet_names(clause: Clause, told: set[str], grammar: Grammar) -> Iterator[Candidate]:
    """Yield the name that stands right behind a breed: наша такса Соня, our beagle Rex."""
    tokens = clause.tokens
    for at in range(len(tokens) - 1):
        breeds = take("@", "breed", tokens, at, grammar.lists["breed"])
        if len(breeds) != 1 or breeds[0].after >= len(tokens):
            continue
        place = breeds[0].after
        if tokens[place].text == "," and place + 1 < len(tokens):
            place += 1
        behind, pet = tokens[place], pet_of_breed(breeds[0].text)
        if pet in told or not behind.is_word or not behind.capital or behind.folded in NO_NAME:
            continue
        told.add(pet)
        yield beside(pet, "name", made(tokens, place, place + 1, behind.text), breeds[0].start)
