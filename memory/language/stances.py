"""How a clause is meant: as said, as past, as a question, a wish, a request, or under an if."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from memctl.memory.language.subjects import first_person
from memctl.memory.language.token import Token

Stance = Literal["said", "past", "question", "unsure", "wish", "request"]
ASKING = frozenset(
    "кто что где куда откуда когда как какой какая какое какие каким каких какую какого каком кем"
    " чем чего кому чему почему зачем сколько чей чья ли разве неужели можно подскажи посоветуй"
    " who what where when how why which whom whose".split()
)
# These ask where a clause begins with them.
_AUXILIARIES = frozenset(
    "can could should would do does did is are am will may was were have has had shall".split()
)
_OPEN_ASKING = (ASKING | frozenset("can could should would do does did".split())) - frozenset(
    "что как когда when".split()
)
_UNSURE = frozenset(
    "бы б если допустим предположим представь представим вообрази будто якобы"
    " if would could might imagine suppose pretend hypothetically unless".split()
)
_WISH = frozenset(
    "хотеть хотеться мечтать планировать собираться думать надеяться пора надо нужно"
    " want wish hope plan consider".split()
)
_PAST = frozenset(
    "раньше прежде когда-то некогда давно formerly previously once раньше-то бывало".split()
)
_PAST_PHRASES = re.compile(
    r"\b(?:used to|back (?:then|in)|when i was|in my (?:youth|childhood|twenties|teens)"
    r"|в (?:детстве|молодости|юности|институте|школе|студенчестве|универе|моё время|то время)"
    r"|до этого|в прошлом(?! (?:году|месяце)))\b",
    re.IGNORECASE,
)
# What did not come about, or was thought in error: I almost moved, чуть не купил.
_NOT_QUITE = re.compile(
    r"\b(?:almost|nearly) (?:\w+ed|bought|got|went|took|left|became|had|quit|lost|sold|began)\b"
    r"|\b(?:чуть|едва) (?:было )?не\b"
    r"|\b(?:assumes|thinks|believes) (?:that )?(?:i|we)\b"
    r"|\bthought (?:that )?(?:i|we) (?:was|were|had)\b|\bдумал[аи]?$"
)
_REQUEST = frozenset(
    "напиши придумай составь переведи расскажи перескажи помоги дай сделай объясни опиши подбери"
    " найди исправь перепиши проверь покажи посчитай сочини забацай сообрази"
    " напомни предложи назови"
    " write translate rewrite summarize summarise proofread make give help tell"
    " explain create draft"
    " suggest list show describe compose generate fix please".split()
)


def stance_of(tokens: Sequence[Token], *, asks: bool, last: bool, first: bool) -> Stance:
    """Return how a clause of a sentence is meant.

    ``asks`` says that the sentence ends with a question mark; ``first`` and ``last`` that the
    clause is its first or last.
    """
    words = [token for token in tokens if token.is_word]
    folded = [token.folded for token in words]
    lemmas = {lemma for token in words for lemma in token.lemmas()} | set(folded)
    if not words:
        return "said"
    if any(word in _REQUEST for word in folded[:2]):
        return "request"
    asking = bool(set(folded) & ASKING) or folded[0] in _AUXILIARIES
    if asks and (last or asking) and not _factive(folded):
        return "question"
    if first and (folded[0] in _OPEN_ASKING or " ".join(folded[:2]) in _OPENERS):
        return "question"
    if _unsure(tokens, folded, lemmas):
        return "unsure"
    if _wishes(words):
        return "wish"
    if lemmas & _PAST or (_PAST_PHRASES.search(_text(tokens)) and not _present(words)):
        return "past"
    return "said"


def _unsure(tokens: Sequence[Token], folded: Sequence[str], lemmas: set[str]) -> bool:
    if {"ли", "whether"} & set(folded) or _NOT_QUITE.search(" ".join(folded)):
        return True
    supposed = bool(lemmas & _UNSURE) and not is_sure(tokens)
    return supposed or ("wish" in folded and "to" not in folded)


_OPENERS = frozenset({"а что", "а как", "а где", "а кто", "what is", "do you", "are there"})


def _present(words: Sequence[Token]) -> bool:
    """Return whether a verb of Russian tells what is: работаю в школе."""
    return any(each.readings[0].tense == "pres" for each in words)


def _text(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens)


def _factive(folded: Sequence[str]) -> bool:
    """Return whether a clause of a question takes something for granted: «то, что я играю»."""
    joined = " ".join(folded)
    return bool(
        re.search(r"\b(?:то что я|если я уже|раз я|потому что я|the fact that i)\b", joined)
    )


def is_sure(tokens: Sequence[Token]) -> bool:
    """Return whether an «if» only takes up what is so: если я в футбол гоняю уже."""
    words = [token for token in tokens if token.is_word]
    folded = [token.folded for token in words]
    at = next((at for at, word in enumerate(folded) if word in {"если", "if"}), -1)
    if at < 0 or _OPEN_STILL & set(folded):
        return False
    if at > 2 and any(map(_of_first_person, words[:at])) and is_settled(words[:at]):
        return True  # what comes first is so: I'm a virgo if that explains anything
    return "уже" in folded and "бы" not in folded and any(first_person(each) for each in tokens)


_OPEN_STILL = frozenset("would 'd could might бы б".split())


def _of_first_person(token: Token) -> bool:
    return token.folded in {"i", "'m", "я", "меня", "мне"} or first_person(token)


def is_settled(words: Sequence[Token]) -> bool:
    """Return whether a main clause says what is or was, and not what somebody is about to do."""
    if any(token.folded.endswith("ing") for token in words):
        return False
    verbs = [token for token in words if token.readings[0].pos == "verb"]
    return all(
        token.folded in {"'m", "am", "was", "have", "had"} or token.readings[0].tense == "past"
        for token in verbs
    )


_RATHER = frozenset("love like prefer rather".split())


def _folded(words: Sequence[Token], at: int) -> set[str]:
    return {token.folded for token in words[at : at + 1]}


def _wishes(words: Sequence[Token]) -> bool:
    for number, token in enumerate(words):
        if token.lemmas() & _WISH:
            following = words[number + 1 : number + 5]
            if any(each.is_pos("inf") or each.folded == "to" for each in following):
                return True
        if token.folded in {"thinking", "considering", "подумывать"} or token.has("подумывать"):
            return True
        if token.folded in {"'d", "would"} and _folded(words, number + 1) & _RATHER:
            return True
        if token.folded == "going" and [w.folded for w in words[number + 1 : number + 2]] == ["to"]:
            return True
    if _comes(words):
        return True
    return any(_is_future(token) or token.folded in {"will", "'ll"} for token in words)


# What is under way and bears a time to come: I'm moving to Madrid next summer.
_COMING = re.compile(
    r"(?:(?:^| )(?:am|are|'m|'re) (?:.* )?(?:moving|relocating|turning|starting|joining|leaving"
    r"|getting|becoming|switching)\b.*\b(?:next|tomorrow|soon|at the end of|from (?:monday|next)"
    r"|in (?:a|an|two|three|\d+) (?:day|week|month|year)s?"
    r"|on (?:mon|tues|wednes|thurs|fri|satur|sun)day)\b)"
    r"|\b(?:летом|осенью|зимой|весной|завтра|скоро|со? следующ\w+|в следующ\w+|на следующ\w+"
    r"|через (?:\w+ )?(?:день|дня|дней|недел\w|месяц\w*|год\w*|лет)|в конце (?:месяца|года)"
    r"|с понедельника)\b"
)
_LONG = 400  # characters of a clause that is looked at so
_GOING = frozenset("переезжать уезжать уходить выходить увольняться устраиваться жениться".split())


def _comes(words: Sequence[Token]) -> bool:
    """Return whether a clause in the present tells what is to come."""
    text = " ".join(token.folded for token in words)
    if len(text) > _LONG or not _COMING.search(text):
        return False
    english = any(token.folded in {"am", "are", "'m", "'re"} for token in words)
    going = any(
        token.readings[0].tense == "pres" and token.readings[0].lemma in _GOING for token in words
    )
    return english or going


def _is_future(token: Token) -> bool:
    """Return whether a word of Russian is a verb in the future, and cannot be in the present."""
    tenses = {each.tense for each in token.readings if each.pos == "verb"}
    return token.readings[0].pos == "verb" and "futr" in tenses and "pres" not in tenses
