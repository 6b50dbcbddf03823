"""``memctl memory recall``: an answer from memory."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.memory.importing import day_of
from memctl.cli.memory.options import UserOption, place
from memctl.cli.memory.render import answer_fields, answer_lines, fact_line, turn_words
from memctl.cli.onequestion import one_question
from memctl.cli.options import DEFAULT_STORE, BatchOption, JsonOption, OutOption, StoreOption
from memctl.cli.output import command, count, dim, emit, say, talk, to_json, wrapped

if TYPE_CHECKING:
    from memctl.memory import Recall, Recollection
    from memctl.query.batch import Question

_ABSTAINED = 4


@command
def recall_cli(
    question: Annotated[
        str | None, typer.Argument(metavar="[QUESTION]", help="What to recall.")
    ] = None,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE", help="As things were then: 2023, 2023-05-31.")
    ] = "",
    k: Annotated[int, typer.Option("-k", min=1, max=1_000, help="Episodes to show.")] = 10,
    history: Annotated[
        bool, typer.Option("--history", help="Show what was so before, too.")
    ] = False,
    episodes: Annotated[
        bool, typer.Option("--episodes", help="Show the turns that fit best, whatever is answered.")
    ] = False,
    batch: BatchOption = None,
    out: OutOption = None,
    user: UserOption = "",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from memory in one sentence, with the turn it rests on.

    Exits with 4 when nothing is known. Of a batch, a line with "user" is asked
    of that user.

    Example: memctl memory recall 'Which sports do I do?'
    """
    from memctl.memory import count_use, recalling

    day = day_of(as_of)
    text = one_question(question, batch=batch, out=out)
    if batch is not None and out is not None:
        _batch(store, batch, out, user=user, as_of=day, k=k)
        return
    place_ = place(store, user)
    begun = time.perf_counter()
    with recalling(place_) as recall:
        answer = recall.answer(text, as_of=day, k=k)
        seconds = round(time.perf_counter() - begun, 4)
        if as_json:
            fields = answer_fields(answer, place_)
            emit("memctl.answer/1", {**fields, "timings": {"seconds": seconds}})
        else:
            _show(answer, recall, history=history, episodes=episodes)
    count_use(place_, [fact.number for fact in answer.facts])
    if answer.abstained:
        raise typer.Exit(_ABSTAINED)


def _show(answer: Recollection, recall: Recall, *, history: bool, episodes: bool) -> None:
    for line in answer_lines(answer):
        say(line)
    if history and answer.facts:
        say()
        for fact in recall.history(answer.facts[0]):
            say(fact_line(fact))
    if episodes or (answer.abstained and not answer.evidence):
        shown = answer.episodes if episodes else answer.episodes[:3]
        if shown and not episodes:
            talk("The turns that come nearest:")
        for episode, score in shown:
            say(f"{dim(f'{score:>6.2f}')}  {turn_words(episode)}")
            for line in wrapped(episode.text, indent="        ", lines=2):
                say(line)


def _batch(store: Path, batch: Path, out: Path, *, user: str, as_of: str, k: int) -> None:
    """Answer the lines of a file, those of a user together, in their order."""
    from memctl.memory import recalling
    from memctl.query import atomic_lines

    rows = _rows(batch)
    lines: dict[int, str] = {}
    users: dict[str, list[int]] = {}
    for number, (_, own) in enumerate(rows):
        users.setdefault(own or user, []).append(number)
    for name, numbers in users.items():
        place_ = place(store, name)
        with recalling(place_) as recall:
            for number in numbers:
                question, _ = rows[number]
                answer = recall.answer(question.text, as_of=as_of, k=k)
                lines[number] = to_json({"_id": question.id, **answer_fields(answer, place_)})
    atomic_lines(out, (lines[number] for number in range(len(rows))))
    talk(f"{count(len(rows), 'question')} asked: {out}")


def _rows(batch: Path) -> list[tuple[Question, str]]:
    """Return the questions of a file, each with the user that its line names.

    Raises:
        UsageError: the file cannot be read or is empty, or a line, which is named, is wrong.
    """
    from memctl.ingest import UsageError
    from memctl.query.batch import LINE, question_of, twice
    from memctl.query.lines import json_rows

    rows: dict[str, tuple[Question, str]] = {}
    for where, row in json_rows(batch, option="--batch", hint=LINE):
        question = question_of(row, where=where)
        if question.id in rows:
            raise twice(question.id, where=where)
        rows[question.id] = question, str(row.get("user") or row.get("conv") or "")
    if not rows:
        raise UsageError(f"no questions in {batch}", hint=LINE)
    return list(rows.values())
