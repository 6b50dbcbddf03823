"""Who a clause is about: the user, somebody who belongs to them, or anybody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memctl.memory.language.context import (
    ANAPHORA,
    OPEN,
    OTHER,
    USER,
    Context,
    Relation,
    Relations,
)
from memctl.memory.language.phrase import cyrillic
from memctl.memory.language.spoken import leaves_i_out
from memctl.memory.language.token import Reading, Token

_SELF = frozenset("я мы меня мне мной нас нам мои i me we us 'm".split())
SELF_OWN = frozenset("мой наш my our mine".split())
_OWNING = {"него": "он", "нее": "она", "них": "они"}
_NO_SUBJECT = frozenset(
    "ты вы тебя тебе вас вам твой ваш you your nobody noone никто ничей".split()
)


def subject_of(tokens: Sequence[Token], relations: Relations, context: Context) -> tuple[str, str]:
    """Return whom a clause is about, and the relation that it names."""
    words = list(_unquoted(tokens))
    for number in range(len(words)):
        found = _subject_at(words, number, relations, context)
        if found is not None:
            return found
    mentioned = _named(words, relations, context)
    if any(token.lemmas() & SELF_OWN for token in words):
        return USER, mentioned
    return _implied(list(_unquoted(_till_comma(tokens)))), mentioned


def _unquoted(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the words that stand outside of quotes: a title speaks of nobody."""
    inside = False
    for token in tokens:
        if token.text in '«»“”„"':
            inside = token.text in "«“„" or (token.text == '"' and not inside)
        elif token.is_word and not inside:
            yield token


def _till_comma(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return tokens up to the first comma or dash behind a verb: записался, тренер — зверь."""
    passed = False
    for at, token in enumerate(tokens):
        passed = passed or (token.is_word and token.readings[0].pos == "verb")
        if passed and token.text in {",", "—", "–"}:
            return tokens[:at]
    return tokens


def _implied(words: Sequence[Token]) -> str:
    """Return the subject where none is named: a past or first verb of Russian is the user's."""
    if leaves_i_out(words):
        return USER
    for token in words:
        verb = token.first("verb")
        if verb is None or token.readings[0].pos != "verb":
            continue
        agreeing = _agreeing(words, verb)
        if verb.tense == "past" and verb.number and not agreeing:
            return USER
        return OTHER if agreeing else OPEN
    # Without a verb what is told is the user's: рост 185.
    verbless = all(cyrillic(token) or token.is_number for token in words) and not any(
        token.is_pos("verb") for token in words
    )
    return USER if verbless else OPEN


def _agreeing(words: Sequence[Token], verb: Reading) -> bool:
    """Return whether a noun stands in the nominative that may be the subject of a verb."""
    governed = passed = False  # by a preposition; the verb
    for token in words:
        first = token.readings[0]
        passed = passed or verb in token.readings
        if first.pos in {"noun", "pron"}:
            if not governed and _may_do(token, verb, passed=passed):
                return True
            governed = False
        else:
            governed = first.pos == "prep" or (governed and first.pos in {"adj", "num", "part"})
    return False


def _may_do(token: Token, verb: Reading, *, passed: bool) -> bool:
    """Return whether a word can be the subject of a verb; behind it, a form of an object cannot."""
    first = token.readings[0]
    if first.case != "nom" or first.number not in {"", verb.number}:
        return False
    if token.text.isupper() and len(token.text) > 1:
        return False  # an abbreviation has all cases
    if passed and any(each.case in {"acc", "any"} for each in token.readings):
        return False
    if first.pos == "noun" and not first.animate and verb.lemma in _OF_PEOPLE:
        return False  # бокс бросил: nobody but the user
    agrees = not (verb.tense == "past" and verb.gender and first.gender)
    return agrees or first.gender == verb.gender


def _relation(token: Token, relations: Relations) -> Relation | None:
    if not token.is_word:
        return None
    for reading in token.readings:
        if reading.lemma in relations and reading.pos == "noun":
            return relations[reading.lemma]
    return None


def _is_subject(words: Sequence[Token], number: int) -> bool:
    """Return whether a relation is who the clause is about: nominative, or «у жены»."""
    token = words[number]
    if not cyrillic(token):
        owned = [each for each in words[max(number - 2, 0) : number] if each.folded in _EN_OWNERS]
        if not owned:  # mom teaches, wife's a doctor
            bare = all(each.readings[0].pos in {"adv", "conj"} for each in words[:number])
            return bare and [each.folded for each in words[number + 1 : number + 2]] != ["'s"]
        ahead = words[: number - 1]
        return not any(each.is_pos("verb", "prep") or first_person(each) for each in ahead) and (
            not any(each.folded in {"i", "we"} for each in ahead)
        )
    at = number - 1
    while at >= 0 and words[at].readings[0].pos in {"adj", "pron", "part"}:
        at -= 1
    if at >= 0 and words[at].folded == "у" and token.first("noun") is not None:
        return True
    readings = [each for each in token.readings if each.pos == "noun"]
    nominative = [each for each in readings if each.case == "nom"]
    if not nominative or not _may_agree(words, nominative):
        return False
    return not any(
        each.folded in {"я", "мы", "меня", "мне"} or first_person(each) for each in words
    )


def _may_agree(words: Sequence[Token], nouns: Sequence[Reading]) -> bool:
    """Return whether the first verb in the past has the number of a noun: not начал, соседи."""
    verb = next((each.readings[0] for each in words if each.readings[0].tense == "past"), None)
    return verb is None or any(each.number in {"", verb.number} for each in nouns)


def is_anothers(words: Sequence[Token], number: int, relations: Relations) -> bool:
    """Return whether a relation is somebody else's: my boss's wife, жена начальника."""
    if number and words[number - 1].folded in _THEIRS:
        return True
    if cyrillic(words[number]):
        following = words[number + 1] if number + 1 < len(words) else None
        if following is None or not cyrillic(following):
            return False
        if _is_apposed(words[number], following):
            return False
        return any(
            each.case == "gen" and each.animate and each.pos == "noun"
            for each in following.readings[:2]
        ) and (_relation(following, relations) is not None or following.readings[0].name)
    before = [each.folded for each in words[max(number - 1, 0) : number]]
    if before != ["'s"]:
        return False
    owner = words[number - 2] if number > 1 else None
    return owner is not None and owner.folded not in _EN_OWNERS


def _is_apposed(relation: Token, name: Token) -> bool:
    """Return whether a name says who a relation is, agreeing with it: сестра Марина."""
    return any(
        each.name and (own.case, own.gender) == (each.case, each.gender)
        for own in relation.readings
        if own.pos == "noun"
        for each in name.readings
    )


_THEIRS = frozenset("his her their его ее их".split())
_OF_PEOPLE = frozenset(
    "бросить забросить купить продать выучить любить обожать ненавидеть завести закончить окончить"
    " сменить поменять".split()
)
_EN_OWNERS = frozenset("my our".split())


def _subject_at(
    words: Sequence[Token], number: int, relations: Relations, context: Context
) -> tuple[str, str] | None:
    """Return the subject that a word makes certain, and the relation that is named with it."""
    token = words[number]
    relation = _relation(token, relations)
    if relation is not None and is_anothers(words, number, relations):
        return OTHER, ""
    if relation is not None and _is_subject(words, number):
        return relation.name, relation.name
    own = token.folded in _SELF and not _is_object(words, number, relations)
    if own or first_person(token):
        return USER, _named(words, relations, context)
    person = context.called(token)
    if person:
        owns = [each.folded for each in words[number + 1 : number + 2]] == ["'s"]
        named = _is_called_subject(words, number)
        return (OTHER, "") if owns else (person, person) if named else None
    return _other_at(words, number, relations, context)


def _relation_behind(words: Sequence[Token], number: int, relations: Relations) -> bool:
    following = words[number + 1] if number + 1 < len(words) else None
    return following is not None and _relation(following, relations) is not None


def _other_at(
    words: Sequence[Token], number: int, relations: Relations, context: Context
) -> tuple[str, str] | None:
    """Return the subject that a pronoun or a name makes certain: who is not the user."""
    token = words[number]
    if token.folded in _NO_SUBJECT and number < 2 and token.readings[0].case in {"", "nom"}:
        return OTHER, ""
    if token.folded in _THEIRS and _relation_behind(words, number, relations):
        return OTHER, ""
    if token.folded in ANAPHORA and number < 2:
        return context.meant_by(token.folded), ""
    if token.folded in _OWNING and number and words[number - 1].folded == "у":
        return context.meant_by(_OWNING[token.folded]), ""
    return (token.text, "") if _named_subject(words, number) else None


def _is_object(words: Sequence[Token], number: int, relations: Relations) -> bool:
    """Return whether a pronoun of the first person is not whom the clause is about."""
    folded = words[number].folded
    if folded in {"я", "мы", "i", "we", "'m"}:
        return False
    if folded in {"меня", "нас"} and number and words[number - 1].folded == "у":
        return False
    if folded in {"me", "us"}:
        return True
    return any(
        _relation(token, relations) is not None and _is_subject(words, at)
        for at, token in enumerate(words)
        if at != number
    )


def _named(words: Sequence[Token], relations: Relations, context: Context) -> str:
    for token in words:
        relation = _relation(token, relations)
        if relation is not None:
            return relation.name
    return next((person for token in words if (person := context.called(token))), "")


def _is_called_subject(words: Sequence[Token], number: int) -> bool:
    """Return whether a name that is known is whom a clause is about: Ella is, у Оли есть."""
    ahead = words[:number]
    if any(each.folded in _SELF_ALONE or first_person(each) for each in words):
        return False
    if not cyrillic(words[number]):
        return all(each.readings[0].pos in {"adv", "conj"} for each in ahead)
    if ahead and ahead[-1].folded == "у":
        return True
    return number < _EARLY and any(each.case == "nom" for each in words[number].readings)


_SELF_ALONE = frozenset("я мы i we 'm".split())
_EARLY = 3  # words, of which a name that stands among them may be the subject


def _named_subject(words: Sequence[Token], number: int) -> bool:
    """Return whether a clause begins with somebody's name as its subject."""
    token = words[number]
    if number > 1 or not token.capital or not any(each.name for each in token.readings):
        return False
    nominative = any(each.name and each.case == "nom" for each in token.readings)
    return nominative and not any(each.folded in _SELF or first_person(each) for each in words)


def first_person(token: Token) -> bool:
    """Return whether a word is a verb in the first person."""
    first = token.readings[0] if token.readings else None
    return first is not None and first.pos == "verb" and first.person == "1"
