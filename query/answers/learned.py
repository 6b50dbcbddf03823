"""What was learned before a question: lessons, and examples of good answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from memctl.ingest import one_line
from memctl.query.answers.fence import neutral

_LESSONS = {"en": "Learned before:", "ru": "Усвоено раньше:"}
_EXAMPLES = {"en": "Good answers to like questions:", "ru": "Хорошие ответы на похожие вопросы:"}
LOOK_FOR = "look for"  # begins the advice that widens a search
_LONGEST = 600  # characters of one


@dataclass(frozen=True, slots=True)
class Learned:
    """Pairs of texts: when a lesson applies and what to do; a question and its good answer."""

    lessons: tuple[tuple[str, str], ...] = ()
    examples: tuple[tuple[str, str], ...] = ()

    def widened(self, question: str) -> str:
        """Return a question as it is searched for, with what its lessons say to look for."""
        return widened(question, [advice for _, advice in self.lessons])

    def told(self, language: str) -> str:
        """Return it as a model is told it, before the passages; empty where there is none."""
        parts = [
            self._part(_LESSONS[language], self.lessons),
            self._part(_EXAMPLES[language], self.examples),
        ]
        return "".join(parts)

    @staticmethod
    def _part(title: str, pairs: tuple[tuple[str, str], ...]) -> str:
        if not pairs:
            return ""
        lines = [
            f"- {neutral(one_line(each[0]))[:_LONGEST]}: {neutral(one_line(each[1]))[:_LONGEST]}"
            for each in pairs
        ]
        return "\n".join((title, *lines)) + "\n\n"


def widened(question: str, advice: Sequence[str]) -> str:
    """Return a question with the words that advice says to look for."""
    words = [each.partition(":")[2].strip() for each in advice if each.startswith(f"{LOOK_FOR}:")]
    return f"{question} ({', '.join(words)})" if words else question
