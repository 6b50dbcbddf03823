"""``memctl ask``: answer a question from the documents."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.options import (
    DEFAULT_STORE,
    BatchOption,
    FilterOption,
    IndexOption,
    JsonOption,
    OutOption,
    StoreOption,
)
from memctl.cli.output import command, count, emit, say, talk, to_json
from memctl.cli.query import warn_if_behind
from memctl.cli.render import answer_fields, answer_lines

if TYPE_CHECKING:
    from memctl.query import Answerer, Filter, Question

_ABSTAINED = 4


@command
def ask_cli(
    question: Annotated[str | None, typer.Argument(help="What you want to know.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=10_000, help="Passages to answer from.")] = 8,
    filters: FilterOption = None,
    batch: BatchOption = None,
    out: OutOption = None,
    index: IndexOption = "default",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Answer a question with sentences quoted from the documents, or say that they hold no answer.

    Exits with 4 where the documents hold no answer; a batch exits with 0.

    Example: memctl ask 'Что такое RAG?' --filter lang:ru
    """
    from memctl.ingest import UsageError
    from memctl.query import Answerer, Filter, Searcher, one_question, read_questions

    begun = time.perf_counter()
    asked = one_question(question, batch=batch, out=out)
    if out is not None and out.suffix == ".trec":
        raise UsageError("answers are no TREC run", hint="Name an --out that ends in .jsonl.")
    chosen = [Filter.parse(each) for each in filters or []]
    questions = read_questions(batch) if batch else []
    with Searcher.open(store, index) as searcher:
        warn_if_behind(searcher, store)
        answerer = Answerer(searcher)
        opened = time.perf_counter()
        if out is not None:
            _run_batch(answerer, questions, out, k=k, filters=chosen, as_json=as_json)
            return
        answer = answerer.answer(asked, k, filters=chosen)
        done = time.perf_counter()
    if as_json:
        timings = {"open": round(opened - begun, 4), "answer": round(done - opened, 4)}
        emit("memctl.answer/1", {**answer_fields(answer), "timings": timings})
    else:
        for line in answer_lines(answer):
            say(line)
    if answer.abstained and chosen:
        talk("Only what passes the filter was looked at.")
    if answer.abstained:
        raise typer.Exit(_ABSTAINED)


def _run_batch(
    answerer: Answerer,
    questions: list[Question],
    out: Path,
    *,
    k: int,
    filters: list[Filter],
    as_json: bool,
) -> None:
    from memctl.query import atomic_lines

    begun = time.perf_counter()
    answers = (
        (question, answerer.answer(question.text, k, filters=filters, also=question.filters))
        for question in questions
    )
    lines = (
        to_json({"schema": "memctl.answer/1", "_id": question.id, **answer_fields(answer)})
        for question, answer in answers
    )
    atomic_lines(out, lines)
    seconds = time.perf_counter() - begun
    if as_json:
        fields = {"questions": len(questions), "out": str(out), "seconds": round(seconds, 3)}
        emit("memctl.batch/1", fields)
    else:
        talk(f"{count(len(questions), 'question')} asked in {seconds:.1f} s: {out}")
