"""A phrase around a noun: in Russian by its cases, in English up to what cannot belong to it."""

from __future__ import annotations

from collections.abc import Sequence

from memctl.memory.language import russian
from memctl.memory.language.phrase import LONGEST, Phrase, cyrillic, made, spaced
from memctl.memory.language.token import Reading, Token

_ENGLISH_STOP = ("prep", "conj", "verb", "adv", "pron")
ARTICLES = frozenset("a an the my our some any his her their your new little".split())
OWN = frozenset(
    "мой наш свой этот тот твой ваш такой никакой один какой-то очередной новый".split()
)
# Behind these a phrase goes on: manager for sales, coffee with milk.
_LINKS = frozenset("по из для без с со of for with".split())
_TIME_WORDS = frozenset(
    "last next this every each year month week ago yesterday today tomorrow since now"
    " сейчас теперь вчера сегодня год лет месяц неделя год назад пока тут здесь там".split()
)


def noun_phrase(tokens: Sequence[Token], at: int, case: str) -> Phrase | None:
    """Return a phrase around a noun that begins at a place; in Russian, in a case if given."""
    if at >= len(tokens) or not tokens[at].is_word:
        return _title(tokens, at, case)
    if cyrillic(tokens[at]):
        return russian_phrase(tokens, at, case)
    return _english(tokens, at)


def _title(tokens: Sequence[Token], at: int, case: str) -> Phrase | None:
    """Return what stands in quotes; a single word of Russian in the nominative: «Яндексе»."""
    phrase = quoted(tokens, at)
    if phrase is None or len(phrase.tokens) != 3 or not cyrillic(phrase.tokens[1]):
        return phrase
    head = noun(phrase.tokens[1], case)
    text = phrase.text if head is None else nominative(phrase.tokens[1], head)
    return made(tokens, at, phrase.after, text)


def quoted(tokens: Sequence[Token], at: int) -> Phrase | None:
    """Return a title between quotes, as it is written."""
    closing = {"«": "»", '"': '"', "“": "”", "„": "“"}
    if at >= len(tokens) or tokens[at].text not in closing:
        return None
    end = closing[tokens[at].text]
    for place in range(at + 1, min(at + LONGEST, len(tokens))):
        if tokens[place].text == end and place > at + 1:
            inner = tokens[at + 1 : place]
            text = spaced(inner)
            return made(tokens, at, place + 1, text)
    return None


def russian_phrase(tokens: Sequence[Token], at: int, case: str) -> Phrase | None:
    """Return adjectives, a noun in the case, and what belongs to it, in the nominative."""
    place = at
    while place < len(tokens) and _before_noun(tokens[place], case):
        place += 1
    head = noun(tokens[place], case) if place < len(tokens) else None
    while head is not None and place + 1 < len(tokens) and _better(tokens, place, case):
        place += 1
        head = noun(tokens[place], case)
    if head is None and place > at:  # an adjective that stands for a noun: цитрусовые
        place -= 1
        head = _adjective(tokens[place], case)
    if head is None or tokens[place].folded in _TIME_WORDS or head.lemma in _TIME_WORDS:
        return None
    begin = at
    while begin < place and tokens[begin].lemmas() & OWN:
        begin += 1
    end = behind(tokens, place + 1, head)
    words = [nominative(token, head) for token in tokens[begin:place]]
    words.append(nominative(tokens[place], head))
    tail = spaced(tokens[place + 1 : end])
    return made(tokens, begin, end, " ".join([*words, tail] if tail else words))


def _before_noun(token: Token, case: str) -> bool:
    """Return whether a word is an adjective that a noun in the case may follow."""
    reading = token.readings[0] if token.readings else None
    if reading is None or reading.pos not in {"adj", "part", "num"} or token.is_number:
        return False
    return any(
        each.pos in {"adj", "part", "num"} and (not case or each.case in {case, "any", ""})
        for each in token.readings
    )


def noun(token: Token, case: str) -> Reading | None:
    """Return how a word is read as a noun in a case; None where it is none."""
    if token.is_word and token.text.isupper() and len(token.text) > 1:
        return Reading(token.folded, pos="noun", case="any")  # МФТИ: no dictionary has them all
    if not token.is_word or token.is_number or token.readings[0].pos in {"conj", "prep", "adv"}:
        return None
    fits = [
        each
        for each in token.readings
        if each.pos == "noun" and (not case or each.case in {case, "any"})
    ]
    if fits or case not in {"acc", "nom"}:
        return fits[0] if fits else None
    # Of a word that no dictionary has the ending is a guess: лозартан.
    guessed = token.first("noun")
    return guessed if guessed is not None and not guessed.known else None


def _adjective(token: Token, case: str) -> Reading | None:
    return next(
        (
            each
            for each in token.readings
            if each.pos == "adj" and (not case or each.case == case) and each.lemma not in OWN
        ),
        None,
    )


def _better(tokens: Sequence[Token], place: int, case: str) -> bool:
    """Return whether the next word is the noun that this one only stands before: сам врач."""
    first = tokens[place].readings[0]
    return first.pos in {"adj", "part"} and noun(tokens[place + 1], case) is not None


def behind(tokens: Sequence[Token], place: int, head: Reading) -> int:
    """Return the place behind what belongs to a noun: genitives, names, and some prepositions."""
    while place < len(tokens):
        token = tokens[place]
        if _belongs(token, head):
            place += 1
        elif token.folded in _LINKS and place + 1 < len(tokens):
            inner = russian_phrase(tokens, place + 1, "")
            if inner is None or _is_time(tokens[place + 1 : inner.after]):
                break
            place = inner.after
        elif (title := quoted(tokens, place)) is not None:
            place = title.after
        else:
            break
    return place


def _belongs(token: Token, head: Reading) -> bool:
    if not token.is_word or token.folded in _TIME_WORDS or token.lemmas() & _TIME_WORDS:
        return False
    first = token.readings[0]
    if first.pos not in {"noun", "adj", "other"} or first.lemma in OWN:
        return False
    genitive = any(each.pos in {"noun", "adj"} and each.case == "gen" for each in token.readings)
    return genitive or first.case == "any" or (token.capital and first.name == head.name)


def _is_time(tokens: Sequence[Token]) -> bool:
    return any(token.lemmas() & _TIME_WORDS for token in tokens)


def nominative(token: Token, head: Reading) -> str:
    """Return a word of a phrase in the nominative, in the number and gender of its head."""
    if not token.readings or token.readings[0].case == "any" or head.case == "any":
        return token.text
    number = head.number or "sing"
    reading = token.first("noun", "adj", "part") or token.readings[0]
    own = next((each for each in token.readings if each == head), reading)
    wanted = ["nomn", number]
    if own.pos in {"adj", "part"} and number == "sing" and head.gender:
        wanted.append(head.gender)
    form = russian.inflected(token.text.casefold(), own.lemma, *wanted)
    return cased(form, token.text)


def cased(form: str, like: str) -> str:
    """Return a form with the capitals that a word was written with."""
    if like.isupper() and len(like) > 1:
        return form.upper()
    parts, given = form.split("-"), like.split("-")
    capitals = [each[:1].isupper() for each in given] + [False] * len(parts)
    return "-".join(
        part[:1].upper() + part[1:] if capital else part
        for part, capital in zip(parts, capitals, strict=False)
    )


def _english(tokens: Sequence[Token], at: int) -> Phrase | None:
    place = at
    while place < len(tokens) and tokens[place].folded in ARTICLES:
        place += 1
    begin = place
    while place < len(tokens) and place - begin < LONGEST and _goes_on(tokens[place]):
        place += 1
        if (
            place > begin
            and place + 1 < len(tokens)
            and tokens[place].folded in {"of", "for"}
            and _goes_on(tokens[place + 1])
        ):
            place += 1
    if place == begin:
        return None
    return made(tokens, begin, place, spaced(tokens[begin:place]))


_BEHIND = frozenset("n't any more either too".split())  # of the verb again: no pork any more


def _goes_on(token: Token) -> bool:
    if token.folded in _TIME_WORDS or token.folded in _BEHIND:
        return False
    if token.folded in {"'s"}:
        return True
    return token.is_word and token.readings[0].pos not in _ENGLISH_STOP
