"""``memctl memory import`` and ``add``: fill a memory."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.memory.options import ExplainOption, LlmOption, UserOption, extractor, place
from memctl.cli.memory.render import explained, told_line, written_fields, written_words
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption, WaitOption, be_patient
from memctl.cli.output import command, emit, safe, say, talk, warn, wrapped

if TYPE_CHECKING:
    from memctl.memory import Dialogue, Place, Written


_FAULTS = 20  # of a dialogue, told on a terminal


class Form(StrEnum):
    """What a file of dialogues is."""

    gigamemory = "gigamemory"
    locomo = "locomo"
    chat = "chat"


@command
def import_cli(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", readable=False, help="JSON or JSON lines, or .gz.")
    ],
    form: Annotated[
        Form, typer.Option("--format", case_sensitive=False, help="What the file is.")
    ] = Form.chat,
    dialogue: Annotated[
        str, typer.Option("--dialogue", metavar="ID", help="Only this dialogue of the file.")
    ] = "",
    user: UserOption = "",
    llm: LlmOption = "",
    explain: ExplainOption = False,
    store: StoreOption = DEFAULT_STORE,
    wait: WaitOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Keep the dialogues of a file, and the facts that the user tells in them.

    A file of several people's dialogues fills a memory for each, under the
    dialogue's name. What is known already is not taken in again.

    Example: memctl memory import history.jsonl --user anna
    """
    be_patient(wait)
    from memctl.ingest import UsageError
    from memctl.memory import DEFAULT_USER, read_dialogues

    found = read_dialogues(file, form.value)
    if dialogue:
        found = [each for each in found if each.id == dialogue]
        if not found:
            raise UsageError(f"no dialogue {dialogue!r} in {file}", hint="Check --dialogue.")
    if user and len(found) > 1:
        shown = ", ".join(each.id for each in found[:6]) + (" …" if len(found) > 6 else "")
        raise UsageError(
            f"{file} holds the dialogues of {len(found)} people, and --user names one",
            hint=f"Choose one with --dialogue ({shown}), or leave --user out.",
        )
    done: list[dict[str, object]] = []
    for each in found:
        name = user or each.id or DEFAULT_USER
        place_ = place(store, name)
        _warn(name, each.faults)
        written = _import(place_, each, llm, quiet=as_json)
        done.append({"user": name, "faults": each.faults, **written_fields(written)})
        if not as_json:
            say(f"{safe(name)}: {written_words(written)}")
            _tell(written, explain=explain)
    if as_json:
        emit("memctl.memory-import/1", {"users": done})


def _warn(name: str, faults: Sequence[str]) -> None:
    for fault in faults[:_FAULTS]:
        warn(f"{safe(name)}: {safe(fault)}")
    if len(faults) > _FAULTS:
        warn(f"{safe(name)}: and {len(faults) - _FAULTS:,} more; --json names them all")


def _import(place_: Place, dialogue: Dialogue, llm: str, *, quiet: bool) -> Written:
    from memctl.memory import remember

    drawn = extractor(place_, llm)
    if quiet or not sys.stderr.isatty():
        return remember(place_, dialogue.turns, extractor=drawn)
    from memctl.cli.memory.progress import PieceProgress

    with PieceProgress(safe(place_.user)) as bar:
        return remember(place_, dialogue.turns, extractor=drawn, done=bar.more)


@command
def add_cli(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="What is to be remembered; - reads stdin.")
    ],
    said_on: Annotated[
        str,
        typer.Option("--date", metavar="DATE", help="When it was said: 2024-05-31; else today."),
    ] = "",
    user: UserOption = "",
    llm: LlmOption = "",
    explain: ExplainOption = False,
    store: StoreOption = DEFAULT_STORE,
    wait: WaitOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Remember something that the user says of themselves.

    Example: memctl memory add 'I moved to Lisbon and work as a nurse'
    """
    be_patient(wait)
    from memctl.memory import note, remember

    place_ = place(store, user)
    told = sys.stdin.read() if text == "-" else text
    turn = note(told, day=_past(day_of(said_on)))
    written = remember(place_, [turn], operation="add", extractor=extractor(place_, llm))
    if as_json:
        emit("memctl.memory-add/1", {"user": place_.user, **written_fields(written)})
        return
    if not written.turns:
        say("Known already.")
        return
    say(f"Remembered: {written_words(written)}")
    if not explain:
        for each in written.told:
            say(told_line(each))
    _tell(written, explain=explain)


def _past(day: str) -> str:
    """Return the day that something was said; nobody says anything in the future.

    Raises:
        UsageError: the day has not come.
    """
    from memctl.ingest import UsageError

    if day > date.today().isoformat():
        raise UsageError(
            f"--date {day} has not come yet",
            hint="It is the day that something was said; what it says may be of any time.",
        )
    return day


def day_of(text: str) -> str:
    """Return a date that was typed; empty for none.

    Raises:
        UsageError: it is no date.
    """
    from memctl.ingest import UsageError
    from memctl.memory.when import told_date

    found, whole = told_date(text) if text else ("", True)
    if not whole or (text and not found):
        raise UsageError(
            f"{text!r} is no date of the years 1900 to 2099",
            hint="Write it as 2024-05-31, 2024-05 or 2024.",
        )
    return found


def _tell(written: Written, *, explain: bool) -> None:
    if explain:
        for each in written.told:
            for line in explained(each):
                say(line)
    if written.passed:
        shown = ", ".join(f"{number} {_REASONS[name]}" for name, number in written.passed.items())
        for line in wrapped(f"Looked like facts and are none: {shown}"):
            talk(line)


_REASONS = {
    "question": "in questions",
    "unsure": "under an if",
    "wish": "wished for",
    "request": "in requests",
    "other": "about others",
}
