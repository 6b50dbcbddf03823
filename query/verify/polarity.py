"""What a sentence denies, and words that say the opposite, in Russian and English."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

from memctl.query.terms import stem, stems, words

_NOT = frozenset(
    "not no never none neither nor without cannot nobody nothing nowhere hardly unable fail failed"
    " fails lack lacks lacked n't не нет ни никогда без нельзя никто ничто ничего нигде никакой"
    " никаких отсутствует отсутствуют".split()
)
_CONTRACTED = re.compile(r"(\w+)n['’]t\b", re.IGNORECASE)
_REACH = 1  # words that a negation reaches
_NEIGHBOURS = 2
_CLAUSE = re.compile(
    r"[,;:()—–]|\b(?:but|and|or|which|who|that|but also|но|а|и|или|котор\w+|что)\b"
)
_BARE = frozenset("only just merely только лишь merely".split())  # "not only" denies nothing

# Words and their opposites.
PAIRS = [
    (one, other)
    for pair in """
increase decrease, increased decreased, increases decreases, rise fall, rose fell, rises falls,
grow shrink, grew shrank, gain lose, gained lost, win lose, won lost, more less, more fewer,
higher lower, high low, larger smaller, greater smaller, bigger smaller, longer shorter,
older younger, before after, earlier later, first last, begin end, began ended, start stop,
started stopped, start end, started ended, open close, opened closed, accept reject,
accepted rejected, allow forbid, allowed forbidden, allowed banned, support oppose,
supported opposed, include exclude, included excluded, enter leave, arrive depart, buy sell,
bought sold, north south, east west, northern southern, eastern western, upper lower, above below,
inside outside, always never, all none, most few, many few, maximum minimum, best worst,
better worse, positive negative, male female, man woman, men women, father mother, husband wife,
brother sister, son daughter, success failure, succeeded failed, agree disagree, public private,
left right, early late, strong weak, hot cold, true false, possible impossible, legal illegal,
activates inhibits, activate inhibit, activation inhibition, promotes inhibits, promote inhibit,
promotes suppresses, enhances reduces, improve worsen, improves worsens, raise lower,
presence absence, present absent, upregulated downregulated, necessary unnecessary,
увеличить уменьшить, увеличил уменьшил, увеличивает уменьшает, увеличение уменьшение,
вырос упал, выросла упала, рост падение, повысить снизить, повысил снизил, повышает снижает,
выше ниже, высокий низкий, больше меньше, более менее, большой маленький, старше младше,
до после, раньше позже, ранний поздний, первый последний, начался закончился, начало конец,
открыл закрыл, открыть закрыть, принял отклонил, разрешил запретил, поддержал отверг,
включает исключает, купил продал, выиграл проиграл, победил проиграл, победа поражение,
северный южный, восточный западный, север юг, восток запад, верхний нижний, внутри снаружи,
всегда никогда, все никто, максимум минимум, лучший худший, лучше хуже, мужчина женщина,
отец мать, муж жена, брат сестра, сын дочь, успех неудача, согласился отказался,
сильный слабый, горячий холодный, возможно невозможно, длинный короткий, быстрый медленный,
улучшает ухудшает, усиливает ослабляет, положительный отрицательный
""".replace("\n", " ").split(",")
    for one, other in [pair.split()]
]


_MORE = (
    "increase raise elevate enhance boost grow higher more greater rise upregulate promote"
    " stimulate activate accelerate induce"
)
_LESS = (
    "decrease reduce lower decline fall drop diminish lessen less fewer smaller downregulate"
    " inhibit suppress block attenuate impair prevent abolish"
)


def denied(text: str) -> frozenset[str]:
    """Return the stems that a text denies and does not say as well: what follows a negation."""
    found: list[str] = []
    expanded = _CONTRACTED.sub(r"\1 not", text)
    for clause in _CLAUSE.split(expanded):
        spoken = words(clause)
        at_negations = (at for at in range(len(spoken)) if _negates(spoken, at))
        found.extend(word for at in at_negations for word in _reached(spoken, at))
    counts = Counter(stems(expanded))
    denials = Counter(found)
    return frozenset(word for word, times in denials.items() if times >= counts[word])


def denies(text: str) -> bool:
    """Return whether a text denies something."""
    spoken = words(_CONTRACTED.sub(r"\1 not", text))
    return any(_negates(spoken, at) for at in range(len(spoken)))


def are_opposites(one: str, other: str) -> bool:
    """Return whether two stems say the opposite of each other."""
    return other in _opposites().get(one, ())


def _negates(spoken: Sequence[str], at: int) -> bool:
    return spoken[at] in _NOT and not _BARE.intersection(spoken[at + 1 : at + 2])


def opposed(statement: str, evidence: Sequence[str]) -> list[tuple[str, str]]:
    """Return the words of a statement in whose place the evidence has their opposite.

    A word and its opposite stand in the same place where a word of meaning near them is the same.
    """
    pairs = _opposites()
    said = stems(statement)
    found: list[tuple[str, str]] = []
    for text in evidence:
        there = stems(text)
        found.extend(
            (own, other)
            for at, own in enumerate(said)
            for other in pairs.get(own, frozenset()).intersection(there)
            if own not in there and _beside(said, at) & _beside(there, there.index(other))
        )
    return list(dict.fromkeys(found))


def turned(statement: str, whole: str) -> list[tuple[str, str]]:
    """Return the words of a statement that a text has nowhere, while it has their opposite."""
    pairs, held = _opposites(), {stem(word) for word in words(whole)}
    return [
        (word, min(there))
        for word in dict.fromkeys(words(statement))
        if stem(word) not in held and (there := pairs.get(stem(word), frozenset()) & held)
    ]


def _beside(spoken: Sequence[str], at: int) -> set[str]:
    return set(spoken[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS + 1])


def _reached(spoken: Sequence[str], at: int) -> list[str]:
    """Return the stems of the next words of meaning that a negation reaches."""
    return stems(" ".join(spoken[at + 1 : at + 1 + 2 * _REACH]))[:_REACH]


@cache
def _opposites() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for pair in PAIRS:
        one, other = (stem(word.replace("ё", "е")) for word in pair)
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    more, less = ({stem(word) for word in group.split()} for group in (_MORE, _LESS))
    for ones, others in ((more, less), (less, more)):
        for word in ones:
            found.setdefault(word, set()).update(others)
    return {word: frozenset(opposite) for word, opposite in found.items()}
