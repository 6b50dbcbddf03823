"""Names and breeds that stand beside a relation or a pet: my daughter Emma, наша такса Соня."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memctl.memory.attributes import Grammar
from memctl.memory.attribution import PETS, is_owned, pet_of_breed
from memctl.memory.candidate import Candidate
from memctl.memory.language.clauses import Clause
from memctl.memory.language.context import OTHER
from memctl.memory.language.names import NO_NAME
from memctl.memory.language.phrase import LISTING, Phrase
from memctl.memory.language.phrases import take
from memctl.memory.language.subjects import is_anothers
from memctl.memory.language.token import Token
from memctl.memory.values import key_of


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


def jobs_beside(
    found: Sequence[Clause], candidates: Sequence[Candidate], grammar: Grammar
) -> Iterator[Candidate]:
    """Yield the jobs that stand right behind a relation, with no verb: сестра у меня стюардесса."""
    told = {each.subject for each in candidates if each.attribute == "job"}
    for clause, at, name in _relations_in(found, grammar):
        place = _past_owner(clause.tokens, at + 1)
        phrases = take("@", "profession", clause.tokens, place, grammar.lists["profession"])
        words = clause.tokens[place : phrases[0].after] if phrases else ()
        if not words or name in told or not words[0].text[:1].isalpha():
            continue
        if any(all(each.case != "nom" for each in token.readings) for token in words[:1]):
            continue
        told.add(name)
        yield _beside(name, "job", phrases[0], clause.tokens[at].start)


def ages_beside(
    found: Sequence[Clause], candidates: Sequence[Candidate], grammar: Grammar
) -> Iterator[Candidate]:
    """Yield the ages that stand right behind a relation: дочке 6, nana is 94."""
    told = {each.subject for each in candidates if each.attribute == "age"}
    for clause, at, name in _relations_in(found, grammar):
        token = clause.tokens[at]
        following = clause.tokens[at + 1]
        is_ = following.folded in {"is", "are"}
        phrases = take("num", "", clause.tokens, at + 2 if is_ else at + 1, ())
        dative = any(each.case == "dat" for each in token.readings)
        if name in told or not phrases or not (is_ or dative):
            continue
        after = clause.tokens[phrases[0].after : phrases[0].after + 1]
        if after and after[0].is_word and not after[0].lemmas() & _YEARS:
            continue
        told.add(name)
        yield _beside(name, "age", phrases[0], token.start)


def _relations_in(found: Sequence[Clause], grammar: Grammar) -> Iterator[tuple[Clause, int, str]]:
    """Yield where clauses that say something name a relation of the user's own."""
    for clause in found:
        if clause.stance not in {"said", "past"} or clause.subject == OTHER:
            continue
        first = clause.tokens[0] if clause.tokens else None
        if first is not None and first.folded in {"он", "она"} and clause.subject in grammar.called:
            yield clause, 0, clause.subject
        for at, token in enumerate(clause.tokens[:-1]):
            lemma = next((each for each in token.lemmas() if each in grammar.relations), "")
            if lemma and not _is_anothers(clause, at, grammar):
                yield clause, at, grammar.relations[lemma].name


def _past_owner(tokens: Sequence[Token], at: int) -> int:
    """Return the place behind words that only say whose a relation is: у меня, моя, тоже, —."""
    while at < len(tokens) and (tokens[at].folded in _OWNERS or tokens[at].text in "—–-"):
        at += 1
    return at


def _beside(subject: str, attribute: str, phrase: Phrase, start: int) -> Candidate:
    return Candidate(
        subject,
        attribute,
        value=phrase.text,
        key=key_of(phrase.text),
        start=start,
        end=phrase.end,
        confidence=0.8,
    )


_YEARS = frozenset("год лет годик".split())
_OWNERS = frozenset("у меня нас мой моя мое мои наш наша наши тоже сам сама сейчас теперь".split())


def names_beside(
    found: Sequence[Clause], candidates: Sequence[Candidate], grammar: Grammar
) -> Iterator[Candidate]:
    """Yield the names that stand right behind a relation: my daughter Emma, мой друг Сергей."""
    told = {each.subject for each in candidates if each.attribute == "name"}
    for clause in found:
        if clause.stance in {"question", "request"} or _is_of_another(clause):
            continue
        if is_owned(clause) and clause.subject in grammar.called:
            continue  # у соседа кот Мурзик
        yield from _pet_names(clause, told, grammar)
        for at, token in enumerate(clause.tokens[:-1]):
            relation = next(
                (grammar.relations[each] for each in token.lemmas() if each in grammar.relations),
                None,
            )
            if relation is None or relation.name in told or _is_anothers(clause, at, grammar):
                continue
            yield from _names_listed(clause, at, relation.name, told)
            if relation.name in told:
                continue
            place = _name_place(clause.tokens, at, pet=relation.name in PETS)
            (phrase,) = take("name", "", clause.tokens, place, ())[:1] if place else (None,)
            if phrase is None:
                continue
            told.add(relation.name)
            yield _beside(relation.name, "name", phrase, token.start)


def _is_of_another(clause: Clause) -> bool:
    """Return whether a clause is about somebody else, whose kin it may name: у него дочь Оля."""
    return clause.subject == OTHER and any(token.folded in _THEIRS for token in clause.tokens)


_THEIRS = frozenset("него нее них его ее их he she they his her their".split())


def _names_listed(clause: Clause, at: int, relation: str, told: set[str]) -> Iterator[Candidate]:
    """Yield the names behind several of a kind: двое братьев, Рома и Стас."""
    tokens = clause.tokens
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
    if len(names) > 1:
        told.add(relation)
        for each in names:
            yield _beside(relation, "name", each, tokens[at].start)


def _is_anothers(clause: Clause, at: int, grammar: Grammar) -> bool:
    """Return whether a relation is somebody else's: my neighbour's dog Max."""
    words = [token for token in clause.tokens if token.is_word]
    token = clause.tokens[at]
    return token.is_word and is_anothers(words, words.index(token), grammar.relations)


def _name_place(tokens: Sequence[Token], at: int, *, pet: bool) -> int:
    """Return where the name of a relation begins that stands right behind it; 0 for nowhere."""
    following = tokens[at + 1]
    if not pet:
        return at + 1 if _is_given_name(tokens[at], following) else 0
    if following.text == "," and at + 2 < len(tokens):  # I have a cat, Whiskers
        ends = at + 3 == len(tokens) or not tokens[at + 3].is_word
        return at + 2 if ends and _is_pet_name(tokens[at], tokens[at + 2]) else 0
    return at + 1 if _is_pet_name(tokens[at], following) else 0


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
        pet = pet_of_breed(breeds[0].text)
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
