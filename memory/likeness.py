"""How likely it is that something the user said answers a question: by words, meaning and kind."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from memctl.memory.asking import Asked
from memctl.memory.finding import Finder
from memctl.memory.language import read
from memctl.memory.language.clauses import Clause
from memctl.memory.language.context import OPEN, USER

# Logistic regressions; bench/own_words.py fits them on one set and checks them on others. The first
# number is the intercept, the others belong to ``Signs.values``, the last to the meaning. That of
# the meaning holds for the built-in embedder.
BY_WORDS = (-0.61, 2.11, 0.98, -0.91, -1.61, 1.66, -0.13, -1.0)
BY_BOTH = (-2.48, 1.94, -0.29, -0.61, -1.93, 0.66, -0.76, -0.99, 8.94)
_NEEDED = {
    "number": re.compile(
        r"\bhow (?:many|much|old|tall|long|often|far|big|heavy)\b|\bat what age\b|\bcode\b|\bsize\b"
        r"|\bheight\b|\bweight\b|\bweigh\b|\bage\b"
        r"|\bсколько\b|\bво сколько\b|\bразмер\b|\bрост\b|\bвес\b|\bв каком возрасте\b",
        re.IGNORECASE,
    ),
    "time": re.compile(
        r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|time)\b|\bbirthday\b|\bкогда\b"
        r"|\b(?:какого числа|в каком году|в какой день|во сколько|день рождения)\b",
        re.IGNORECASE,
    ),
    "name": re.compile(
        r"\bnames?\b|\bcalled\b|\bwho(?:se)?\b|\bзовут\b|\bзвали\b|\bимя\b|\bимена\b|\bклички?\b"
        r"|\bкто\b|\bкого\b|\bкому\b|\bчь[ёяию]\b|\bчей\b",
        re.IGNORECASE,
    ),
}
_TIMES = re.compile(
    r"\d|\b(?:jan(?:uary)?|feb(?:ruary)?|march|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|yesterday|today|tomorrow|tonight|weeks?|months?|years?|mornings?|evenings?|noon|spring|summer"
    r"|autumn|winter|январ\w|феврал\w|марта?|апрел\w|ма[йя]|июн\w|июл\w|августа?|сентябр\w"
    r"|октябр\w|ноябр\w|декабр\w|понедельник\w*|вторник\w*|сред[аыуе]|четверг\w*|пятниц\w*"
    r"|суббот\w*|воскресень\w*|вчера|сегодня|завтра|недел\w+|месяц\w*|год\w?|году|лет|утр\w+"
    r"|вечер\w*|полдень|весн\w+|летом|лето|осен\w+|зим\w+)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for an answer, and against it.

    ``share`` of the question's telling words that are in it, rare ones more; whether any is;
    whether it lacks the ``kind`` of thing that is asked for; whether a yes-or-no question has words
    that it does not; whether it names whom the question is about, or speaks of others only; the
    logarithm of how much it was picked from; and the cosine of the two meanings, None where they
    were not compared.
    """

    share: float
    any: float
    lacks: float
    partly: float
    named: float
    others: float
    size: float
    cosine: float | None = None

    @property
    def values(self) -> tuple[float, ...]:
        """The numbers that the regressions take."""
        own = (self.share, self.any, self.lacks, self.partly, self.named, self.others, self.size)
        return own if self.cosine is None else (*own, self.cosine)


def signs(
    asked: Asked,
    text: str,
    said: Sequence[Clause],
    weights: Mapping[str, float],
    *,
    among: int,
    cosine: float | None,
    subject: str,
) -> Signs:
    """Return the signs of a text; ``said`` are its clauses, ``weights`` those of telling words.

    ``among`` is how many texts it was picked from, ``subject`` whom it has to be about.
    """
    held = Finder.stems(text)
    total = sum(weights.values())
    share = sum(weight for term, weight in weights.items() if term in held) / total if total else 0
    subjects = {each.subject for each in said} | {each.mentioned for each in said}
    named = subject != USER and subject in subjects
    own = {USER, OPEN} if subject == USER else {subject}
    others = not {each.subject for each in said} & own and not named
    return Signs(
        share,
        float(share > 0),
        float(lacks(asked.text, text)),
        float(asked.yes_no and share < 1),
        float(named),
        float(others),
        math.log10(max(among, 1)),
        cosine,
    )


def chance(found: Signs) -> float:
    """Return the estimated probability, from 0 to 1, that a text answers the question."""
    intercept, *slopes = BY_WORDS if found.cosine is None else BY_BOTH
    z = intercept + sum(w * x for w, x in zip(slopes, found.values, strict=True))
    return 1 / (1 + math.exp(-max(min(z, 60.0), -60.0)))


def lacks(question: str, text: str) -> bool:
    """Return whether a text has nothing of the kind that a question asks for."""
    needed = {kind for kind, pattern in _NEEDED.items() if pattern.search(question)}
    tokens = [token for token in read(text) if token.is_word]
    if "number" in needed:
        return not any(token.is_number or token.is_pos("num") for token in tokens)
    if "time" in needed:
        return not _TIMES.search(text)
    if "name" in needed:
        return not any(token.capital and token.folded != "i" for token in tokens[1:])
    return False
