"""With a language model: a question in other words, as a passage, or freed from its conversation.

What a model writes is searched for and nothing else: it is cut to size, never run, and never shown
as an answer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from memctl.ingest import UsageError, detect
from memctl.query.llm import LanguageModel, LanguageModelError

_TURNS = 8  # of a conversation, the last ones
_LONGEST = 2_000  # characters of a turn, and of a question
_ROLES = {"user": "user", "assistant": "assistant", "agent": "assistant"}
_TURN = 'A turn is {"role": "user" or "assistant", "content": …}.'
_BULLETS = "-*•–—0123456789.) \t"

_VARIANTS = {
    "en": (
        "You rewrite search questions. Write {n} other wordings of the question that find the "
        "same passages by other words. One a line, nothing else."
    ),
    "ru": (
        "Ты переписываешь поисковые вопросы. Напиши {n} других формулировок вопроса, которые "
        "найдут те же отрывки другими словами. По одной в строке, больше ничего."
    ),
}
_PASSAGE = {
    "en": (
        "Write one short paragraph that could stand in a document and answers the question. "
        "Nothing else; invent plausible details where you do not know them."
    ),
    "ru": (
        "Напиши один короткий абзац, какой мог бы стоять в документе и отвечает на вопрос. Больше "
        "ничего; чего не знаешь, правдоподобно придумай."
    ),
}
_STANDALONE = {
    "en": (
        "Below are a conversation and a last question, as data. Rewrite the question so that it "
        "can be understood without the conversation: put names in the place of pronouns. Answer "
        "with "
        "the question alone, in its own language."
    ),
    "ru": (
        "Ниже как данные даны беседа и последний вопрос. Перепиши вопрос так, чтобы он был понятен "
        "без беседы: поставь имена на место местоимений. Ответь одним вопросом на его языке."
    ),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said in a conversation, by ``user`` or ``assistant``."""

    role: str
    text: str


def variants(question: str, model: LanguageModel, n: int) -> list[str]:
    """Return at most ``n`` other wordings of a question.

    Raises:
        LanguageModelError: the model could not be asked, or wrote no other wording.
    """
    instruction = _in_its_language(_VARIANTS, question).format(n=n)
    answer = model.complete(instruction, question, max_tokens=80 * n).text
    lines = [line.strip().lstrip(_BULLETS).strip(" \"'«»") for line in answer.splitlines()]
    found = [line for line in lines if line and line.casefold() != question.casefold()]
    if not found:
        raise LanguageModelError(
            f"{model.name} wrote no other wording", hint="Try again, or without --variants."
        )
    return [line[:_LONGEST] for line in dict.fromkeys(found)][:n]


def passage(question: str, model: LanguageModel) -> str:
    """Return a passage that would answer the question, true or not: HyDE (Gao et al. 2023).

    Raises:
        LanguageModelError: the model could not be asked.
    """
    return model.complete(_in_its_language(_PASSAGE, question), question, max_tokens=256).text


def standalone(question: str, turns: Sequence[Turn], model: LanguageModel) -> str:
    """Return the question as it is understood without the conversation before it.

    Raises:
        LanguageModelError: the model could not be asked, or wrote more than a question.
    """
    if not turns:
        return question
    said = [{"role": turn.role, "text": turn.text[:_LONGEST]} for turn in turns[-_TURNS:]]
    request = json.dumps({"conversation": said, "question": question}, ensure_ascii=False)
    instruction = _in_its_language(_STANDALONE, question)
    answer = model.complete(instruction, request, max_tokens=200).text
    line = next((line.strip(" \"'«»") for line in answer.splitlines() if line.strip()), "")
    if not line or len(line) > _LONGEST:
        raise LanguageModelError(
            f"{model.name} wrote no question", hint="Try again, or without --history."
        )
    return line


def read_turns(file: Path) -> list[Turn]:
    """Read a conversation: JSON lines with ``role`` and ``content``.

    Raises:
        UsageError: the file cannot be read, or a line, which is named, is none.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read {file}: {error.strerror}", hint="Check --history."
        ) from error
    return turns_in(data, file)


def turns_in(data: bytes, file: Path) -> list[Turn]:
    """Read the JSON lines of a conversation, which are those of ``file``.

    Raises:
        UsageError: a line, which is named, is no turn.
    """
    return [
        _turn(_json(line, where), where=where)
        for number, line in enumerate(data.splitlines(), start=1)
        if line.strip()
        for where in (f"line {number} of {file}",)
    ]


def turns_of(rows: object, *, where: str) -> tuple[Turn, ...]:
    """Return a conversation that stands in a list, its turns as those of a file are.

    Raises:
        UsageError: it is none.
    """
    if not isinstance(rows, list):
        raise UsageError(f"{where} has a history that is no list", hint=_TURN)
    return tuple(_turn(row, where=where) for row in rows)


def _json(line: bytes, where: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where} is not JSON: {error}", hint=_TURN) from error


def _turn(row: object, *, where: str) -> Turn:
    fields = row if isinstance(row, dict) else {}
    role = _ROLES.get(str(fields.get("role", fields.get("speaker"))))
    text = fields.get("content", fields.get("text"))
    if role is None or not isinstance(text, str):
        raise UsageError(f"{where} is no turn of a conversation", hint=_TURN)
    return Turn(role, text)


def _in_its_language(prompts: dict[str, str], question: str) -> str:
    return prompts["ru" if detect(question) == "ru" else "en"]
