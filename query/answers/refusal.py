"""How a model says that the passages hold no answer, and in which language it speaks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memctl.ingest import detect
from memctl.query.answers.prompt import NO_ANSWER
from memctl.query.answers.statements import Stated

_SHORT = 3  # sentences of a refusal at most
_JUDGED = 40  # characters from which on the language of an answer is judged
_SAYS_SO = re.compile(
    r"\b(?:documents?|passages?|texts?|context|sources?|information)\b.{0,60}"
    r"\b(?:do(?:es)? not|don't|doesn't|did not|is not|are not|isn't|aren't|no)\b.{0,40}"
    r"\b(?:answer|contain|mention|provide|say|state|specif|given|available|include|found)"
    r"|\bno (?:information|mention|answer)\b|\b(?:cannot|can't|unable to) (?:answer|find|determine)"
    r"|\bнет (?:ответа|информации|сведений|данных|упоминани)|\bне (?:содерж|упомин|указан|сказано"
    r"|говорится|приводится|сообщается|найден)|\bневозможно (?:ответить|определить|установить)"
    r"|\bне (?:могу|удалось) (?:ответить|найти|определить)",
    re.IGNORECASE,
)


def refuses(text: str, sentences: Sequence[Stated]) -> bool:
    """Return whether an answer only says that there is none."""
    if any(text.strip().startswith(words[:-1]) for words in NO_ANSWER.values()):
        return len(sentences) <= _SHORT
    if not 0 < len(sentences) <= _SHORT:
        return False
    return bool(_SAYS_SO.search(sentences[0].text)) and not any(
        each.cited and not _SAYS_SO.search(each.text) for each in sentences
    )


def other_language(question: str, answer: str) -> str:
    """Return the language of an answer that is not the question's, empty where it is."""
    if len(answer) < _JUDGED:
        return ""
    asked, spoken = detect(question), detect(answer)
    return spoken if spoken not in {asked, "und"} and asked in {"ru", "en"} else ""
