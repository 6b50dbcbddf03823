"""Words that a language has, whether a text of the corpus holds them or not."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING

from memctl.memory.language import russian

if TYPE_CHECKING:
    from spellchecker import SpellChecker

_CYRILLIC = re.compile(r"[а-яё]+")


def is_word(folded: str, languages: Collection[str]) -> bool:
    """Return whether a folded word is one of Russian, of English or of one of ``languages``.

    The words of Russian are OpenCorpora's, by pymorphy3; those of other languages are
    pyspellchecker's, which has the commonest. Of a language that neither has no word is known.
    """
    if _CYRILLIC.fullmatch(folded):
        return russian.is_word(folded)
    return any(folded in _checker(each) for each in sorted(_held() & {"en", *languages}))


@cache
def _held() -> frozenset[str]:
    from spellchecker import SpellChecker

    return frozenset(SpellChecker.languages())


@cache
def _checker(language: str) -> SpellChecker:
    from spellchecker import SpellChecker

    return SpellChecker(language=language)
