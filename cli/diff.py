"""``memctl diff``: what is different between two states of a store."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.answering import Ways
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import command, count, dim, emit, green, safe, say, wrapped, yellow

if TYPE_CHECKING:
    from memctl.ingest.difference import Difference
    from memctl.query.differing import AnswerChange

_SHOWN = 20  # documents of a kind


@command
def diff_cli(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="A snapshot of the store, or another store.")
    ],
    new: Annotated[
        str, typer.Argument(metavar="NEW", help="The same; without it, the store as it is.")
    ] = "",
    questions: Annotated[
        Path | None,
        typer.Option(
            "--questions", metavar="FILE", help="JSON lines: ask both, show what differs."
        ),
    ] = None,
    llm: Annotated[
        str, typer.Option("--llm", metavar="MODEL", help="What answers; without it, quotes.")
    ] = "",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Show what is different: documents, chunks, settings, and with questions the answers.

    Example: memctl diff before-spring --questions questions.jsonl
    """
    from memctl.ingest import Store
    from memctl.ingest.difference import difference

    places = (_place(store, old), _place(store, new) if new else store)
    with Store.open(places[0]) as before, Store.open(places[1]) as after:
        found = difference(before, after)
    answers = None if questions is None else list(_answers(places, questions, llm))
    if as_json:
        said = None if answers is None else [asdict(each) for each in answers]
        emit("memctl.diff/1", {**asdict(found), "answers": said})
        return
    _tell(found)
    if answers is not None:
        _tell_answers(answers)
    elif found.is_nothing:
        say(green("The two are alike."))


def _place(store: Path, said: str) -> Path:
    """Return the folder of a snapshot of the store, or of another store."""
    from memctl.ingest import Layout
    from memctl.ingest.snapshots import folder_of

    if Layout(Path(said)).catalog.is_file():
        return Path(said)
    return folder_of(store, said)


def _answers(places: Sequence[Path], questions: Path, llm: str) -> Iterator[AnswerChange]:
    from memctl.query import Searcher
    from memctl.query.batch import read_questions
    from memctl.query.differing import differing

    asked, ways = read_questions(questions, option="--questions"), Ways(llm)
    writer = ways.writer()
    with Searcher.open(places[0]) as old, Searcher.open(places[1]) as new:
        yield from differing(ways.asker(old, writer), ways.asker(new, writer), asked)


def _tell(found: Difference) -> None:
    for sign, documents in (
        (green("+"), found.added),
        (yellow("-"), found.removed),
        (yellow("~"), found.changed),
        (dim("="), found.recut),
    ):
        for document in documents[:_SHOWN]:
            say(f"{sign} {safe(document)}")
        if len(documents) > _SHOWN:
            say(f"{sign} and {len(documents) - _SHOWN:,} more")
    for setting in found.settings:
        say(f"  {safe(setting.name)}: {safe(str(setting.old))} → {safe(str(setting.new))}")
    was, now = found.chunks
    say(
        f"{len(found.added):,} added, {len(found.removed):,} removed, {len(found.changed):,} "
        f"changed, {len(found.recut):,} cut anew; chunks {was:,} → {now:,}"
    )


def _tell_answers(changes: Sequence[AnswerChange]) -> None:
    for each in changes:
        say()
        say(safe(each.question))
        for sign, text in ((yellow("-"), each.old), (green("+"), each.new)):
            lines = list(wrapped(text or "no answer in the documents", indent="  "))
            say(f"{sign} {lines[0].lstrip()}")
            for line in lines[1:]:
                say(line)
    say()
    say(f"{count(len(changes), 'answer')} changed")
    sys.stdout.flush()
