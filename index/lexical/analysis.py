"""From a text to the terms that it is found by: folded, stemmed by language, compounds kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

from memctl.ingest import twins

# Raise it with every change of what a text's terms are: an index of another number is made anew.
VERSION = 3
# What former ones made is searched until it is written again. Of the first, numbers whose thousands
# stand apart are found by their parts alone; of the second, words with marks for vowels are not.
READABLE = frozenset({1, 2, VERSION})

# Snowball's algorithms by the language that a chunk is in, each for words of one script.
_LATIN = {
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "sv": "swedish",
    "tr": "turkish",
}
_CYRILLIC = {"ru": "russian", "sr": "serbian"}
_ARABIC = {"ar": "arabic", "fa": "persian"}
_DEVANAGARI = {"hi": "hindi", "ne": "nepali"}
# Each script: a letter of it, the algorithms by language, and the one where the language of the
# text has no say, because it is written in another script or is not known.
_SCRIPTS: tuple[tuple[re.Pattern[str], dict[str, str], str], ...] = (
    (re.compile("[a-z\u00df-\u024f]"), _LATIN, "english"),
    (re.compile("[\u0400-\u04ff]"), _CYRILLIC, "russian"),
    (re.compile("[\u0370-\u03ff]"), {}, "greek"),
    (re.compile("[\u0600-\u06ff]"), _ARABIC, "arabic"),
    (re.compile("[\u0530-\u058f]"), {}, "armenian"),
    (re.compile("[\u0590-\u05ff]"), {}, "yiddish"),
    (re.compile("[\u0900-\u097f]"), _DEVANAGARI, "hindi"),
    (re.compile("[\u0b80-\u0bff]"), {}, "tamil"),
)
LANGUAGES = frozenset((*_LATIN, *_CYRILLIC, *_ARABIC, *_DEVANAGARI))

# What few type: soft hyphens, invisible joiners, the accent that marks stress in Russian, the
# points of Hebrew, the vowels of Arabic and the stroke that makes its words longer.
_UNSEEN = re.compile(
    "[\u00ad\u200b-\u200f\u2060\ufeff]|(?<=[\u0400-\u04ff])[\u0300\u0301]"
    "|[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]"
    "|[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]"
)
# Where marks that stand on a letter, or for a vowel behind it, go on a word: from and to the last
# character. Scripts that do not part their words, such as Thai and Khmer, are left out: there the
# marks are all that parts a text.
_MARKED = (
    ("\u0300", "\u07ff"),  # of Latin, Greek, Cyrillic, Hebrew, Arabic, Syriac, Thaana, N'Ko
    ("\u0800", "\u0dff"),  # of India, from Devanagari to Sinhala
    ("\u0f00", "\u0fff"),  # Tibetan
    ("\u135d", "\u135f"),  # Ethiopic
    ("\u1ab0", "\u1aff"),  # more for any letter
    ("\u1cd0", "\u1dff"),
    ("\u2de0", "\u2dff"),  # Cyrillic
    ("\ua66f", "\ua69f"),
    ("\ua8e0", "\ua8ff"),  # Devanagari
    ("\ufe20", "\ufe2f"),
)
_MARKS = "".join(
    chr(code)
    for first, last in _MARKED
    for code in range(ord(first), ord(last) + 1)
    if unicodedata.category(chr(code)) in {"Mn", "Mc"}
)


def _going_on(signs: str) -> str:
    """Return the pattern of a run of such signs, with the marks that stand on them."""
    return f"{signs}+(?:[{_MARKS}]+{signs}*)*"


_WORD, _LETTERS, _ALPHANUMERIC = map(_going_on, (r"\w", r"[^\W\d_]", r"[^\W_]"))
# A word, or words joined by signs without a space: a version, a path, an address, an identifier.
# A plus or a sharp at the end belongs to it: C++, F#. Or a number whose thousands stand apart.
_TOKEN = re.compile(
    r"(?<![\w.,])\d{1,3}(?: \d{3})+(?!\w)"
    rf"|{_WORD}(?:[.,:/@&'’_+\\-]+{_WORD})*(?:\+\+|[+#](?!\w))?"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:([ ,'’])\d{3})(?:\1\d{3})*")
PART = re.compile(_ALPHANUMERIC)
_CLITIC = re.compile(r"(?<=\w)['’](?:s|t|d|m|ll|re|ve)(?!\w)", re.IGNORECASE)
# Where a name changes case, or letters and digits meet: getUserName, HTTPServer, RTX4090.
_HUMP = re.compile(
    r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])|(?<=[A-ZА-ЯЁ])(?=[A-ZА-ЯЁ][a-zа-яё])"
    r"|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])"
)
# Nothing but words and what joins them; yet the second is a file, a host, an address.
_PLAIN = re.compile(rf"{_LETTERS}(?:[-'’/&,:.]+{_LETTERS})*")
_NAME = re.compile(rf"{_LETTERS}(?:[.@_\\]{_LETTERS})+")
_ALPHABETIC = re.compile(_LETTERS)
# Chinese, Japanese and Korean, which do not part their words, or not as they are asked for.
_UNPARTED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
_LONGEST = 64  # characters of a term: what is longer is encoded data, and found by its beginning
_REMEMBERED = 1 << 17  # tokens: a text is mostly words that were seen before


def normalised(text: str) -> str:
    """Return ``text`` in NFKC without what is not seen; its letters keep their case."""
    return text if text.isascii() else _UNSEEN.sub("", unicodedata.normalize("NFKC", text))


def lowered(word: str) -> str:
    """Return a normalised word folded as it is compared: small, ё as е."""
    return word.casefold().replace("ё", "е")


def terms(text: str, language: str) -> list[str]:
    """Return the terms of a text in ``language``, in order; the parts of a compound follow it."""
    made: list[str] = []
    for token in _TOKEN.findall(normalised(text)):
        made.extend(terms_of(token, language))
    return made


def surfaces(text: str) -> list[str]:
    """Return the folded words of a text as they are written, in order, for exact phrases."""
    made: list[str] = []
    for token in _TOKEN.findall(normalised(text)):
        made.extend(words_of(token))
    return made


def tokens(text: str) -> list[str]:
    """Return the tokens of a text: words, and words that signs join without a space."""
    return _TOKEN.findall(normalised(text))


@lru_cache(_REMEMBERED)
def words_of(token: str) -> tuple[str, ...]:
    """Return the folded words of a token: itself, if it is a name or a number, and its parts."""
    return tuple(word[:_LONGEST] for word in _words_of(token))


def is_compound(token: str) -> bool:
    """Tell whether a token is held whole beside its parts: a name, a version, a path."""
    whole, *rest = words_of(token)
    return bool(rest) and whole == lowered(token)[:_LONGEST]


def parts_of(token: str) -> tuple[str, ...]:
    """Return the folded parts of a token, in order, each once, as they follow it in a text."""
    return tuple(dict.fromkeys(lowered(part)[:_LONGEST] for part in PART.findall(token)))


@lru_cache(_REMEMBERED)
def terms_of(token: str, language: str) -> tuple[str, ...]:
    """Return the terms of a token of a text in ``language``."""
    return tuple(stem(word, language) for word in words_of(token))


def stem(word: str, language: str) -> str:
    """Return the stem of a folded word of a text in ``language``."""
    algorithm = algorithm_for(word, language)
    return str(_stemmer(algorithm).stemWord(word)) if algorithm else word


def algorithm_for(word: str, language: str) -> str:
    """Return the name of Snowball's algorithm for a folded word; empty for none."""
    if len(word) < 3 or not (word.isalpha() or _ALPHABETIC.fullmatch(word)):
        return ""
    for letter, by_language, otherwise in _SCRIPTS:
        if letter.search(word):
            return by_language.get(language, otherwise)
    return ""


def alternatives(word: str, languages: Iterable[str]) -> list[str]:
    """Return the terms that a folded word of a question may be in texts of these languages.

    A code is one in letters of the other alphabet that look alike, too.
    """
    found = dict.fromkeys(stem(word, language) for language in languages)
    return list(dict.fromkeys((*found, *twins(word)))) or [stem(word, "und")]


@cache
def _stemmer(algorithm: str) -> Any:  # noqa: ANN401  the library has no types
    from Stemmer import Stemmer

    return Stemmer(algorithm, 0)  # what was stemmed is remembered above


def _words_of(token: str) -> list[str]:
    if token.isalpha() and not _UNPARTED.search(token):
        humps = _HUMP.split(token) if not (token.islower() or token.istitle()) else [token]
        whole = lowered(token)
        # One capital within is a name such as McDonald; a part of one letter is no word.
        return [whole] if len(humps) < 2 else [whole, *map(lowered, humps)]
    if _UNPARTED.search(token):
        return list(_pairs(token))
    token = _CLITIC.sub("", token)
    parts = [lowered(part) for part in PART.findall(token)]
    if _THOUSANDS.fullmatch(token):
        return ["".join(parts), *parts]
    if _PLAIN.fullmatch(token) and not _NAME.fullmatch(token):
        return parts
    fine = [lowered(hump) for part in PART.findall(token) for hump in _HUMP.split(part)]
    whole = lowered(token)
    return list(dict.fromkeys([whole, *parts, *fine]))


def _pairs(token: str) -> Iterator[str]:
    """Yield the pairs of neighbours of unparted writing, and the words between."""
    at = 0
    for run in _UNPARTED.finditer(token):
        yield from (lowered(part) for part in PART.findall(token[at : run.start()]))
        signs = run.group()
        yield from (signs[n : n + 2] for n in range(max(len(signs) - 1, 1)))
        at = run.end()
    yield from (lowered(part) for part in PART.findall(token[at:]))
