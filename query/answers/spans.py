"""The few words of a sentence that a factoid question asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memctl.query.answers.asked import Kind, kind_of, things
from memctl.query.terms import stems
from memctl.query.verify.names import names_of
from memctl.query.verify.numbers import unit_of

_BETWEEN = re.compile(r"\s+(?:(?:of|the|de|van|von|и|на)\s+)?")
_NEXT = re.compile(r"[\u00a0 -]?(per(?=\scent\b)|(?!per\b)[^\W\d_]+|[%°$€£₽])(?:(?<=per)\scent)?")
# Before a name it is a place's, not a person's.
_PLACED = re.compile(r"\b(?:в|во|на|in|at|near)\s$", re.IGNORECASE)
_SCALE = re.compile(
    r"[\u00a0 ](?:(?:тыс|млн|млрд|трлн)\b\.?|тысяч\w*|мил+и(?:он|ард)\w*|(?:thous|mill|bill)\w+)"
)
# What stands before the second of two dates: "с 16 по 29 июня", "from 16 to 29 June", "16–29 июня".
_RANGE = re.compile(
    r"(?:\b(?:с|со|от|from|between)\s[^.!?\n]{1,30}\s(?:по|до|to|and|till|until)\s|\d\s?[–—-]\s?)$",
    re.IGNORECASE,
)
_YEAR_WORD = re.compile(r"[\u00a0 ](?:год[ауе]?\b|г\.)", re.IGNORECASE)


def short_span(question: str, sentence: str) -> tuple[int, int] | None:
    """Return where a sentence has what a question asks for; None where that is not certain.

    It is where the sentence has one thing of the kind, and the question asks for one: a number
    with its unit, a date, or a name with all its parts. A word that begins the sentence may be a
    name as well, and of two dates of a span neither is the answer.
    """
    kind = kind_of(question)
    found = things(kind, question, sentence)
    if kind in {"person", "place"}:
        found = _joined(found, sentence)
    if len(found) != 1 or _rivalled(kind, question, sentence, found[0][0]):
        return None
    start, end = found[0]
    if kind == "count":
        end = _with_unit(sentence, end)
    if kind == "time" and (word := _YEAR_WORD.match(sentence, end)):
        end = word.end()
    return start, end


def _rivalled(kind: Kind, question: str, sentence: str, start: int) -> bool:
    """Whether something that was not found may be the answer as well as what begins at ``start``.

    That is what looks like a name because it begins a sentence, unless the question names it, the
    first of two dates, and who is not said where a name is that of a place.
    """
    if kind == "time":
        return _RANGE.search(sentence, 0, start) is not None
    if kind not in {"person", "place"}:
        return False
    if kind == "person" and _PLACED.search(sentence, max(0, start - 6), start):
        return True
    asked = set(stems(question))
    opening = (sentence[name.start : name.end] for name in names_of(sentence) if name.first)
    return any(not asked.issuperset(stems(name)) for name in opening)


def _joined(spans: Sequence[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Return spans with those that follow each other as one."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and _BETWEEN.fullmatch(text, found[-1][1], start):
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


def _with_unit(text: str, end: int) -> int:
    scale = _SCALE.match(text, end)
    end = scale.end() if scale else end
    word = _NEXT.match(text, end)
    return word.end() if word and unit_of(word.group(1).casefold()) else end
