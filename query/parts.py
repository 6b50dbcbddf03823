"""Questions that are two in one: "Who founded it and when did it close?"."""

from __future__ import annotations

import re

from memctl.ingest import detect

_ASKING = {
    "en": r"who|whom|whose|what|which|when|where|why|how|did|does|do|is|are|was|were|can",
    "ru": (
        r"кто|кого|кому|кем|что|чего|чему|чем|как\w{2,3}|как|когда|где|куда|откуда|почему|зачем"
        r"|сколько|чей|чья|чьё|чьи|в как\w{2,3}|на как\w{2,3}|с как\w{2,3}"
    ),
}
_JOINING = {
    "en": r"\s*[,;]?\s+(?:and|and also|but)\s+",
    "ru": r"\s*[,;]?\s+(?:и|а|а также|но)\s+",
}
_BACK = {  # a word that points back to what the first part names
    "en": re.compile(r"\b(?:it|its|he|she|his|her|they|their|them|him|there|this|that)\b", re.I),
    "ru": re.compile(r"\b(?:он|она|оно|они|его|её|ее|их|ему|ей|им|там|это|этот|эта)\b", re.I),
}
# A name: words that begin with a capital inside a sentence, or what stands in quotes.
_NAME = re.compile(
    r"[«\"“][^»\"”]+[»\"”]|(?<=\s)(?<![.!?…:]\s)[A-ZА-ЯЁ][\w-]*(?:\s+(?:(?:of|the|de|von|и|на)\s+)?[A-ZА-ЯЁ][\w-]*)*"
)


def parts(question: str) -> list[str]:
    """Return the questions that are in one, each with the names that it speaks of.

    It is cut where a joining word is followed by a word that asks, and only if it asks before that
    as well. A part that points back, or names nothing, gets the names of the first. Whatever is
    not surely two questions stays one.
    """
    language = detect(question)
    if language not in _ASKING:
        return [question]
    asking, joining = _ASKING[language], _JOINING[language]
    first = re.match(rf"\s*(?:\w+\s+)?(?:{asking})\b", question, re.IGNORECASE)
    cut = re.search(rf"{joining}(?=(?:{asking})\b)", question, re.IGNORECASE)
    if first is None or cut is None or cut.start() < first.end():
        return [question]
    one, other = question[: cut.start()].strip(" ,;?"), question[cut.end() :].strip(" ,;?")
    if len(one.split()) < 3 or len(other.split()) < 2:
        return [question]
    names = " ".join(names_in(one))
    if names and (points_back(other, language) or not names_in(f" {other}")):
        other = f"{other} {names}"
    return [f"{one}?", f"{other}?"]


def names_in(text: str) -> list[str]:
    """Return the names in a text, each once: not the word that it begins with."""
    return list(dict.fromkeys(_NAME.findall(text)))


def asks(text: str) -> bool:
    """Return whether a text begins with a word that asks, such as "when" or «сколько»."""
    return any(re.match(rf"\s*(?:{each})\b", text, re.IGNORECASE) for each in _ASKING.values())


def points_back(question: str, language: str) -> bool:
    """Return whether a question has a word that points back, such as "it" or «его»."""
    return language in _BACK and bool(_BACK[language].search(question))
