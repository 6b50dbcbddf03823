"""Russian words by their grammar, from the dictionary of pymorphy3 (OpenCorpora)."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from memctl.memory.language.token import Reading

_POS = {
    "NOUN": "noun",
    "ADJF": "adj",
    "ADJS": "adj",
    "COMP": "adv",
    "VERB": "verb",
    "INFN": "inf",
    "PRTF": "part",
    "PRTS": "part",
    "GRND": "part",
    "NUMR": "num",
    "NUMB": "num",
    "ADVB": "adv",
    "NPRO": "pron",
    "PRED": "adv",
    "PREP": "prep",
    "CONJ": "conj",
    "PRCL": "adv",
    "INTJ": "adv",
}
_CASES = {
    "nomn": "nom",
    "gent": "gen",
    "gen2": "gen",
    "datv": "dat",
    "accs": "acc",
    "ablt": "ins",
    "loct": "loc",
    "loc2": "loc",
    "voct": "nom",
}
_LIKELY = 0.02  # a reading that is less likely is none
_MOST = 8


@cache
def _library() -> Any:  # noqa: ANN401  it has no types
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


def is_word(folded: str) -> bool:
    """Return whether the dictionary has a folded word, in any of its forms."""
    return bool(_library().word_is_known(folded))


@lru_cache(maxsize=32_768)
def readings(folded: str) -> tuple[Reading, ...]:
    """Return what a folded word may be, likeliest first."""
    found: dict[Reading, None] = {}
    for each in _library().parse(folded)[:_MOST]:
        if each.score >= _LIKELY:
            found.setdefault(_reading(each))
    return tuple(found)


def _reading(parsed: Any) -> Reading:  # noqa: ANN401
    tag = parsed.tag
    return Reading(
        str(parsed.normal_form).replace("ё", "е"),
        pos=_POS.get(str(tag.POS), "noun" if "LATN" in tag else "other"),
        case=_CASES.get(str(tag.case), "any" if "LATN" in tag else ""),
        number=str(tag.number or ""),
        gender=str(tag.gender or ""),
        person=str(tag.person or "")[:1],
        tense=str(tag.tense or ""),
        perfective=str(tag.aspect) == "perf",
        name=bool({"Name", "Surn", "Patr"} & set(tag.grammemes)),
        place="Geox" in tag,
        animate=str(tag.animacy) == "anim",
        known=bool(parsed.is_known),
    )


@lru_cache(maxsize=8_192)
def inflected(folded: str, lemma: str, *grammemes: str) -> str:
    """Return the form of a word that has ``grammemes`` of OpenCorpora; the word where none has.

    ``lemma`` says which of the words that are written so is meant.
    """
    for each in _library().parse(folded):
        if str(each.normal_form).replace("ё", "е") == lemma:
            form = each.inflect(set(grammemes))
            if form is not None:
                return str(form.word)
    return folded
