"""From a turn to its clauses: who each is about, and whether it says that something is so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

from memctl.ingest import sentence_spans
from memctl.memory.language.context import OPEN, OTHER, USER, Context, Relations, relations_by_name
from memctl.memory.language.quoting import own_words
from memctl.memory.language.reading import read
from memctl.memory.language.spoken import leaves_i_out, put_right
from memctl.memory.language.stances import Stance, is_settled, is_sure, stance_of
from memctl.memory.language.subjects import SELF_OWN, first_person, subject_of
from memctl.memory.language.token import Token

# What a sentence is opened with and what says nothing: you know, кстати.
_OPENER = re.compile(
    r"(?:\s*(?:you know|by the way|btw|listen|look|well|oh|hi|hey|hello|actually"
    r"|anyway|so|also|ok|okay"
    r"|yeah|yes|and|fyi|honestly|to be honest|i mean|you see|just so you know"
    r"|as you know|guess what|(?:it )?turns out(?: that)?"
    r"|знаешь|слушай|кстати|ах да|ах|привет|здравствуй|ну|вот|короче|в общем|вообще|кстати говоря"
    r"|представляешь|смотри|да|ой|а ещё|а еще|и ещё|и еще|к слову|между прочим|честно говоря"
    r"|если серь[её]зно,?(?: то)?|вс[её](?=,)"
    r"|как ты знаешь|как ты помнишь|если честно|если что)\b[\s,!.…—-]*)+",
    re.IGNORECASE,
)
_PARTS = frozenset(", ; : ( ) — – …".split())
_JOINTS = frozenset(
    "и а но зато однако что чтобы если когда хотя который пока потому поэтому ведь так"
    " and but so because that if when while although though which who where or или либо".split()
)


@dataclass(frozen=True, slots=True)
class Clause:
    """Some words of a turn: about whom, and how they are meant.

    ``subject`` is ``user``, the name of a relation, a person's name, or ``other`` for anybody
    else; empty where nothing says it. ``sentence`` has the whole sentence.
    """

    tokens: tuple[Token, ...]
    _: KW_ONLY
    subject: str
    stance: Stance
    sentence: tuple[int, int]
    mentioned: str = ""

    @property
    def words(self) -> frozenset[str]:
        """The folded words and their dictionary forms."""
        return frozenset(each for token in self.tokens for each in (token.folded, *token.lemmas()))


def clauses(
    text: str, relations: Relations, context: Context | None = None
) -> tuple[list[Clause], Context]:
    """Return the clauses of what a user says in their own words, and who was spoken of."""
    context = context or Context()
    found: list[Clause] = []
    own = own_words(text)
    for start, end in sentence_spans(own):
        opener = _OPENER.match(own, start, end)
        start = opener.end() if opener else start
        sentence = own[start:end].strip()
        if not sentence:
            continue
        tokens = put_right(read(own[start:end], offset=start))
        for clause in _of_sentence(tokens, own[start:end], relations, context):
            found.append(clause)
            if clause.mentioned in relations_by_name(relations):
                context = context.with_relation(relations_by_name(relations)[clause.mentioned])
    return found, context


def _of_sentence(
    tokens: Sequence[Token], text: str, relations: Relations, context: Context
) -> Iterator[Clause]:
    parts = list(_parted(tokens))
    asks = text.rstrip().rstrip("»\")'”").endswith("?")
    span = (tokens[0].start, tokens[-1].end) if tokens else (0, 0)
    before = OPEN
    before_stance: Stance = "said"
    before_mentioned = ""
    for number, part in enumerate(parts):
        subject, mentioned = subject_of(part, relations, context)
        if mentioned in {each.name for each in relations.values()}:
            context = context.with_relation(relations_by_name(relations)[mentioned])
        if number > 0 and _is_relative(part):
            subject = before_mentioned or OTHER
        elif number > 0 and subject == USER and before != OPEN and _only_goes_on(part):
            subject = before
        elif subject == OPEN and number > 0:
            third = before == USER and any(_is_third_person(token) for token in part)
            subject = (before_mentioned or OTHER) if third else before
        stance = stance_of(part, asks=asks, last=number == len(parts) - 1, first=number == 0)
        stance = _among(parts, number, stance, before_stance)
        yield Clause(
            tuple(part), subject=subject, stance=stance, sentence=span, mentioned=mentioned
        )
        before, before_stance, before_mentioned = subject, stance, mentioned


def _parted(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the parts of a sentence that have a verb, or something like one, each."""
    part: list[Token] = []
    piece: list[Token] = []
    for token in tokens:
        if token.text in _PARTS or (piece and (token.folded in _JOINTS or _begins(piece, token))):
            if _speaks(piece) and _speaks(part):
                yield part
                part = piece
            else:
                part = [*part, *piece]
            piece = [token]
        else:
            piece.append(token)
    if _speaks(piece) and _speaks(part):
        yield part
        part = piece
    else:
        part = [*part, *piece]
    if part:
        yield part


def _begins(piece: Sequence[Token], token: Token) -> bool:
    """Return whether a sentence begins here though no stop was typed before it."""
    if not token.capital or not piece[-1].is_word or piece[-1].capital or not token.is_word:
        return False
    if piece[-1].readings[0].pos in {"prep", "conj", "other"}:
        return False
    return token.readings[0].pos not in {"noun", "adj", "other"} and token.folded not in {
        "i",
        "may",
        "will",
    }


_WHERE = frozenset("куда где что как какой какие откуда зачем почему what where how".split())
_SPEAKING = frozenset(
    "нет есть зовут женат замужем холост рост вес аллергия люблю надо можно нужно be have do work"
    " live love like play hate go study get".split()
)


_SUBJECTS = frozenset("я мне меня мы ему ей он она they he she we".split())


def _speaks(tokens: Sequence[Token]) -> bool:
    """Return whether a part of a sentence can stand for itself: it has a verb or a subject."""
    for token in tokens:
        if not token.is_word:
            continue
        first = token.readings[0]
        if (
            first.pos == "verb"
            or token.folded in _SPEAKING
            or token.folded in _WHERE
            or token.folded in {"у", "i"}
        ):
            return True
        if token.folded in _SUBJECTS or token.lemmas() & _SPEAKING:
            return True
        if token.lemmas() & SELF_OWN and len(tokens) > 2:
            return True
    return False


def _only_goes_on(tokens: Sequence[Token]) -> bool:
    """Return whether a clause of English is of the user only as nobody is named: and can't eat."""
    words = [token for token in tokens if token.is_word]
    return words[0].is_pos("conj") and leaves_i_out(words)


def _is_third_person(token: Token) -> bool:
    first = token.readings[0] if token.readings else None
    return first is not None and first.pos == "verb" and first.person == "3"


def _is_relative(tokens: Sequence[Token]) -> bool:
    """Return whether a clause tells more of somebody who was just named: which lives."""
    words = [token for token in tokens if token.is_word][:2]
    return any(token.has("который") or token.folded in {"who", "which"} for token in words)


def _among(parts: Sequence[Sequence[Token]], number: int, stance: Stance, before: Stance) -> Stance:
    """Return how a clause is meant beside the others of its sentence."""
    part = parts[number]
    if stance != "said":
        return stance
    if before in {"request", "wish"} and _goes_on(part):
        return before
    if number > 0 and before == "unsure" and not is_sure(part):
        return "unsure"
    if _is_conditional(parts, number):
        return "wish"
    return "unsure" if number > 0 and _is_thought(parts[number - 1], part) else stance


def _is_conditional(parts: Sequence[Sequence[Token]], number: int) -> bool:
    """Return whether a clause is only to come true under the next: I'm getting a dog if I may."""
    following = parts[number + 1] if number + 1 < len(parts) else ()
    first = next((token.folded for token in following if token.is_word), "")
    words = [token for token in parts[number] if token.is_word]
    return first in {"if", "если"} and not is_settled(words)


def _is_thought(before: Sequence[Token], part: Sequence[Token]) -> bool:
    """Return whether a clause says what somebody else thinks: соседка думает, что я флорист."""
    first = next((token.folded for token in part if token.is_word), "")
    own = any(token.folded == "я" or first_person(token) for token in before)
    return first == "что" and not own and any(token.folded in _THINKS for token in before)


_THINKS = frozenset("думает думают считает считают уверен уверена уверены решил решила".split())


def _goes_on(tokens: Sequence[Token]) -> bool:
    """Return whether a clause only says more of what is asked or wished for: that, and to."""
    words = [token.folded for token in tokens if token.is_word]
    return (
        bool(words)
        and words[0] in {"что", "чтобы", "that", "so"}
        and not any(first_person(token) or token.folded in {"я", "i"} for token in tokens)
    )
