"""What memory says: one short sentence, in the language of the question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memctl.memory.attributes import FAVOURITE, Grammar
from memctl.memory.language import russian
from memctl.memory.language.reading import read
from memctl.memory.language.subjects import USER
from memctl.memory.language.token import Token
from memctl.memory.prototypes import CONFIDENCE
from memctl.memory.records import Fact

NOTHING = {
    "en": "Nothing is known of that.",
    "ru": "Об этом ничего не известно.",
}
SHOWN = 12  # values of a sentence
_YOUR = {"masc": "Ваш", "femn": "Ваша", "neut": "Ваше", "plur": "Ваши"}
_OF_YOUR = {"masc": "вашего", "femn": "вашей", "neut": "вашего", "plur": "ваших"}


def told(facts: Sequence[Fact], grammar: Grammar, language: str) -> str:
    """Return the facts of one slot as a sentence; of many values the newest, and how many more."""
    first = facts[0]
    several = list(dict.fromkeys(fact.value for fact in facts))
    attribute = grammar.get(first.attribute)
    label = attribute.label(language)
    if first.attribute.startswith(FAVOURITE):
        label = _favourite(label, language)
    who = grammar.relation_word(first.subject, language)
    own = [fact for fact in facts if fact.confidence <= CONFIDENCE and " " in fact.value]
    if len(own) == len(facts) and first.state == "current":  # in the user's own words
        return " ".join(to_second_person(f"{value}.") for value in several)
    values = joined([v for v in several if v not in {fact.value for fact in own}], language)
    if first.state == "denied":
        return _denied(first, label, values, who, language)
    if first.state == "ended":
        return _ended(first, label, values, who, language)
    sentence = attribute.sentence(language)
    if sentence and first.subject == USER:
        return sentence.replace("{}", values)
    if language == "ru":
        head = f"{_your(label)} {label}" if first.subject == USER else _of_relation(label, who)
        return f"{head} — {values}."
    owner = "Your" if first.subject == USER else _possessive(who)
    return f"{owner} {_english(label, values, several=len(several) > 1)}."


def _english(label: str, values: str, *, several: bool) -> str:
    """Return "sports are tennis and chess", or "sport is chess"."""
    plural = label in _PLURAL or (label.endswith("s") and not label.endswith(("ss", "us")))
    if plural and not several:
        one = _PLURAL.get(label) or (
            f"{label[:-3]}y" if label.endswith("ies") else label.removesuffix("s")
        )
        return f"{one} is {values}"
    return f"{label} {'are' if several or plural else 'is'} {values}"


_PLURAL = {"children": "children"}


def joined(values: Sequence[str], language: str) -> str:
    """Return values as a list in words; of very many only the last ones."""
    if len(values) < 2:
        return values[0] if values else ""
    more = len(values) - SHOWN
    last = " и " if language == "ru" else " and "
    if more > 0:
        rest = f"ещё {more:,}" if language == "ru" else f"{more:,} more"
        return f"{', '.join(values[-SHOWN:])}{last}{rest}"
    return ", ".join(values[:-1]) + last + values[-1]


def _denied(fact: Fact, label: str, values: str, who: str, language: str) -> str:
    del fact
    if language == "ru":
        return f"Нет: {label}{'' if who == USER else f' ({who})'} — не {values}."
    return f"No: {label}{'' if who == USER else f' ({who})'} — not {values}."


def _ended(fact: Fact, label: str, values: str, who: str, language: str) -> str:
    until = f" ({fact.valid_to})" if fact.valid_to else ""
    if language == "ru":
        whose = "" if who == USER else f" ({who})"
        return f"Раньше: {label}{whose} — {values}{until}; что теперь, не известно."
    whose = "" if who == USER else f" ({who})"
    return f"Formerly: {label}{whose} — {values}{until}; what is so now is not known."


def _favourite(label: str, language: str) -> str:
    if language != "ru":
        return f"favourite {label}"
    gender = _gender(label)
    ending = {"masc": "любимый", "femn": "любимая", "neut": "любимое", "plur": "любимые"}[gender]
    return f"{ending} {label}"


def _gender(label: str) -> str:
    for token in read(label):
        noun = next((r for r in token.readings if r.pos == "noun" and r.case == "nom"), None)
        if noun is not None:
            return "plur" if noun.number == "plur" else noun.gender or "neut"
    return "neut"


def _your(label: str) -> str:
    return _YOUR[_gender(label)]


def _of_relation(label: str, who: str) -> str:
    """Return «имя вашей собаки»; a person's own name stays as it is."""
    tokens = read(who)
    noun = tokens[0].first("noun") if tokens else None
    head = label[:1].upper() + label[1:]
    if noun is None or who[:1].isupper():
        return f"{head} ({who})"
    form = russian.inflected(who, noun.lemma, "gent", "sing")
    return f"{head} {_OF_YOUR.get(noun.gender or 'masc', 'вашего')} {form}"


def _possessive(who: str) -> str:
    return f"{who}'s" if who[:1].isupper() else f"Your {who}'s"


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
    for number, token in enumerate(tokens):
        out.append(text[at : token.start])
        out.append(_turned(tokens, number))
        at = token.end
    out.append(text[at:])
    said = re.sub(r"\s+", " ", "".join(out)).strip()
    return said[:1].upper() + said[1:]


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
