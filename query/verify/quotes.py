"""Words that an answer puts in quotation marks: they must stand in a source as they are."""

from __future__ import annotations

import re
import unicodedata

_QUOTED = re.compile(r"«([^«»]+)»|“([^“”]+)”|„([^„“”]+)[“”]|\"([^\"]+)\"")
_LEAST = 3  # words: fewer are a title or a term
_SOFT = re.compile("[\u00ad\u200b-\u200d\u2060]")
_BROKEN = re.compile(r"(?<=\w)-\s*\n\s*(?=\w)")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_MARKS = re.compile("[«»“”„‟\"‘’‚‛'`]")
_BEFORE = re.compile(r"\s+([,.;:!?)])")
_BLANKS = re.compile(r"\s+")


def missing_quotes(statement: str, sources: list[str]) -> list[str]:
    """Return the quotes of a statement that stand in no source.

    They are compared after NFKC, with white space, hyphens, dashes and quotation marks folded;
    a word that a line break parts is whole.
    """
    quotes = [next(group for group in groups if group) for groups in _QUOTED.findall(statement)]
    wanted = [quote for quote in quotes if len(quote.split()) >= _LEAST]
    if not wanted:
        return []
    held = [_folded(source) for source in sources]
    return [
        quote for quote in wanted if not any(_folded(quote).strip(" .,;:…") in own for own in held)
    ]


def _folded(text: str) -> str:
    whole = _BROKEN.sub("", _SOFT.sub("", unicodedata.normalize("NFKC", text)))
    whole = _BEFORE.sub(r"\1", whole)
    return _BLANKS.sub(" ", _MARKS.sub("'", _DASHES.sub("-", whole))).casefold().replace("ё", "е")
