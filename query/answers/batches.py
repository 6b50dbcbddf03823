"""Many questions to a file of answers, which is taken up again where it was broken off."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from memctl.ingest import MemctlError, UsageError
from memctl.query.answers.answer import Answer
from memctl.query.answers.asker import Asker
from memctl.query.batch import Question, atomic_lines, writing
from memctl.query.filters import Filter

LineOf = Callable[[Question, Answer], str]
_SCHEMA = "memctl.batch-progress/1"


class Progress:
    """The answers so far, in FILE.partial: a line that says for what, then one an answer.

    What another batch left there, of other questions, settings or documents, is begun anew.
    """

    def __init__(self, out: Path, marks: Mapping[str, object]) -> None:
        self.file = out.with_name(out.name + ".partial")
        text = json.dumps(marks, sort_keys=True, ensure_ascii=False)
        mark = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
        self._head = json.dumps({"schema": _SCHEMA, "mark": mark})
        self.done = self._kept()
        self._write([self._head, *self.done.values()], "w")

    def add(self, id_: str, line: str) -> None:
        """Keep an answer; it is on the disk when this returns."""
        self._write([line], "a")
        self.done[id_] = line

    def _kept(self) -> dict[str, str]:
        if not self.file.is_file():
            return {}
        *lines, _torn = self.file.read_text(encoding="utf-8", errors="replace").split("\n")
        if not lines or lines[0] != self._head:
            return {}
        return dict(_whole_lines(lines[1:]))

    def _write(self, lines: Sequence[str], mode: str) -> None:
        with self.file.open(mode, encoding="utf-8", newline="\n") as stream:
            stream.writelines(f"{line}\n" for line in lines)
            stream.flush()
            os.fsync(stream.fileno())


def answer_batch(
    asker: Asker,
    questions: Sequence[Question],
    out: Path,
    *,
    filters: Sequence[Filter],
    marks: Mapping[str, object],
    line_of: LineOf,
    done: Callable[[int], None],
) -> int:
    """Answer all questions into ``out``, in their order; return how many were answered before.

    ``marks`` is what the answers depend on but for the questions; ``line_of`` writes one as JSON
    with its ``_id``; ``done`` is told after each how many there are.

    Raises:
        MemctlError: one could not be answered; those before it are kept for the next time.
    """
    if out.exists() and not out.is_file():  # such as /dev/stdout
        lines = (line_of(each, _answered(asker, each, filters, kept=0)) for each in questions)
        atomic_lines(out, lines)
        return 0
    with writing(out):
        progress = Progress(out, {**marks, "questions": [_marks_of(each) for each in questions]})
    before = len(progress.done)
    for question in questions:
        if question.id not in progress.done:
            answer = _answered(asker, question, filters, kept=len(progress.done))
            line = line_of(question, answer)
            with writing(out):
                progress.add(question.id, line)
        done(len(progress.done))
    with writing(out):
        atomic_lines(out, _in_order(questions, progress.done), suffix=".whole")
        progress.file.unlink(missing_ok=True)
    return before


def _whole_lines(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the answers by their ids, up to a line that is none."""
    for line in lines:
        try:
            yield str(json.loads(line)["_id"]), line
        except (ValueError, KeyError, TypeError):
            return


def _in_order(questions: Sequence[Question], done: Mapping[str, str]) -> Iterator[str]:
    return (done[each.id] for each in questions)


def _marks_of(question: Question) -> list[object]:
    turns = [(turn.role, turn.text) for turn in question.turns]
    return [question.id, question.text, [str(each) for each in question.filters], turns]


def _answered(asker: Asker, question: Question, filters: Sequence[Filter], *, kept: int) -> Answer:
    try:
        return _whole(asker.ask(question, filters))
    except UsageError as error:
        raise UsageError(f"question {question.id}: {error.message}", hint=error.hint) from error
    except MemctlError as error:
        again = f"The {kept} answers before it are kept: the same command goes on from there."
        raise type(error)(
            f"question {question.id}: {error.message}", hint=f"{error.hint} {again}".strip()
        ) from error


def _whole(answer: Answer) -> Answer:
    if answer.fault:
        raise MemctlError(answer.fault)
    return answer
