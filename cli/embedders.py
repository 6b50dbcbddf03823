"""``memctl embedders``: which embedders there are, and how they do on this machine."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import command, emit, safe, say, talk, width, wrapped

if TYPE_CHECKING:
    from rich.table import Table

    from memctl.ingest.embedders.listing import Listing
    from memctl.ingest.embedders.measure import Measured

embedders_app = typer.Typer(invoke_without_command=True)


@embedders_app.callback()
@command
def embedders_cli(
    context: typer.Context, store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False
) -> None:
    """List the embedders, what each needs and whether it is there. Nobody is called.

    A new store takes one with memctl ingest --embedder NAME. With bench, measure them.

    Example: memctl embedders --json
    """
    if context.invoked_subcommand is not None:
        return
    from memctl.ingest.embedders import DEFAULT
    from memctl.ingest.embedders.listing import listings

    found, used = listings(), _used(store)
    if as_json:
        fields = [_listing_fields(each) for each in found]
        emit("memctl.embedders/1", {"default": DEFAULT, "used": used, "embedders": fields})
        return
    say(_drawn(_list_table(found)))
    say()
    say("on use: whether its model or service is there is asked when it is used")
    for each in found:
        if each.missing:
            for line in wrapped(f"{each.form.partition(':')[0]}: {each.missing}"):
                say(line)
    if used:
        say(f"{store} is embedded with {safe(used)}.")
    else:
        say(f"A new store takes {DEFAULT}, or another one: memctl ingest --embedder NAME")


_READY = {True: "yes", False: "no", None: "on use"}


def _listing_fields(each: Listing) -> dict[str, object]:
    return {
        "form": each.form,
        "needs": each.needs,
        "missing": each.missing,
        "dimension": each.dimension,
        "max_tokens": each.max_tokens,
        "ready": each.ready,
    }


def _used(store: Path) -> str | None:
    """Return the embedder of the store, or None where there is no store."""
    from memctl.ingest import Layout, Store

    if not Layout(store).catalog.is_file():
        return None
    with Store.open(store) as opened:
        return opened.catalog.meta("embedder")


@embedders_app.command("bench")
@command
def bench_cli(
    names: Annotated[
        list[str] | None, typer.Argument(help="Which to measure; by default those of memctl.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure tokens a second, memory, and the cosine to the reference, on this machine.

    Example: memctl embedders bench e5-small openai:text-embedding-3-small
    """
    from memctl.ingest.embedders.measure import measure

    measured: list[Measured] = []
    for name in names or ["e5-small", "hashing"]:
        if not as_json:
            talk(f"measuring {safe(name)}")
        measured.append(measure(name))
    if as_json:
        emit("memctl.embedders_bench/1", {"embedders": [_rounded(each) for each in measured]})
        return
    say(_drawn(_bench_table(measured)))


def _rounded(measured: Measured) -> dict[str, object]:
    fields = asdict(measured)
    return {name: round(it, 6) if isinstance(it, float) else it for name, it in fields.items()}


def _list_table(found: list[Listing]) -> Table:
    table = _table("embedder", "dim", "tokens", "ready", "needs")
    for each in found:
        ready = _READY[each.ready]
        dimension, tokens = _number(each.dimension), _number(each.max_tokens)
        _row(table, each.form, dimension, tokens, ready, each.needs)
    return table


def _bench_table(measured: list[Measured]) -> Table:
    table = _table("embedder", "dim", "tokens/s", "per CPU s", "query", "first", "peak", "cosine")
    for each in measured:
        peak = "–" if each.peak_bytes is None else f"{each.peak_bytes / 2**20:,.0f} MiB"
        _row(
            table,
            each.name,
            _number(each.dimension),
            f"{each.tokens_per_second:,.0f}",
            f"{each.tokens_per_cpu_second:,.0f}",
            f"{each.query_seconds * 1000:,.1f} ms",
            f"{each.first_seconds:,.2f} s",
            peak,
            "–" if each.cosine is None else f"{each.cosine:.4f}",
        )
    return table


def _table(*headings: str) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for heading in headings:
        text = heading in {"embedder", "needs", "ready"}
        table.add_column(
            heading,
            justify="left" if text else "right",
            overflow="fold",
            no_wrap=heading not in {"embedder", "needs"},
        )
    return table


def _row(table: Table, *cells: str) -> None:
    from rich.text import Text

    table.add_row(*(Text(safe(cell)) for cell in cells))


def _drawn(table: Table) -> str:
    from rich.console import Console

    console = Console(width=width(), highlight=False)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n"))


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"
