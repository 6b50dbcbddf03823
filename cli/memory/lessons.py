"""``memctl memory lesson`` and ``example``: what to do next time, and how a good answer looks."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.memory.options import UserOption, place
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import bold, command, emit, safe, say, talk, wrapped

if TYPE_CHECKING:
    from memctl.memory.lessons import Kind

lesson_app = typer.Typer(
    no_args_is_help=True,
    help="What went wrong and what to do instead; put before an answer to a like question.",
)
example_app = typer.Typer(
    no_args_is_help=True,
    help="Questions with good answers; shown to a language model for like questions.",
)
_Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="As list shows it.")]


@lesson_app.command("add")
@command
def lesson_add_cli(
    situation: Annotated[str, typer.Argument(metavar="SITUATION", help="When it applies.")],
    advice: Annotated[str, typer.Argument(metavar="ADVICE", help="What to do instead.")],
    user: UserOption = "",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Keep a lesson.

    Example: memctl memory lesson add 'questions on prices' 'look at the price list of 2024'
    """
    _add("lesson", situation, advice, user, store, as_json=as_json)


@example_app.command("add")
@command
def example_add_cli(
    question: Annotated[str, typer.Argument(metavar="QUESTION")],
    answer: Annotated[str, typer.Argument(metavar="ANSWER", help="A good answer to it.")],
    user: UserOption = "",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Keep an example.

    Example: memctl memory example add 'Who pays?' 'The customer pays, within 14 days. [1]'
    """
    _add("example", question, answer, user, store, as_json=as_json)


@lesson_app.command("list")
@command
def lesson_list_cli(
    user: UserOption = "", store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False
) -> None:
    """List the lessons.

    Example: memctl memory lesson list
    """
    _list("lesson", user, store, as_json=as_json)


@example_app.command("list")
@command
def example_list_cli(
    user: UserOption = "", store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False
) -> None:
    """List the examples.

    Example: memctl memory example list
    """
    _list("example", user, store, as_json=as_json)


@lesson_app.command("drop")
@command
def lesson_drop_cli(
    number: _Number, user: UserOption = "", store: StoreOption = DEFAULT_STORE
) -> None:
    """Drop a lesson.

    Example: memctl memory lesson drop 3
    """
    _drop("lesson", number, user, store)


@example_app.command("drop")
@command
def example_drop_cli(
    number: _Number, user: UserOption = "", store: StoreOption = DEFAULT_STORE
) -> None:
    """Drop an example.

    Example: memctl memory example drop 3
    """
    _drop("example", number, user, store)


def _add(
    kind: Kind, situation: str, advice: str, user: str, store: StoreOption, *, as_json: bool
) -> None:
    from memctl.memory import Book
    from memctl.memory.lessons import add

    with Book.write(place(store, user)) as book:
        made = add(book, kind, situation, advice, embedder=book.embedder())
    if as_json:
        emit(f"memctl.{kind}/1", asdict(made))
    else:
        say(f"Kept {kind} {made.number}")


def _list(kind: Kind, user: str, store: StoreOption, *, as_json: bool) -> None:
    from memctl.memory import Book
    from memctl.memory.lessons import lessons

    with Book.open(place(store, user)) as book:
        found = lessons(book, kind)
    if as_json:
        emit(f"memctl.{kind}s/1", {f"{kind}s": [asdict(each) for each in found]})
        return
    for each in found:
        say(f"{each.number:>4}  {bold(safe(each.situation))}")
        for line in wrapped(each.advice, indent="      "):
            say(line)
    if not found:
        talk(f"There is no {kind}.")


def _drop(kind: Kind, number: int, user: str, store: StoreOption) -> None:
    from memctl.memory import Book
    from memctl.memory.lessons import drop

    place_ = place(store, user)
    with Book.open(place_):
        pass
    with Book.write(place_) as book:
        drop(book, kind, number)
    say(f"Dropped {kind} {number}")
