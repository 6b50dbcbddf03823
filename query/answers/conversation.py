"""Questions that only their conversation makes whole: "And when did it close?"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memctl.ingest import detect
from memctl.query.parts import names_in, points_back
from memctl.query.rewrite import Turn
from memctl.query.terms import stems

_MOST = 6  # names and words that a question is lent
_GOES_ON = re.compile(r"^\s*(?:and|but|also|what about|how about|а|и|но|ещё|еще|а что)\b", re.I)
_MARKED = re.compile(r"\[[^\]]*\]")
_WORD = re.compile(r"\w[\w-]*")


def made_whole(question: str, turns: Sequence[Turn]) -> str:
    """Return a question with what it takes from the conversation before it, in brackets.

    It is lent the names, or else the words, of the last question, and the names of its answer
    where it points back. A question that stands alone stays as it is.
    """
    if not turns or not _leans(question):
        return question
    asked = next((turn.text for turn in reversed(turns) if turn.role == "user"), "")
    answered = next((turn.text for turn in reversed(turns) if turn.role == "assistant"), "")
    lent = [*_topic(asked)]
    if points_back(question, detect(question)):
        lent += names_in(" ".join(_MARKED.sub("", answered).split()))
    own = set(stems(question))
    new = [words for words in dict.fromkeys(lent) if not own.issuperset(stems(words))]
    return f"{question} ({', '.join(new[:_MOST])})" if new else question


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


def _topic(question: str) -> list[str]:
    """Return the names of a question, or else its words that carry meaning."""
    if names := names_in(question):
        return names
    return [word for word in _WORD.findall(question) if stems(word)]
