"""The few words of a sentence that a factoid question asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memctl.query.answers.asked import kind_of, things
from memctl.query.verify.numbers import unit_of

_BETWEEN = re.compile(r"\s+(?:(?:of|the|de|van|von|и|на)\s+)?")
_NEXT = re.compile(r"[\u00a0 -]?([^\W\d_]+|[%°$€£₽])")
_YEAR_WORD = re.compile(r"[\u00a0 ](?:год[ауе]?\b|г\.)", re.IGNORECASE)


def short_span(question: str, sentence: str) -> tuple[int, int] | None:
    """Return where a sentence has what a question asks for; None where that is not certain.

    It is where the sentence has one thing of the kind, and the question asks for one: a number
    with its unit, a date, or a name with all its parts.
    """
    kind = kind_of(question)
    found = things(kind, question, sentence)
    if kind in {"person", "place"}:
        found = _joined(found, sentence)
    if len(found) != 1:
        return None
    start, end = found[0]
    if kind == "count":
        end = _with_unit(sentence, end)
    if kind == "time" and (word := _YEAR_WORD.match(sentence, end)):
        end = word.end()
    return start, end


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
    word = _NEXT.match(text, end)
    return word.end() if word and unit_of(word.group(1).casefold()) else end
