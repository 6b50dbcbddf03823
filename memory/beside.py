"""What stands beside a relation with no verb: сестра у меня стюардесса; дочке 6; nana is 94."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memctl.memory.attributes import Grammar
from memctl.memory.candidate import Candidate
from memctl.memory.language.clauses import Clause
from memctl.memory.language.context import OTHER
from memctl.memory.language.phrase import Phrase, cyrillic
from memctl.memory.language.phrases import take
from memctl.memory.language.subjects import is_anothers
from memctl.memory.language.token import Token
from memctl.memory.values import key_of

_OLDEST = 120  # years
_YEARS = frozenset("год лет годик".split())
_OWNERS = frozenset("у меня нас мой моя мое мои наш наша наши тоже сам сама сейчас теперь".split())


def beside(subject: str, attribute: str, phrase: Phrase, start: int) -> Candidate:
    """Return the candidate that a phrase beside a word is, which begins at ``start``."""
    return Candidate(
        subject,
        attribute,
        value=phrase.text,
        key=key_of(phrase.text),
        start=min(start, phrase.start),
        end=phrase.end,
        confidence=0.8,
    )


def jobs_beside(
    found: Sequence[Clause], candidates: Sequence[Candidate], grammar: Grammar
) -> Iterator[Candidate]:
    """Yield the jobs right behind a relation: сестра у меня стюардесса; my sister, a nurse."""
    told = {each.subject for each in candidates if each.attribute == "job"}
    for clause, at, name in _who_does(found, grammar):
        tokens = clause.tokens
        place = _behind(tokens, at)
        phrases = take("@", "profession", tokens, place, grammar.lists["profession"])
        if not phrases or name in told:
            continue
        if cyrillic(tokens[place]) and not _is_nominative(tokens[place]):
            continue
        told.add(name)
        yield beside(name, "job", phrases[0], tokens[at].start)


def _who_does(found: Sequence[Clause], grammar: Grammar) -> Iterator[tuple[Clause, int, str]]:
    """Yield relations in the nominative, and a pronoun that means one: она у меня врач."""
    for clause, at, name in kin_in(found, grammar):
        token = clause.tokens[at]
        behind = at > 0 and clause.tokens[at - 1].is_pos("prep")
        if not cyrillic(token) or (_is_nominative(token) and not behind):
            yield clause, at, name
    for clause in found:
        first = clause.tokens[0].folded if clause.tokens else ""
        said = clause.stance in {"said", "past"}
        if said and first in {"он", "она"} and clause.subject in grammar.called:
            yield clause, 0, clause.subject


def _is_nominative(token: Token) -> bool:
    return any(each.case == "nom" for each in token.readings)


def _behind(tokens: Sequence[Token], at: int) -> int:
    """Return the place behind a relation and what only says whose it is: у меня, моя, —, ", a"."""
    place = at + 1
    if not cyrillic(tokens[at]):
        article = [token.text for token in tokens[place : place + 2]] in ([",", "a"], [",", "an"])
        return place + 2 if article else len(tokens)
    while place < len(tokens) and (
        tokens[place].folded in _OWNERS or tokens[place].text in {"—", "–", "-"}
    ):
        place += 1
    return place


def ages_beside(
    found: Sequence[Clause], candidates: Sequence[Candidate], grammar: Grammar
) -> Iterator[Candidate]:
    """Yield the ages right behind a relation: дочке 6, сыну 11; nana is 94."""
    told = {each.subject for each in candidates if each.attribute == "age"}
    for clause, at, name in kin_in(found, grammar):
        tokens = clause.tokens
        is_ = tokens[at + 1].folded in {"is", "are"}
        dative = any(each.case == "dat" for each in tokens[at].readings)
        phrases = take("num", "", tokens, at + 2 if is_ else at + 1, ())
        if name in told or not phrases or not (is_ or dative):
            continue
        if _is_age(clause, phrases[0], is_=is_):
            told.add(name)
            yield beside(name, "age", phrases[0], tokens[at].start)


def _is_age(clause: Clause, phrase: Phrase, *, is_: bool) -> bool:
    """Return whether a number is one of years: said to be so, or in a clause without a verb."""
    if phrase.text.isdigit() and int(phrase.text[:4]) > _OLDEST:
        return False
    if not all(letter.isalnum() or letter == " " for letter in phrase.text):
        return False
    after = clause.tokens[phrase.after : phrase.after + 1]
    if after and after[0].is_word:
        return bool(after[0].lemmas() & _YEARS) or after[0].folded == "years"
    return is_ or not any(token.is_pos("verb") for token in clause.tokens if token.is_word)


def kin_in(found: Sequence[Clause], grammar: Grammar) -> Iterator[tuple[Clause, int, str]]:
    """Yield where clauses that say something name a relation of the user's own, but at the end."""
    for clause in found:
        if clause.stance in {"said", "past"} and clause.subject != OTHER:
            for at, name in own_kin(clause, grammar):
                yield clause, at, name


def own_kin(clause: Clause, grammar: Grammar) -> Iterator[tuple[int, str]]:
    """Yield the places of a clause's relations that are nobody else's, and their names."""
    words = [token for token in clause.tokens if token.is_word]
    number = -1
    for at, token in enumerate(clause.tokens[:-1]):
        if not token.is_word:
            continue
        number += 1
        lemma = next((each for each in token.lemmas() if each in grammar.relations), "")
        if lemma and not is_anothers(words, number, grammar.relations):
            yield at, grammar.relations[lemma].name
