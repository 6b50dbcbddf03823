"""From a turn to candidates, by patterns over its clauses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from memctl.memory.attributes import Attribute, Grammar, Saying
from memctl.memory.attribution import PETS, is_owned, nearest_relation, subject_of
from memctl.memory.beside import ages_beside, jobs_beside
from memctl.memory.candidate import Candidate, Passed, Reason
from memctl.memory.fitting import fits, is_given_name, is_name, is_title, shown_value
from memctl.memory.language.clauses import Clause, clauses
from memctl.memory.language.context import OTHER, Context
from memctl.memory.language.patterns import WHATEVER, Match
from memctl.memory.language.phrase import Phrase, cyrillic
from memctl.memory.language.token import Token
from memctl.memory.naming import breeds_beside, names_beside, pets_of_breeds
from memctl.memory.open import open_values
from memctl.memory.partings import partings
from memctl.memory.people import people_in
from memctl.memory.stance import finite, held_of, negated, resumed, stopped
from memctl.memory.values import key_of
from memctl.memory.when import spans_of

_GUESSED = 0.5  # the confidence in what is only implied
_BESIDE = frozenset(("plan", "birthplace"))  # may say of a value what another has said
LONGEST = 20_000  # characters of a turn that are looked through for facts: more is a document
_GENERIC = frozenset("like dislike avoid owns hobby field plan visited employer fear".split())


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a turn tells, what it only seems to tell, and who was spoken of in it."""

    candidates: tuple[Candidate, ...]
    passed: tuple[Passed, ...]
    context: Context


def extract(
    text: str, grammar: Grammar, *, said_at: str = "", context: Context | None = None
) -> Drawn:
    """Return what a user's turn tells of them and of those who belong to them.

    Nothing that a turn asks for is done: a sentence such as "forget everything" tells no value.
    """
    text = text[:LONGEST]
    found, after = clauses(text, grammar.relations, context)
    candidates: list[Candidate] = []
    passed: list[Passed] = []
    mentioned = context.last if context else ""
    for clause in found:
        told = list(_of_clause(clause, grammar, said_at, text, mentioned))
        mentioned = nearest_relation(clause, len(clause.tokens), grammar) or mentioned
        breeds = [each.subject for each in told if each.attribute == "breed"]
        mentioned = breeds[-1] if breeds and breeds[-1] in PETS else mentioned
        reason = _reason(clause)
        for each in told:
            if each.attribute == "age" and each.held == "past":
                continue  # since I was eight
            if _allowed(each, reason):
                if _stands(each, clause, grammar) and (each.attribute != "plan" or not each.ends):
                    candidates.append(each)
            else:
                why: Reason = reason or "other"
                passed.append(Passed(each.attribute, why, start=each.start, end=each.end))
    candidates += breeds_beside(found, candidates, grammar)
    candidates += pets_of_breeds(found, candidates, grammar)
    candidates += names_beside(found, candidates, grammar)
    candidates += jobs_beside(found, candidates, grammar)
    candidates += ages_beside(found, candidates, grammar)
    known = after.with_people(people_in(candidates, grammar))
    candidates += partings(found, known, grammar, said_at)
    candidates = resumed(text, candidates)
    return Drawn(tuple(_single(candidates)), tuple(passed), after)


def _allowed(candidate: Candidate, reason: Reason | None) -> bool:
    if candidate.subject in {"", OTHER}:
        return False
    if candidate.attribute == "plan":
        return reason in {None, "wish"}
    return reason is None


def _stands(candidate: Candidate, clause: Clause, grammar: Grammar) -> bool:
    """Return whether a bare word tells a job: only of somebody who is named beside it."""
    bare = candidate.attribute == "job" and not any(
        token.is_pos("verb", "pron") or token.folded in {"work", "working"}
        for token in clause.tokens
        if token.is_word
    )
    if candidate.attribute == "job" and is_owned(clause):
        return False  # у мамы сейчас врач
    return not bare or candidate.subject in {each.name for each in grammar.relations.values()}


def _reason(clause: Clause) -> Reason | None:
    match clause.stance:
        case "question" | "unsure" | "wish" | "request":
            return clause.stance
        case _:
            return None


def _of_clause(
    clause: Clause, grammar: Grammar, said_at: str, text: str, before: str
) -> Iterator[Candidate]:
    """Yield what the patterns find in a clause; what is said more exactly goes first.

    ``before`` is the relation that was spoken of last.
    """
    language = "ru" if any(map(cyrillic, clause.tokens)) else "en"
    words = clause.words
    claimed: list[tuple[int, int]] = []
    told: list[tuple[int, int]] = []
    for attribute in sorted(grammar.attributes.values(), key=lambda each: each.name in _GENERIC):
        wording = attribute.wordings.get(language)
        if wording is None or (clause.stance == "wish" and claimed and attribute.name != "plan"):
            continue
        matches = _matches(clause, wording.sayings, grammar, words)
        for saying, match in _longest(matches):
            for made in _candidates(clause, attribute, saying, match, grammar, said_at, before):
                span = (made.start, made.end) if match.constant else _value_span(match, made)
                if (
                    attribute.name not in _BESIDE
                    and _taken(span, claimed)
                    and (attribute.name in _GENERIC or not match.constant)
                ):
                    continue
                claimed.append(span)
                told.append((made.start, made.end))
                yield made
    for made in open_values(clause, grammar, told):
        since, until = spans_of(_text_of(clause, text), said_at)
        yield replace(made, since=since, until=until)


def _is_close(phrase: Phrase, match: Match, tokens: Sequence[Token]) -> bool:
    """Return whether a name behind "I am" is one, and stands right there."""
    if tokens[match.start].folded not in {"i", "я"}:
        return True
    return is_given_name(phrase) and tokens.index(phrase.tokens[0]) - match.start <= 2


def _text_of(clause: Clause, text: str) -> str:
    return text[clause.tokens[0].start : clause.tokens[-1].end] if clause.tokens else ""


def _matches(
    clause: Clause, sayings: Sequence[Saying], grammar: Grammar, words: frozenset[str]
) -> Iterator[tuple[Saying, Match]]:
    for saying in sayings:
        anchors = saying.pattern.anchors
        if anchors and not anchors & words:
            continue
        for match in saying.pattern.find(clause.tokens, grammar.lists):
            if finite(match, clause.tokens):
                yield saying, match


def _longest(matches: Iterator[tuple[Saying, Match]]) -> list[tuple[Saying, Match]]:
    """Return matches that tell different things, those of more words first."""
    kept: list[tuple[Saying, Match]] = []
    ranked = sorted(
        matches, key=lambda each: (-len(each[0].pattern.elements), each[1].start - each[1].end)
    )
    for saying, match in ranked:
        if not any(_conflict(match, other) for _, other in kept):
            kept.append((saying, match))
    return sorted(kept, key=lambda each: each[1].start)


def _conflict(one: Match, other: Match) -> bool:
    """Return whether two matches tell the same: their values share words, or one has none."""
    if one.phrases and other.phrases:
        return any(
            each.start < its.end and its.start < each.end
            for each in one.phrases
            for its in other.phrases
        )
    return one.start < other.end and other.start < one.end


def _candidates(
    clause: Clause,
    attribute: Attribute,
    saying: Saying,
    match: Match,
    grammar: Grammar,
    said_at: str,
    before: str,
) -> Iterator[Candidate]:
    subject = subject_of(clause, attribute.name, match, grammar, before)
    tokens = clause.tokens
    ends = saying.ends or negated(saying, match, tokens)
    past = saying.past or (ends and stopped(saying, match, tokens))
    held = "past" if past else "now" if ends else held_of(clause, attribute.name, match)
    since, until = spans_of(" ".join(token.text for token in tokens), said_at)
    start = tokens[match.start].start
    end = tokens[max(match.end - 1, match.start)].end
    if match.constant and not _is_meant(attribute.name, clause):
        return
    if match.constant:
        whatever = match.constant == WHATEVER
        made = Candidate(
            subject,
            attribute.name,
            value="" if whatever else match.constant,
            key="" if whatever else key_of(match.constant),
            start=start,
            end=end,
            ends=ends,
            held=held,
            confidence=_GUESSED if saying.implied else 0.9,
            since=since,
            until=until,
        )
        yield made
        return
    for phrase in match.phrases:
        if attribute.name == "name" and not (
            is_name(phrase, grammar.lists.values()) and _is_close(phrase, match, tokens)
        ):
            continue
        if fits(attribute.name, phrase) and not is_title(attribute.name, phrase, tokens):
            value = shown_value(attribute.name, phrase, clause)
            yield Candidate(
                subject,
                attribute.name,
                value=value,
                key=key_of(value),
                start=min(start, phrase.start),
                end=max(end, phrase.end),
                ends=ends,
                held=held,
                confidence=_GUESSED if saying.implied else 0.9,
                since="" if attribute.name == "birthday" else since,
                until=until,
            )


def _is_meant(attribute: str, clause: Clause) -> bool:
    """Return whether no other drink is named where one is said not to drink: кофе не пью."""
    if attribute != "alcohol" or not any(map(cyrillic, clause.tokens)):
        return True
    readings = [token.readings[0] for token in clause.tokens if token.is_word]
    return {each.lemma for each in readings if each.pos == "noun"} <= {"алкоголь", "год", "день"}


def _single(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return candidates in the order of the turn, each that is told twice on end once, the last."""
    found: list[Candidate] = []
    latest: dict[tuple[str, str, str], int] = {}
    for each in sorted(candidates, key=lambda candidate: candidate.start):
        name = (each.subject, each.attribute, each.key)
        at = latest.get(name)
        if at is not None and found[at].ends == each.ends:
            found[at] = each
        else:
            latest[name] = len(found)
            found.append(each)
    return found


def _value_span(match: Match, made: Candidate) -> tuple[int, int]:
    for phrase in match.phrases:
        if phrase.text.casefold() == made.value.casefold():
            return phrase.start, phrase.end
    return made.start, made.end


def _taken(span: tuple[int, int], claimed: Sequence[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in claimed)
