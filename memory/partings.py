"""Who is no more: a pet that died or was given away, kin that died."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from memctl.memory.attributes import Grammar
from memctl.memory.attribution import PETS, is_owned
from memctl.memory.candidate import Candidate
from memctl.memory.language.clauses import Clause
from memctl.memory.language.context import USER, Context
from memctl.memory.language.names import name_at
from memctl.memory.language.phrase import cyrillic
from memctl.memory.language.subjects import is_anothers
from memctl.memory.language.token import Token
from memctl.memory.values import key_of
from memctl.memory.when import spans_of

# What somebody does who is no more, and what only a pet does that is gone.
_DIED = frozenset(
    "died умер умерла умерли скончался скончалась скончались погиб погибла погибли сдох сдохла"
    " сдохли околел околела помер померла".split()
)
_WENT = frozenset(
    "сбежал сбежала убежал убежала потерялся потерялась пропал пропала ушел ушла".split()
)
_WENT_TWO = {("ran", "away"), ("ran", "off"), ("went", "missing"), ("got", "lost")}
# What is done to a pet, and how it ends where the verb alone does not say it.
_GIVEN = frozenset(
    "buried rehomed lost sold похоронил похоронила похоронили схоронили усыпил усыпила усыпили"
    " усыпить отдал отдала отдали отдать пристроил пристроила пристроили потерял потеряла потеряли"
    " продал продала продали".split()
)
_PARTED = {"gave": {"away", "up"}, "give": {"away", "up"}, "put": {"down", "to"}}
_LOST = frozenset("lost потерял потеряла".split())
_LIGHT = ("adv", "pron", "num", "adj", "part", "other")
_ALLOWED = frozenset("has had 's just".split())  # between who died and the verb
_DETERMINERS = frozenset("my our the a an old poor little dear мой моего мою нашего нашу".split())
_THEIRS = frozenset("his her their your его ее их твой ваш".split())
_NOT = frozenset("не n't not never".split())
_TIME = frozenset("last yesterday today two three four five a in this years months weeks".split())
_KIN = {"son": "child", "daughter": "child", "brother": "sibling", "sister": "sibling"}
_WIDOWED = {
    "wife": {"en": "widowed", "ru": "вдовец"},
    "husband": {"en": "widowed", "ru": "вдова"},
}


@dataclass(frozen=True, slots=True)
class _Gone:
    """Who is no more: a relation, the place of the word that names it, and whether they died."""

    name: str
    at: int
    called: bool
    died: bool


def partings(
    found: Sequence[Clause], context: Context, grammar: Grammar, said_at: str
) -> Iterator[Candidate]:
    """Yield what ends with somebody who is told to be no more, called by name or by relation."""
    for clause in found:
        if clause.stance not in {"said", "past"} or _is_of_another(clause):
            continue
        words = [token for token in clause.tokens if token.is_word]
        for at in range(len(words)):
            gone = _gone(words, at, context, grammar)
            if gone is not None:
                text = " ".join(token.text for token in words)
                since, _ = spans_of(text, said_at)
                yield from _ended(clause, words, gone, context, grammar, since)
                break


def _is_of_another(clause: Clause) -> bool:
    """Return whether a clause tells what befell somebody else's: у соседа умерла собака."""
    missing = {"нет", "стало"} & {token.folded for token in clause.tokens}
    return is_owned(clause) and not missing


def _gone(words: Sequence[Token], at: int, context: Context, grammar: Grammar) -> _Gone | None:
    """Return who a verb at a place tells to be no more; None where it tells nothing like it."""
    word = words[at].folded
    following = words[at + 1].folded if at + 1 < len(words) else ""
    if any(each.folded in _NOT for each in words[max(at - 2, 0) : at]) and word != "стало":
        return None
    if (word in _DIED and following != "laughing") or (word, following) == ("passed", "away"):
        return _subject_of(words, at, context, grammar, died=True)
    if word in _WENT or (word, following) in _WENT_TWO:
        return _subject_of(words, at, context, grammar, died=False)
    if (word, following) == ("не", "стало") or (word, following) == ("больше", "нет"):
        return _missing(words, at, context, grammar)
    if word in _GIVEN or word in _PARTED:
        return _object_of(words, at, context, grammar)
    return None


def _named(words: Sequence[Token], at: int, context: Context, grammar: Grammar) -> tuple[str, bool]:
    """Return the relation that a word names, and whether by its own name; of no one else's kin."""
    if not 0 <= at < len(words):
        return "", False
    token = words[at]
    lemma = next((each for each in sorted(token.lemmas()) if each in grammar.relations), "")
    before = words[at - 1].folded if at else ""
    if lemma and before not in _THEIRS and not is_anothers(words, at, grammar.relations):
        return grammar.relations[lemma].name, False
    # A name in small letters is taken for one only in English, where no dictionary knows better.
    return context.called(token, capital=cyrillic(token)), True


def _subject_of(
    words: Sequence[Token], at: int, context: Context, grammar: Grammar, *, died: bool
) -> _Gone | None:
    """Return who stands right before a verb, or in Russian right behind it, and does it."""
    place = at - 1
    while place >= 0 and (
        words[place].folded in _ALLOWED
        or words[place].is_pos("adv", "prep")
        or words[place].lemmas() & _TIMES
    ):
        place -= 1
    places = (place, at + 1) if cyrillic(words[at]) else (place,)
    for each in places:
        name, called = _named(words, each, context, grammar)
        if not name or (cyrillic(words[each]) and not _in_case(words[each], "nom")):
            continue
        if died or name in PETS:
            return _Gone(name, each, called, died)
    return None


def _missing(words: Sequence[Token], at: int, context: Context, grammar: Grammar) -> _Gone | None:
    """Return who «не стало», or whom there is «больше нет»: not what somebody else has lost."""
    for place in (at - 1, at + 2):
        name, called = _named(words, place, context, grammar)
        owner = words[place - 1].folded if place > 0 else ""
        if name and owner != "у" and _in_case(words[place], "gen"):
            behind = words[at + 2 : at + 3] if place < at else words[place + 1 : place + 2]
            if not any(each.readings[0].pos == "noun" for each in behind):
                return _Gone(name, place, called, died=place < at)
    return None


def _object_of(words: Sequence[Token], at: int, context: Context, grammar: Grammar) -> _Gone | None:
    """Return the pet that something is done to, and that is all of the object: no cat tree."""
    place = at + 1
    while place < len(words) and words[place].folded in _DETERMINERS:
        place += 1
    places = (place, at - 1) if cyrillic(words[at]) else (place,)
    for each in places:
        name, called = _named(words, each, context, grammar)
        if not name or (cyrillic(words[each]) and not _is_object(words[each], called=called)):
            continue
        behind = words[max(each, at) + 1 :]
        parted = _PARTED.get(words[at].folded)
        if parted is not None and not parted & {token.folded for token in behind[:4]}:
            continue
        if name in PETS and _is_whole(behind, parted=parted is not None):
            return _Gone(name, each, called, died=False)
        lost = words[at].folded in _LOST and name in _WIDOWED
        if lost and (not behind or behind[0].folded in {"to", *_TIME} or cyrillic(words[each])):
            return _Gone(name, each, called, died=True)
    return None


def _is_whole(behind: Sequence[Token], *, parted: bool) -> bool:
    """Return whether what follows a pet is no more of the object, and does not lend it only."""
    if not behind:
        return True
    first = behind[0]
    if cyrillic(first):
        return first.folded not in {"на", "под", "с", "к"}
    open_noun = first.readings[0].pos == "noun" and first.folded not in _TIME
    return parted or not open_noun


_TIMES = frozenset("год месяц неделя день утро вечер ночь прошлый этот час".split())


def _is_object(token: Token, *, called: bool) -> bool:
    """Return whether a word is in the accusative; a cake that is a dog's name has the genitive."""
    return _in_case(token, "acc") or (called and _in_case(token, "gen"))


def _in_case(token: Token, case: str) -> bool:
    return any(each.case in {case, "any"} for each in token.readings)


def _ended(
    clause: Clause,
    words: Sequence[Token],
    gone: _Gone,
    context: Context,
    grammar: Grammar,
    since: str,
) -> Iterator[Candidate]:
    token = words[gone.at]
    language = "ru" if cyrillic(token) else "en"

    def made(subject: str, attribute: str, value: str, *, ends: bool = True) -> Candidate:
        return Candidate(
            subject,
            attribute,
            value=value,
            key=key_of(value),
            start=clause.tokens[0].start,
            end=clause.tokens[-1].end,
            ends=ends,
            held="past" if ends else "now",
            confidence=0.8,
            since=since,
        )

    if gone.name in PETS:
        if gone.called:
            phrase = name_at(words, gone.at)
            yield made(gone.name, "name", phrase.text if phrase is not None else token.text)
        others = [name for name, each in context.people.items() if each == gone.name]
        if not gone.called or len(others) < 2:  # of two dogs the other one lives
            yield made(USER, "pet", grammar.relation_word(gone.name, language))
    elif gone.died and gone.name in _KIN:
        yield made(USER, _KIN[gone.name], grammar.relation_word(gone.name, language))
    elif gone.died and gone.name in _WIDOWED:
        yield made(USER, "marital", _WIDOWED[gone.name][language], ends=False)
