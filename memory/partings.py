"""Who is no more: a pet that died or was given away, and kin that died."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from memctl.memory.attributes import Grammar
from memctl.memory.attribution import PETS
from memctl.memory.candidate import Candidate
from memctl.memory.language.clauses import Clause
from memctl.memory.language.context import USER, Context
from memctl.memory.language.subjects import is_anothers
from memctl.memory.language.token import Token
from memctl.memory.values import key_of
from memctl.memory.when import spans_of

# What befalls whom the clause is about, and what is done to them.
_DIED = re.compile(
    r"\b(?:died|passed away|has died|(?:умер|скончал|погиб|сдох|околел|помер)\w*|не стало"
    r"|больше нет)\b"
)
_WENT = re.compile(
    r"\b(?:ran (?:away|off)|went missing|got lost|(?:сбежал|убежал|потерял[аио]?с|пропал)\w*)\b"
)
_GIVEN = re.compile(
    r"\b(?:buried|rehomed|lost|sold|gave (?:\S+ ){1,4}(?:away|up)|gave away"
    r"|put (?:\S+ ){1,4}(?:down|to sleep)|put down|(?:похоронил|усыпил|отдал|пристроил|потерял"
    r"|продал|схоронил)[аи]?|пришлось усыпить)\b"
)
_LOST = re.compile(r"\blost (?=(?:my|our)\b)|\bпотерял[аи]?\b")
_NOT = frozenset("не n't not never".split())
_KIN = {"son": "child", "daughter": "child", "brother": "sibling", "sister": "sibling"}
_WIDOWED = {
    "wife": {"en": "widowed", "ru": "вдовец"},
    "husband": {"en": "widowed", "ru": "вдова"},
}


def partings(
    found: Sequence[Clause], context: Context, grammar: Grammar, said_at: str
) -> Iterator[Candidate]:
    """Yield what ends with somebody who is told to be no more, called by name or by relation."""
    for clause in found:
        if clause.stance not in {"said", "past"}:
            continue
        words = [token for token in clause.tokens if token.is_word]
        text = " ".join(token.folded for token in words)
        died, went, given = (each.search(text) for each in (_DIED, _WENT, _GIVEN))
        died = died or _LOST.search(text)  # of kin; a pet that is lost went away
        if not (died or went or given):
            continue
        who = _who(words, context, grammar, subject=not given)
        if who is None or _is_denied(words, lasting=died is not None and "нет" in died.group()):
            continue
        since, _ = spans_of(text, said_at)
        yield from _ended(clause, *who, grammar=grammar, died=died is not None, since=since)


def _who(
    words: Sequence[Token], context: Context, grammar: Grammar, *, subject: bool
) -> tuple[str, Token] | None:
    """Return the relation that a clause names, and the word that does; of no one else's kin."""
    for at, token in enumerate(words):
        relation = next((each for each in sorted(token.lemmas()) if each in grammar.relations), "")
        name = (
            grammar.relations[relation].name if relation else context.called(token, capital=False)
        )
        if not name or (relation and is_anothers(words, at, grammar.relations)):
            continue
        following = words[at + 1].folded if at + 1 < len(words) else ""
        cases = {each.case for each in token.readings}
        if following == "'s" or (subject and not cases & {"nom", "gen", "any", ""}):
            continue
        return name, token
    return None


def _is_denied(words: Sequence[Token], *, lasting: bool) -> bool:
    """Return whether a clause says that it did not come so: «не стало» says that it did."""
    folded = [token.folded for token in words]
    if lasting or "стало" in folded:
        return False
    return bool(_NOT & set(folded))


def _ended(
    clause: Clause, name: str, token: Token, *, grammar: Grammar, died: bool, since: str
) -> Iterator[Candidate]:
    language = "ru" if any("а" <= letter <= "я" for letter in token.folded) else "en"
    word = grammar.relation_word(name, language)
    called = not any(each in grammar.relations for each in token.lemmas())
    start, end = clause.tokens[0].start, clause.tokens[-1].end

    def made(subject: str, attribute: str, value: str, *, ends: bool = True) -> Candidate:
        return Candidate(
            subject,
            attribute,
            value=value,
            key=key_of(value),
            start=start,
            end=end,
            ends=ends,
            held="past" if ends else "now",
            confidence=0.8,
            since=since,
        )

    if name in PETS:
        yield made(USER, "pet", word)
        if called:
            yield made(
                name, "name", token.readings[0].lemma.title() if language == "ru" else token.text
            )
    elif died and name in _KIN:
        yield made(USER, _KIN[name], word)
    elif died and name in _WIDOWED:
        yield made(USER, "marital", _WIDOWED[name][language], ends=False)
