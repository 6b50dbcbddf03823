"""What a user said, as it is said to them: я купила — вы купили, I am — you are."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memctl.memory.language import russian
from memctl.memory.language.reading import read
from memctl.memory.language.token import Token

_SECOND = {
    "я": "вы",
    "меня": "вас",
    "мне": "вам",
    "мной": "вами",
    "мною": "вами",
    "мой": "ваш",
    "моя": "ваша",
    "мое": "ваше",
    "моё": "ваше",
    "мои": "ваши",
    "моего": "вашего",
    "моей": "вашей",
    "моему": "вашему",
    "моим": "вашим",
    "моем": "вашем",
    "моём": "вашем",
    "мою": "вашу",
    "моих": "ваших",
    "моими": "вашими",
    "мы": "вы",
    "нас": "вас",
    "нам": "вам",
    "нами": "вами",
    "наш": "ваш",
    "наша": "ваша",
    "нашу": "вашу",
    "нашей": "вашей",
    "нашего": "вашего",
    "ты": "я",
    "тебя": "меня",
    "тебе": "мне",
    "i": "you",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "we": "you",
    "us": "you",
    "our": "your",
    "am": "are",
    "'m": "'re",
}


def to_second_person(text: str) -> str:
    """Return what the user said as it is said to them: я купила — вы купили, I am — you are."""
    out: list[str] = []
    at = 0
    tokens = read(text)
    quoted = False
    for number, token in enumerate(tokens):
        quoted = token.text in "«“„" or (quoted != (token.text == '"') and token.text not in "»”")
        kept = quoted or _is_of_a_title(tokens, number)
        out.append(text[at : token.start])
        out.append(token.text if kept else _turned(tokens, number))
        at = token.end
    out.append(text[at:])
    said = re.sub(r"\s+", " ", "".join(out)).strip()
    return said[:1].upper() + said[1:]


def _is_of_a_title(tokens: Sequence[Token], number: int) -> bool:
    """Return whether a capital stands within a sentence: of a name or a title, all but "I"."""
    token = tokens[number]
    within = number > 0 and tokens[number - 1].is_word
    return within and token.capital and token.folded not in {"i", "я"}


def _turned(tokens: Sequence[Token], number: int) -> str:
    token = tokens[number]
    if not token.is_word and token.folded not in _SECOND:
        return token.text
    second = _SECOND.get(token.text.casefold()) or _SECOND.get(token.folded)
    if second is not None:
        upper = token.text[:1].isupper() and token.folded != "i" and number == 0
        return second.capitalize() if upper else second
    verb = token.readings[0] if token.readings else None
    if verb is None or verb.pos != "verb":
        if token.folded == "was" and number and tokens[number - 1].folded == "i":
            return "were"
        return token.text
    if verb.person == "1":
        return _like(russian.inflected(token.text.casefold(), verb.lemma, "2per", "plur"), token)
    if token.folded == "was" and number and tokens[number - 1].folded == "i":
        return "were"
    if verb.tense == "past" and verb.number == "sing" and _own(tokens, number):
        return _like(russian.inflected(token.text.casefold(), verb.lemma, "past", "plur"), token)
    return token.text


def _own(tokens: Sequence[Token], number: int) -> bool:
    """Return whether a verb in the past is the user's: «я» stands near, or nobody else does."""
    near = tokens[max(number - 5, 0) : number + 4]
    if any(token.folded == "я" for token in near):
        return True
    return not any(
        token.is_word
        and token.readings[0].pos in {"noun", "pron"}
        and token.readings[0].case == "nom"
        for token in near
    )


def _like(form: str, token: Token) -> str:
    return form[:1].upper() + form[1:] if token.text[:1].isupper() else form
