"""Which language a text is in, as far as memctl treats it differently: Russian, English, other."""

from __future__ import annotations

import re

_LOOKED_AT = 20_000
_WORDS_LOOKED_AT = 3_000

# Letters are counted by runs: a list of words is a fifth as long as one of letters.
_CYRILLIC = re.compile("[\u0400-\u04ff]+")
_LATIN = re.compile("[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]+")
_LATIN_MARKED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]+")
_CYRILLIC_FOREIGN = re.compile("[^\\W\\d_а-яёА-ЯЁ]+")
_CYRILLIC_TEXT = re.compile("[\u0400-\u04ff]+|\\s+")
_WORD = re.compile(r"[^\W\d_]+")

# Words that another language does not have, or not often.
_ENGLISH = frozenset(
    "the of and to is that for it with as was on be by this are from or an at which have not "
    "were has had its what how why when where who does do did can will would should could there "
    "their they you your we our he she his her been but if than then into about all these "
    "those".split()
)
_OTHER = frozenset(
    # German
    "der die das und ist nicht ein eine einen dem den des mit auf für von zu sich auch wird sind "
    # French
    "le les et est une des du dans que qui pas pour sur au aux avec ce cette par ne sont elle "
    # Spanish, Portuguese, Italian
    "el y una por para es del se lo como pero o os um uma não em na ao mais foi "
    "di che è e per non gli della sono nel anche più "
    # Dutch, Polish, Latin, the Nordic languages, Finnish, Turkish, Indonesian, Czech
    "het een en niet zijn dat ik voor nie się jest z w na że ut sed quae cum qui amet "
    "och att det som är på av og ikke til jeg ja ei se ve bir bu için dan yang ini itu je "
    "že".split()
)
_RUSSIAN = frozenset(
    "и в не на что с как по это из к а но его для от же так или был было были она они он мы вы я "
    "то все при бы уже если чтобы который которые также где когда кто у о за до только "
    "есть нет".split()
)
_BULGARIAN = frozenset(
    "са се ще че със във като към бъде няма има които който която което е аз той тя "
    "това този тази тези още съм беше".split()
)
_NOT_ENGLISH = _OTHER - _ENGLISH
_NOT_RUSSIAN = _BULGARIAN - _RUSSIAN


def detect(text: str) -> str:
    """Return ``ru``, ``en``, or ``und`` for anything else and for a text without letters.

    Only the first 20,000 characters are looked at. A short text without evidence against it is
    English if its letters are Latin, and Russian if they are Cyrillic.
    """
    text = text[:_LOOKED_AT]
    if text.isascii():
        words = _WORD.findall(text.casefold())
        return "en" if words and _is_english(words, text) else "und"
    letters = _count(_WORD, text)
    cyrillic = _count(_CYRILLIC, text)
    latin = _count(_LATIN, text)
    if not letters or (cyrillic + latin) * 2 < letters:
        return "und"
    if cyrillic * 4 >= cyrillic + latin:
        return "ru" if _is_russian(text, cyrillic) else "und"
    return "en" if _is_english(_WORD.findall(text.casefold()), text) else "und"


def _is_russian(text: str, letters: int) -> bool:
    """Other languages in Cyrillic show by their letters, Bulgarian by its words."""
    cyrillic = "".join(_CYRILLIC_TEXT.findall(text)).casefold()
    foreign = _count(_CYRILLIC_FOREIGN, cyrillic)
    if foreign * 100 > letters:
        return False
    words = _WORD.findall(cyrillic)
    russian, bulgarian = _hits(words, _RUSSIAN), _hits(words, _NOT_RUSSIAN)
    hard = cyrillic.count("ъ")
    if hard > 2 and hard * 200 > letters and not re.search("[ыэ]", cyrillic):
        return False
    return bulgarian <= max(russian, 1)


def _is_english(words: list[str], text: str) -> bool:
    english, other = _hits(words, _ENGLISH), _hits(words, _NOT_ENGLISH)
    if other > max(english, 1):
        return False
    marked = _count(_LATIN_MARKED, text)
    return english * 10 >= marked or marked * 100 <= _count(_LATIN, text)


def _count(letters: re.Pattern[str], text: str) -> int:
    return sum(map(len, letters.findall(text)))


def _hits(words: list[str], known: frozenset[str]) -> int:
    return len(list(filter(known.__contains__, words[:_WORDS_LOOKED_AT])))
