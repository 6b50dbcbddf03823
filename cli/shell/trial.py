"""A quick look at a file of questions: how many are answered, and rightly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from memctl.cli.output import count
from memctl.cli.shell.state import Shell
from memctl.ingest import folded
from memctl.query import read_questions


def trial(shell: Shell, file: Path) -> Iterator[str]:
    """Yield lines that say how the questions of a file fared; its lines may have ``answers``.

    The conversation is left as it is.

    Raises:
        MemctlError: the file is none, or a question cannot be asked.
    """
    questions = read_questions(file, option="/eval")
    golds = _golds(file)
    asker = shell.asker
    answered = judged = right = 0
    for question in questions:
        answer = asker.ask(question, shell.filters)
        answered += not answer.abstained
        wanted = golds.get(question.id, [])
        judged += bool(wanted)
        text = " ".join(folded(answer.text).split())
        right += not answer.abstained and any(each in text for each in wanted)
    yield f"{count(len(questions), 'question')}, {answered:,} answered"
    if judged:
        yield f"{right:,} of {judged:,} answers contain a right one ({right / judged:.1%})"


def _golds(file: Path) -> dict[str, list[str]]:
    """Return the right answers of each question that has some, as answers are compared."""
    found: dict[str, list[str]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line) if line.strip() else {}
        id_ = next((str(row[key]) for key in ("_id", "id", "query_id") if key in row), "")
        answers = row.get("answers")
        if isinstance(answers, list):
            found[id_] = [" ".join(folded(str(each)).split()) for each in answers if each]
    return found
