"""``memctl memory facts``, ``history``, ``stats``, ``users``: look at a memory."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.memory.options import UserOption, named, place
from memctl.cli.memory.render import fact_fields, fact_line
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption, WaitOption, be_patient
from memctl.cli.output import (
    bold,
    command,
    count,
    dim,
    emit,
    safe,
    say,
    size,
    talk,
    warn,
    wrapped,
)

if TYPE_CHECKING:
    from memctl.memory import Fact, Place
    from memctl.memory.statistics import SessionFact, Statistics


@command
def facts_cli(
    attribute: Annotated[
        str, typer.Argument(metavar="[ATTRIBUTE]", help="Only these: job, pet, allergy.")
    ] = "",
    every: Annotated[
        bool, typer.Option("--all", "-a", help="What is no more, too, and what was denied.")
    ] = False,
    about: Annotated[
        str, typer.Option("--about", metavar="WHO", help="Only of them: user, wife, dog, a name.")
    ] = "",
    pin: Annotated[
        int | None, typer.Option("--pin", metavar="FACT", min=1, help="Never let this one fade.")
    ] = None,
    unpin: Annotated[
        int | None, typer.Option("--unpin", metavar="FACT", min=1, help="Let it fade again.")
    ] = None,
    user: UserOption = "",
    store: StoreOption = DEFAULT_STORE,
    wait: WaitOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """List what is known of the user and of those who belong to them.

    Example: memctl memory facts --all
    """
    place_ = place(store, user)
    be_patient(wait)
    if pin:
        _pin(place_, pin, pinned=True)
    if unpin:
        _pin(place_, unpin, pinned=False)
    found = _facts(place_, attribute, about, every=every)
    if as_json:
        emit("memctl.facts/1", {"user": place_.user, "facts": list(map(fact_fields, found))})
        return
    for fact in found:
        say(fact_line(fact))
    if not found:
        talk("Nothing is known.")


def _facts(place_: Place, attribute: str, about: str, *, every: bool) -> list[Fact]:
    from memctl.memory import Book

    where = ["1"] if every else ["f.state = 'current'"]
    values: list[str] = []
    with Book.open(place_) as book:
        typed = zip(("f.attribute", "f.subject"), named(book, attribute, about), strict=True)
        for column, value in typed:
            if value:
                where.append(f"{column} = ?")
                values.append(value)
        order = "f.subject != 'user', f.subject, f.attribute, f.number"
        return book.facts(" AND ".join(where), values, order=order)


def _pin(place_: Place, number: int, *, pinned: bool) -> None:
    from memctl.memory import Book
    from memctl.memory.consolidation import pin

    with Book.write(place_) as book:
        pin(book, number, pinned=pinned)


@command
def history_cli(
    attribute: Annotated[str, typer.Argument(metavar="ATTRIBUTE", help="As in: job, city.")],
    about: Annotated[
        str, typer.Option("--about", metavar="WHO", help="Of whom: user, wife, dog, a name.")
    ] = "user",
    user: UserOption = "",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Show all values that an attribute has had, when each was true, and when it was learned.

    Example: memctl memory history city
    """
    from memctl.memory import Book

    place_ = place(store, user)
    with Book.open(place_) as book:
        found = book.facts("f.attribute = ? AND f.subject = ?", named(book, attribute, about))
    if as_json:
        emit("memctl.facts/1", {"user": place_.user, "facts": list(map(fact_fields, found))})
        return
    for fact in found:
        say(fact_line(fact))
        learned = f"learned {fact.learned_at}" if fact.learned_at else "learned on an unknown day"
        by = f", replaced by {fact.ended_by}" if fact.ended_by else ""
        say(dim(f"       {safe(learned)}{by}: “{safe(fact.quote)}”"))
    if not found:
        talk("Nothing is known of that.")


@command
def stats_cli(
    by_session: Annotated[
        bool, typer.Option("--sessions", help="Show each session, with its summary.")
    ] = False,
    user: UserOption = "",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Tell what a memory holds, what was done to it last, and whether it is sound.

    Exits with 1 when something in it is not what was written.

    Example: memctl memory stats
    """
    from memctl.memory import Book, Place, users
    from memctl.memory.statistics import sessions, statistics

    done: list[Statistics] = []
    told: list[list[SessionFact]] = []
    for name in [user] if user else users(store):
        with Book.open(Place(store, name)) as book:
            done.append(statistics(book))
            told.append(sessions(book) if by_session else [])
    if as_json:
        fields = [
            {**asdict(each), **({"by_session": list(map(asdict, own))} if by_session else {})}
            for each, own in zip(done, told, strict=True)
        ]
        emit("memctl.memory-stats/1", {"users": fields})
    else:
        for each, own in zip(done, told, strict=True):
            _tell_stats(each)
            _tell_sessions(own)
        if not done:
            talk("There is no memory here yet: memctl memory add TEXT")
    if any(each.damaged for each in done):
        raise typer.Exit(1)


def _tell_sessions(told: list[SessionFact]) -> None:
    for each in told:
        say(f"  {safe(each.session)}  {dim(safe(each.date))}  {count(each.turns, 'turn')}".rstrip())
        for line in wrapped(each.summary, indent="    ", lines=4):
            say(line)


def _tell_stats(each: Statistics) -> None:
    blocks = ", ".join(f"{number:,} {block}" for block, number in each.blocks.items())
    say(bold(safe(each.user)))
    turns, sessions = count(each.episodes, "turn"), count(each.sessions, "session")
    say(f"  {turns} in {sessions}, {size(each.bytes)}")
    say(f"  {count(each.facts, 'fact')}{f' ({blocks})' if blocks else ''}, {each.ended:,} no more")
    if each.last is not None:
        undone = ", taken back" if each.last.undone else ""
        when = safe(each.last.time[:16].replace("T", " "))
        say(f"  last: {safe(each.last.operation)} of {when}{undone}")
    if not each.damaged:
        say("  sound: every row is what was written")
    if each.damaged:
        warn(f"not what was written: {', '.join(each.damaged[:5])}")
