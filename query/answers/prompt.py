"""The prompt of an answer: a template that a user can replace, filled with passages as data."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from memctl.ingest import UsageError, detect, one_line
from memctl.query.answers.fence import fence_for, neutral
from memctl.query.answers.learned import Learned
from memctl.query.answers.passages import Passage
from memctl.query.rewrite import Turn

NO_ANSWER = {
    "ru": "В документах нет ответа на этот вопрос.",
    "en": "The documents do not answer this question.",
}
_PARTED = "\n-----\n"
_FIELDS = {"fence", "no_answer", "conversation", "passages", "question"}
_NEEDED = {"passages", "question"}
_TURNS, _LONGEST = 6, 1_000  # of a conversation, and characters of a turn
_SPEAKERS = {
    "en": {"user": "Reader", "assistant": "You"},
    "ru": {"user": "Читатель", "assistant": "Ты"},
}
_SO_FAR = {"en": "The conversation so far:", "ru": "Беседа до этого:"}


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is sent: what it is to do, and what it is asked."""

    instruction: str
    request: str


@dataclass(frozen=True, slots=True)
class Template:
    """A text with the fields of an answer's prompt; a line of five hyphens parts its two halves."""

    text: str

    def __post_init__(self) -> None:
        if self.text.count(_PARTED) != 1:
            raise UsageError(
                "the prompt has no line ----- between the instruction and the request",
                hint="See: memctl ask QUESTION --llm MODEL --show-prompt",
            )
        fields = _fields(self.text)
        request = _fields(self.text.partition(_PARTED)[2])
        if unknown := fields - _FIELDS:
            known = ", ".join(sorted(_FIELDS))
            raise UsageError(
                f"the prompt has an unknown field {{{min(unknown)}}}", hint=f"There are: {known}."
            )
        if lacking := _NEEDED - request:
            raise UsageError(
                f"the request of the prompt has no {{{min(lacking)}}}",
                hint="Passages and question stand beneath the line -----.",
            )

    @classmethod
    def load(cls, file: Path) -> Template:
        """Read a template, whatever ends its lines, with a byte order mark or without.

        Raises:
            UsageError: it cannot be read, or its fields are not those of a prompt.
        """
        try:
            return cls(file.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read {file}: {error}", hint="Check --prompt.") from error

    @classmethod
    def built_in(cls, language: str) -> Template:
        """Return the template of memctl for a language: Russian, or else English."""
        name = "ru" if language == "ru" else "en"
        file = files("memctl.query.answers").joinpath("prompts", f"{name}.txt")
        return cls(file.read_text(encoding="utf-8"))

    def filled(
        self,
        question: str,
        passages: Sequence[Passage],
        turns: Sequence[Turn] = (),
        *,
        learned: Learned | None = None,
    ) -> Prompt:
        """Return the prompt of a question: its passages are fenced, and nothing in them steers.

        What was ``learned`` stands before the conversation.
        """
        language = "ru" if detect(question) == "ru" else "en"
        fence = fence_for(passage.text for passage in passages)
        before = learned.told(language) if learned is not None else ""
        values = {
            "fence": fence,
            "no_answer": NO_ANSWER[language],
            "conversation": before + _conversation(turns, language),
            "passages": "\n".join(_block(each, fence) for each in passages),
            "question": neutral(question),
        }
        instruction, _, request = self.text.partition(_PARTED)
        return Prompt(instruction.format_map(values).strip(), request.format_map(values).strip())


def _block(passage: Passage, fence: str) -> str:
    """Return a passage between its marks, with where it stands."""
    where = neutral(one_line(passage.hit.document))
    if passage.pages:
        where += f", p. {passage.pages[0]}"
    title = neutral(one_line(passage.hit.title))
    head = f"{where} · {title}" if title else where
    return f"===== {fence} [{passage.n}] {head}\n{neutral(passage.text).strip()}\n===== {fence} end"


def _conversation(turns: Sequence[Turn], language: str) -> str:
    if not turns:
        return ""
    names = _SPEAKERS[language]
    said = "\n".join(
        f"{names[turn.role]}: {neutral(one_line(turn.text))[:_LONGEST]}" for turn in turns[-_TURNS:]
    )
    return f"{_SO_FAR[language]}\n{said}\n\n"


def _fields(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise UsageError(
            f"the prompt is no template: {error}", hint="Write {{ for a brace."
        ) from error
