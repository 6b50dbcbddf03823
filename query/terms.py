"""The words of a text that carry its meaning, as stems, in Russian and English."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from memctl.ingest import folded, twins

_WORD = re.compile(r"\w+(?:[.,:/-]\d+)*")
_CYRILLIC = re.compile("[а-я]")

# Words that a question is made of and no answer is found by.
_STOP = frozenset(
    """
    a about above after all also am an and any are as at be been before being both but by can could
    did do does doing for from had has have having he her here hers him his how i if in into is it
    its itself just me more most my no not of on or other our out over own same she should so some
    such than that the their them then there these they this those through to under up us use used
    very was we were what when where which while who whom whose why will with would you your
    according many much name tell give describe explain called happen happened mean means kind type
    а без более бы был была были было быть в вам вас весь во вот все всего всех вы где да даже для
    до его ее если есть еще ж же за здесь и из или им их к как какая какие каким каких какова каково
    каковы какого какое какой какому какую ко когда кого кому который которая которые которого
    которой которую кто куда ли либо мне много может можно мой мы на над надо нас наш не него нее
    нет ни них но ну о об один однако он она они оно от очень по под при про раз с сам свой себя со
    сколько так также такая такие такое такой там те тем то того тоже той только том тот ту ты у уже
    чего чей чем через что чтобы чье чья эта эти это этого этой этом этот эту я называется зовут
    назови назовите расскажи расскажите объясни опиши значит означает происходит делает делают
    """.split()
)


def stems(text: str) -> list[str]:
    """Return the stems of the words of ``text`` that are not mere grammar, in order."""
    return [stem(word) for word in words(text) if word not in _STOP]


def words(text: str) -> list[str]:
    """Return the words of ``text``, in small letters, ё as е; numbers keep their points.

    Codes whose letters look alike in both alphabets are in Latin ones.
    """
    return [next(iter(twins(word)), word) for word in _WORD.findall(folded(text))]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the stem of a folded word, by the alphabet that it is written in."""
    stemmer = _stemmer("russian" if _CYRILLIC.search(word) else "english")
    return str(stemmer.stemWord(word))


@cache
def _stemmer(language: str) -> Any:  # noqa: ANN401  the library has no types
    from Stemmer import Stemmer

    return Stemmer(language)
