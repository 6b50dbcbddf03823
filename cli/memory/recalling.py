"""``memctl memory recall``: an answer from memory."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from memctl.cli.memory.importing import day_of
from memctl.cli.memory.options import UserOption, place
from memctl.cli.memory.render import answer_fields, answer_lines, fact_line, turn_words
from memctl.cli.options import DEFAULT_STORE, BatchOption, JsonOption, OutOption, StoreOption
from memctl.cli.output import command, dim, emit, say, talk, to_json, wrapped

if TYPE_CHECKING:
    from memctl.memory import Place, Recall, Recollection

_ABSTAINED = 4


@command
def recall_cli(
    question: Annotated[str, typer.Argument(metavar="[QUESTION]", help="What to recall.")] = "",
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
    from memctl.ingest import UsageError
    from memctl.memory import count_use, recalling

    day = day_of(as_of)
    if batch is not None or out is not None:
        if batch is None or out is None or question:
            raise UsageError(
                "a batch is --batch FILE and --out FILE, without a question", hint="Give both."
            )
        _batch(store, batch, out, user=user, as_of=day, k=k)
        return
    if not question:
        raise UsageError("no question", hint="As in: memctl memory recall 'Where do I live?'")
    place_ = place(store, user)
    begun = time.perf_counter()
    with recalling(place_) as recall:
        answer = recall.answer(question, as_of=day, k=k)
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
    if episodes or answer.abstained:
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
    for number, row in enumerate(rows):
        users.setdefault(str(row.get("user") or row.get("conv") or user), []).append(number)
    for name, numbers in users.items():
        place_ = place(store, name)
        with recalling(place_) as recall:
            for number in numbers:
                lines[number] = _line(rows[number], recall, place_, as_of=as_of, k=k)
    atomic_lines(out, (lines[number] for number in range(len(rows))))
    talk(f"{len(rows):,} questions asked: {out}")


def _line(row: dict[str, Any], recall: Recall, place_: Place, *, as_of: str, k: int) -> str:
    text = str(row.get("text") or row.get("query") or row.get("question"))
    fields = answer_fields(recall.answer(text, as_of=as_of, k=k), place_)
    number = row.get("_id", row.get("id", ""))
    return to_json({"_id": str(number), **fields})


def _rows(batch: Path) -> list[dict[str, Any]]:
    from memctl.ingest import UsageError

    rows: list[dict[str, Any]] = []
    try:
        text = batch.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {batch}: {error}", hint="Check --batch.") from error
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict) or not any(row.get(n) for n in ("text", "query", "question")):  # pyright: ignore[reportUnknownMemberType]
            raise UsageError(
                f"{batch}, line {number} is no question", hint='A line is {"_id", "text"}.'
            )
        rows.append(row)
    return rows
