"""Whether a phrase can be a value of an attribute, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from memctl.memory.language.clauses import Clause
from memctl.memory.language.phrase import Phrase
from memctl.memory.language.token import Token
from memctl.memory.when import date_in, date_text

_NO_EMPLOYER = frozenset(
    "работа новый должность дом офис удаленка компания команда смена место a the new job place work"
    " company home office team night day least first same".split()
)
_NO_HOBBY = frozenset(
    "job work school university college company team smoking drinking работа школа университет"
    " институт вуз учеба курение".split()
)
_VEHICLES = frozenset("машина автомобиль тачка авто car vehicle".split())
_LONGEST = 200  # characters of a value
_NO_PLAN = frozenset(
    "tell ask know say show share thank hear see talk be let mention сказать спросить знать узнать"
    " показать поделиться поблагодарить рассказать уточнить попросить предложить напомнить".split()
)


def fits(attribute: str, phrase: Phrase) -> bool:
    """Return whether a phrase can be a value of an attribute: no pronoun and no lone adverb."""
    tokens = [token for token in phrase.tokens if token.is_word]
    if not tokens or len(phrase.text) > _LONGEST:
        return False
    if attribute != "language" and all(  # по-немецки is an adverb
        token.readings[0].pos in {"pron", "adv", "conj", "prep"} for token in tokens
    ):
        return False
    check = _CHECKS.get(attribute)
    return check is None or check(phrase, tokens)


def _is_age(phrase: Phrase, _: Sequence[Token]) -> bool:
    return phrase.text.replace(" ", "").isalnum()


def _has_date(phrase: Phrase, _: Sequence[Token]) -> bool:
    return date_in(phrase.text, "2000-01-01") is not None


def _is_plan(_: Phrase, tokens: Sequence[Token]) -> bool:
    return tokens[0].folded not in _NO_PLAN


def _is_hobby(_: Phrase, tokens: Sequence[Token]) -> bool:
    words = {lemma for token in tokens for lemma in token.lemmas()}
    return not words & _NO_HOBBY and not any(
        reading.animate for token in tokens for reading in token.readings[:1]
    )


def _is_employer(_: Phrase, tokens: Sequence[Token]) -> bool:
    words = {lemma for token in tokens for lemma in token.lemmas()}
    place = any(reading.place for token in tokens for reading in token.readings[:1])
    return not words <= _NO_EMPLOYER and not place


def _is_liked(_: Phrase, tokens: Sequence[Token]) -> bool:
    return not any(token.folded in {"бы", "would"} for token in tokens)


_CHECKS: dict[str, Callable[[Phrase, Sequence[Token]], bool]] = {
    "age": _is_age,
    "birthday": _has_date,
    "dislike": _is_liked,
    "employer": _is_employer,
    "hobby": _is_hobby,
    "like": _is_liked,
    "plan": _is_plan,
}


def is_name(phrase: Phrase, lists: Iterable[Collection[str]]) -> bool:
    """Return whether a phrase may be what somebody is called: no word of a list, such as Polish."""
    written = " ".join(token.folded for token in phrase.tokens)
    listed = any({phrase.text.casefold(), written} & set(words) for words in lists)
    return not listed and not (phrase.text.isupper() and len(phrase.text) > 1)


def is_given_name(phrase: Phrase) -> bool:
    """Return whether a dictionary of Russian has a name as one, or does not know the word."""
    first = phrase.tokens[0] if phrase.tokens else None
    if first is None or not first.is_word or first.text.isascii():
        return True
    return any(reading.name for reading in first.readings) or not first.readings[0].known


def is_title(attribute: str, phrase: Phrase, tokens: Sequence[Token]) -> bool:
    """Return whether what looks like kin, a pet or a car is a title: my friend's film «Солярис»."""
    if attribute not in {"sibling", "child", "pet", "car"} or not phrase.tokens:
        return False
    at = tokens.index(phrase.tokens[0])
    if at == 0 or tokens[at - 1].text not in '«“„"':
        return False
    nouns = [token for token in tokens[:at] if token.is_word and token.readings[0].pos == "noun"]
    return attribute != "car" or (bool(nouns) and not _VEHICLES & nouns[-1].lemmas())


def shown_value(attribute: str, phrase: Phrase, clause: Clause) -> str:
    """Return a value as it is shown: of a birthday the date alone.

    The capital that only begins a sentence is none of its own.
    """
    if attribute == "birthday":
        return date_text(phrase.text) or phrase.text
    first = phrase.tokens[0] if phrase.tokens else None
    begins = first is not None and first.start == clause.sentence[0] and first.is_word
    if not begins or first is None or first.text.isupper():
        return phrase.text
    reading = first.readings[0]
    if reading.name or reading.place or not reading.known or first.folded.isascii():
        return phrase.text
    return phrase.text[:1].lower() + phrase.text[1:]
