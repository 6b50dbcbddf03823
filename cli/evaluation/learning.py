"""``memctl eval learn``: turn failed cases into lessons."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.evaluation.options import QrelsOption, QuestionsArgument, SplitOption
from memctl.cli.memory.options import UserOption, place
from memctl.cli.options import DEFAULT_STORE, IndexOption, JsonOption, StoreOption
from memctl.cli.output import bold, command, count, emit, safe, say, talk

if TYPE_CHECKING:
    from memctl.query.evaluation.learning import Learning


@command
def learn_cli(
    questions: QuestionsArgument,
    qrels: QrelsOption = None,
    split: SplitOption = "test",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Show what would be learned, and keep nothing.")
    ] = False,
    user: UserOption = "",
    index: IndexOption = "default",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Turn questions that do not find their documents into lessons for memctl ask --memory.

    Lessons are made from one half of the questions. Of them those are kept
    that make questions of the other half find better what answers them.

    Example: memctl eval learn questions.jsonl --dry-run
    """
    from memctl.query import Searcher
    from memctl.query.evaluation import read_cases
    from memctl.query.evaluation.learning import learn

    cases = read_cases(questions, qrels=qrels, split=split)
    with Searcher.open(store, index) as searcher:
        done = learn(searcher, cases)
    if done.kept and not dry_run:
        _keep(done, store, user)
    if as_json:
        emit("memctl.learning/1", asdict(done))
        return
    for each in done.kept:
        say(
            f"{bold(safe(each.situation))}: {safe(each.advice)}  (+{each.gain:.2f} of {each.tried})"
        )
    failed = f"{done.failed} of {count(done.learned_from, 'question')} failed"
    kept = "would be kept" if dry_run else "kept"
    say(f"{failed}; {count(len(done.kept), 'lesson')} {kept}")
    say(f"Held out: {count(done.held_out, 'question')}, RR {done.before:.4f} to {done.after:.4f}")
    if done.kept and not dry_run:
        talk("They are used by: memctl ask QUESTION --memory")


def _keep(done: Learning, store: StoreOption, user: str) -> None:
    from memctl.memory import Book
    from memctl.memory.lessons import add

    with Book.write(place(store, user)) as book:
        embedder = book.embedder()
        for each in done.kept:
            add(book, "lesson", each.situation, each.advice, embedder=embedder)
