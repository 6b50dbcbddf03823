"""What memory says: one short sentence, in the language of the question."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from memctl.memory.attributes import FAVOURITE, Grammar, Wording
from memctl.memory.language import russian
from memctl.memory.language.context import USER
from memctl.memory.language.nouns import cased
from memctl.memory.language.reading import read
from memctl.memory.prototypes import CONFIDENCE
from memctl.memory.records import Episode, Fact
from memctl.memory.second_person import to_second_person

NOTHING = {
    "en": "Nothing is known of that.",
    "ru": "Об этом ничего не известно.",
}
SHOWN = 12  # values of a sentence
_YOUR = {"masc": "Ваш", "femn": "Ваша", "neut": "Ваше", "plur": "Ваши"}
_OF_YOUR = {"masc": "вашего", "femn": "вашей", "neut": "вашего", "plur": "ваших"}


def told(
    facts: Sequence[Fact],
    grammar: Grammar,
    language: str,
    *,
    at: str = "",
    since: Sequence[Fact] | None = None,
) -> str:
    """Return the facts of one slot as a sentence; of many values the newest, and how many more.

    ``at`` is the date that is asked for; ``since`` what is so now of what can only have one value.
    """
    first = facts[0]
    several = list(dict.fromkeys(fact.value for fact in facts))
    attribute = grammar.get(first.attribute)
    label = attribute.label(language)
    if first.attribute.startswith(FAVOURITE):
        label = _favourite(label, language)
    who = grammar.relation_word(first.subject, language)
    own = [fact for fact in facts if in_own_words(fact)]
    if len(own) == len(facts) and first.state == "current":  # in the user's own words
        return " ".join(to_second_person(f"{value}.") for value in several)
    facts = [fact for fact in facts if fact not in own] or facts
    several = list(dict.fromkeys(fact.value for fact in facts))
    values = joined(several, language)
    wording = attribute.wording(language)
    if first.state == "denied":
        return _denied(wording, label, values, who, language)
    if any(fact.state == "ended" for fact in facts):
        now = None if since is None else [fact.value for fact in since]
        return _ended(facts, label, who, language, at=at, now=now)
    if first.subject == USER and (own_sentence := _sentence(wording, several, language)):
        return _as_told(own_sentence, first, language, changing=attribute.changing)
    if language == "ru":
        head = f"{your(label)} {label}" if first.subject == USER else _of_relation(label, who)
        said = f"{head} — {values}."
    else:
        owner = "Your" if first.subject == USER else _possessive(who)
        plural = len(several) > 1
        known = first.attribute in grammar.attributes
        said = f"{owner} {_english(label, values, several=plural, known=known)}."
    return _as_told(said, first, language, changing=attribute.changing)


def yes_or_no(facts: Sequence[Fact], words: Collection[str], language: str) -> str:
    """Return the word that a yes-or-no question is answered with first, if it names a value."""
    state = next((fact.state for fact in facts if set(fact.key.split()) & set(words)), "")
    return _ANSWERS["ru" if language == "ru" else "en"].get(state, "")


_ANSWERS = {
    "en": {"current": "Yes. ", "denied": "No. ", "ended": "No longer. "},
    "ru": {"current": "Да. ", "denied": "Нет. ", "ended": "Больше нет. "},
}


def in_own_words(fact: Fact) -> bool:
    """Return whether a value is a sentence of the user's, taken by its meaning."""
    return fact.confidence <= CONFIDENCE and " " in fact.value and fact.value in fact.quote


def _sentence(wording: Wording, values: Sequence[str], language: str) -> str:
    """Return the sentence that a file has for values; empty where it has none."""
    if all(value in wording.said for value in values):
        return " ".join(wording.said[value] for value in values)
    named = joined([_with_article(value) for value in values], language)
    return wording.sentence.replace("{a}", named).replace("{}", joined(values, language))


def _with_article(value: str) -> str:
    """Return a value of English as one of its kind: a dog, an iguana; what is counted as it is."""
    first, last = value.split()[0], value.split()[-1]
    plural = last.endswith("s") and not last.endswith(("ss", "us"))
    bare = value.isascii() and value.islower() and not plural and last not in _PLURAL
    if not bare or read(first)[0].is_pos("num"):
        return value
    return f"{'an' if first[0] in 'aeiou' else 'a'} {value}"


def _as_told(said: str, fact: Fact, language: str, *, changing: bool) -> str:
    """Return a sentence with the day it was told, where what it tells does not stay so."""
    if not changing or not fact.learned_at:
        return said
    told_on = "сказано" if language == "ru" else "told on"
    return f"{said.removesuffix('.')} ({told_on} {fact.learned_at})."


def quoted(text: str, episode: Episode, language: str) -> str:
    """Return what somebody said, letter for letter, with who and when."""
    day = f" ({episode.said_at})" if episode.said_at else ""
    russian_ = language == "ru"
    who = episode.speaker or ("Вы говорили" if russian_ else "You said")
    said = " ".join(text.split())
    return f"{who}{day}: «{said}»" if russian_ else f"{who}{day}: “{said}”"


def _english(label: str, values: str, *, several: bool, known: bool) -> str:
    """Return "sports are tennis and chess", or "sport is chess"; what a user calls it stays."""
    if not known:
        return f"{label} {'are' if several else 'is'} {values}"
    if several and label in _COUNTABLE:
        return f"{label}s are {values}"
    plural = label in _PLURAL or (label.endswith("s") and not label.endswith(("ss", "us")))
    if plural and not several:
        one = _PLURAL.get(label) or (
            f"{label[:-3]}y" if label.endswith("ies") else label.removesuffix("s")
        )
        return f"{one} is {values}"
    return f"{label} {'are' if several or plural else 'is'} {values}"


_COUNTABLE = frozenset("name breed surname".split())
_PLURAL = {"children": "child"}


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


def _denied(wording: Wording, label: str, values: str, who: str, language: str) -> str:
    told_so = wording.said.get(("не " if language == "ru" else "not ") + values)
    if told_so and who == USER:
        return told_so
    if wording.none and who == USER:
        return wording.none.replace("{}", _genitive(values) if language == "ru" else values)
    whose = "" if who == USER else f" ({who})"
    no, none = ("Нет", "не") if language == "ru" else ("No", "not")
    return f"{no}: {label}{whose} — {none} {values}."


def _genitive(value: str) -> str:
    """Return a single word in the genitive; longer values as they are."""
    tokens = read(value)
    noun = tokens[0].first("noun") if len(tokens) == 1 else None
    if noun is None or value.isascii():
        return value
    number = noun.number if noun.number == "plur" else "sing"
    return cased(russian.inflected(value.casefold(), noun.lemma, "gent", number), value)


def _ended(
    facts: Sequence[Fact],
    label: str,
    who: str,
    language: str,
    *,
    at: str,
    now: Sequence[str] | None,
) -> str:
    """Return what was so once: at a date, or before what is so ``now``, where one value can be."""
    words = _WORDS["ru" if language == "ru" else "en"]
    whose = "" if who == USER else f" ({who})"
    values = [
        f"{fact.value} ({words['until']} {fact.valid_to})" if fact.valid_to else fact.value
        for fact in facts
    ]
    told_of = f"{label}{whose} — {joined(values, language)}"
    if at:
        return f"{words['day' if len(at) > len('2024-01') else 'in']} {at}: {told_of}."
    if now is None:
        return f"{words['formerly']}: {told_of}."
    rest = f"{words['now']} {joined(now, language)}" if now else words["unknown"]
    return f"{words['formerly']}: {told_of}; {rest}."


_WORDS = {
    "en": {
        "formerly": "Formerly",
        "until": "until",
        "in": "In",
        "day": "On",
        "now": "now",
        "unknown": "what is so now is not known",
    },
    "ru": {
        "formerly": "Раньше",
        "until": "до",
        "in": "В",
        "day": "На",
        "now": "теперь —",
        "unknown": "что теперь, не известно",
    },
}


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
            return "plur" if noun.number == "plur" else noun.gender or "masc"
    return "neut"


def your(label: str) -> str:
    """Return «Ваш» as it agrees with a noun."""
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
