"""``memctl memory export``: a memory as JSON lines, for people and other programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.memory.options import UserOption, place
from memctl.cli.memory.render import fact_fields
from memctl.cli.options import DEFAULT_STORE, StoreOption
from memctl.cli.output import command, say, talk, to_json

if TYPE_CHECKING:
    from memctl.memory import Book


@command
def export_cli(
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", readable=False, help="Else stdout."),
    ] = None,
    user: UserOption = "",
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Write all that a memory holds as JSON lines: episodes, facts, lessons, the journal.

    memctl memory import reads the turns of it back, and draws the facts anew.

    Example: memctl memory export -o anna.jsonl --user anna
    """
    from memctl.memory import Book
    from memctl.query import atomic_lines

    with Book.open(place(store, user)) as book:
        if out is None:
            for line in _lines(book):
                say(line)
            return
        atomic_lines(out, _lines(book))
    talk(f"Written: {out}")


def _lines(book: Book) -> Iterator[str]:
    from memctl.memory.journal import entries
    from memctl.memory.lessons import lessons
    from memctl.memory.statistics import sessions

    for episode in book.episodes():
        yield to_json(
            {
                "kind": "episode",
                "role": episode.role,
                "content": episode.text,
                "session": episode.session,
                "turn": episode.ordinal,
                "speaker": episode.speaker,
                "date": episode.said_at,
                "id": episode.id,
            }
        )
    for fact in book.facts():
        yield to_json({"kind": "fact", **fact_fields(fact)})
    for told in sessions(book):
        if told.summary:
            yield to_json({"kind": "summary", **asdict(told)})
    for each in (*lessons(book, "lesson"), *lessons(book, "example")):
        yield to_json({**asdict(each)})
    for entry in entries(book):
        yield to_json({"kind": "journal", **asdict(entry)})
