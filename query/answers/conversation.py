"""Questions that only their conversation makes whole: "And when did it close?"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memctl.ingest import detect
from memctl.query.answers.another import alone, is_thing, swapped, without, without_times
from memctl.query.parts import asks, names_in, points_back
from memctl.query.rewrite import Turn
from memctl.query.terms import stems

_MOST = 6  # names and words that a question is lent
_TURNS = 8  # that are looked back on
_GOES_ON = re.compile(r"^\s*(?:what about|how about|and|but|also|а что|а|и|но|ещё|еще)\b", re.I)
_ABOUT = re.compile(r"(?:what|how) about\b|(?:что|как) (?:насчёт|насчет|с|со|у)\b|что там\b", re.I)
_THERE = re.compile(r"\b(?:there|там)\b", re.I)
_MARKED = re.compile(r"\[[^\]]*\]")
_WORD = re.compile(r"\w[\w-]*")


def made_whole(question: str, turns: Sequence[Turn]) -> str:
    """Return a question with what it takes from the conversation before it.

    One that goes on and names another person, thing or time alone is the last question, asked of
    that. Else it is lent, in brackets, the names, or else the words, of the last question, and the
    names of its answer where it points back. A question that stands alone stays as it is.
    """
    asked = _before(turns)
    if not asked:
        return question
    other = _another(question, asked)
    if other:
        return other
    if not _leans(question):
        return question
    return _with(question, _lent(question, asked, turns))


def _before(turns: Sequence[Turn]) -> str:
    """Return the last question of a conversation; one that says nothing by itself, made whole."""
    users = [at for at, turn in enumerate(turns) if turn.role == "user"]
    if not users:
        return ""
    asked, before = turns[users[-1]].text, turns[max(0, users[-1] - _TURNS) : users[-1]]
    goes_on = _GOES_ON.match(asked)
    bare = goes_on is not None and (not stems(asked) or alone(asked[goes_on.end() :].strip()))
    return made_whole(asked, before) if bare else asked


def _another(question: str, asked: str) -> str:
    """Return the last question, asked of what this one names; empty where it says more."""
    goes_on = _GOES_ON.match(question)
    rest = question[goes_on.end() :].strip() if goes_on else ""
    other = alone(rest)
    if other is None or (asks(rest) and not _ABOUT.match(rest)):
        return ""
    return swapped(asked, other) or _with(question, _words(without(asked, other)))


def _leans(question: str) -> bool:
    """Return whether a question rests on something that it does not name."""
    if names_in(question) and not points_back(question, detect(question)):
        return False
    return (
        points_back(question, detect(question))
        or bool(_GOES_ON.match(question))
        or len(question.split()) == 1
        or not stems(question)
    )


def _lent(question: str, asked: str, turns: Sequence[Turn]) -> list[str]:
    """Return the names and words that a question takes over.

    One that asks with words of its own and points nowhere may well be of something else: it takes
    the last thing alone, as more words than its own would be answered in their place.
    """
    names = names_in(asked)
    if points_back(question, detect(question)):
        return _pointed_at(question, asked, turns)
    if names or not stems(question) or not asks(_GOES_ON.sub("", question)):
        return names or _words(asked)
    words = _words(asked)
    return ([word for word in words if is_thing(word)] or words)[-1:]


def _pointed_at(question: str, asked: str, turns: Sequence[Turn]) -> list[str]:
    """Return what a question may point back to: "it" is no month, but one may be "there" then."""
    answered = next((turn.text for turn in reversed(turns) if turn.role == "assistant"), "")
    told = names_in(" ".join(_MARKED.sub("", answered).split()))
    names = names_in(asked)
    if _THERE.search(question):
        return [*(names or _words(asked)), *told]
    return without_times([*(without_times(names) or _words(asked)), *told])


def _words(question: str) -> list[str]:
    """Return the words of a question that carry meaning."""
    return [word for word in _WORD.findall(question) if stems(word) and word != "s"]


def _with(question: str, lent: Sequence[str]) -> str:
    """Return a question with what it lacks of what it is lent, in brackets."""
    own = set(stems(question))
    new = [words for words in dict.fromkeys(lent) if not own.issuperset(stems(words))]
    return f"{question} ({', '.join(new[:_MOST])})" if new else question
