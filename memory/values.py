"""How values are compared: their words in dictionary form, without what tells nothing apart."""

from __future__ import annotations

from functools import lru_cache

from memctl.memory.language.reading import read

_EMPTY = frozenset(
    "a an the my our of in on at и в на с по мой наш это - — очень very really does do".split()
)
_NOT = frozenset("не нет not n't no never".split())
_SAME = {
    "собачка": "собака",
    "собака": "собака",
    "пес": "собака",
    "песик": "собака",
    "щенок": "собака",
    "щеночек": "собака",
    "кот": "кошка",
    "котик": "кошка",
    "котенок": "кошка",
    "кошечка": "кошка",
    "сынок": "сын",
    "дочка": "дочь",
    "доченька": "дочь",
    "сестренка": "сестра",
    "братик": "брат",
    "попугайчик": "попугай",
    "хомячок": "хомяк",
    "puppy": "dog",
    "pup": "dog",
    "kitten": "cat",
    "kitty": "cat",
    "bunny": "rabbit",
    "kid": "child",
    "каратэ": "карате",
    "pingpong": "ping-pong",
}


@lru_cache(maxsize=65_536)
def key_of(value: str) -> str:
    """Return a value as it is compared: «мальтийскую болонку» is «мальтийская болонка»."""
    words: list[str] = []
    denied = ""
    for token in read(value):
        if token.folded in _NOT:  # what is denied is another value, and no less exact one
            denied = "!"
        elif token.is_word and token.folded not in _EMPTY:
            lemma = token.folded if token.is_number else token.readings[0].lemma
            words.append(denied + _SAME.get(lemma, lemma))
            denied = ""
    return " ".join(words) or value.casefold().strip()


def same(one: str, other: str) -> bool:
    """Return whether two keys mean one value: equal, or one says the other more exactly."""
    if one == other:
        return True
    left, right = set(one.split()), set(other.split())
    short, long_ = sorted((left, right), key=len)
    return bool(short) and short < long_
