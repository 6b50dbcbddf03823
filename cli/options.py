"""Options that many commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from memctl.cli.completion import filter_fields, indexes

_MODES = {"hybrid", "dense", "lexical"}
_RIGHT: dict[str, Callable[[object], bool]] = {
    "mode": lambda value: value in _MODES,
    "fusion": lambda value: isinstance(value, str),
    "candidates": lambda value: type(value) is int and 0 < value <= 10_000,
    "rerank": lambda value: isinstance(value, bool),
}


def _with_defaults(context: typer.Context, store: Path) -> Path:
    """Let what the settings of the store say of the search stand where the command says nothing.

    What is wrong in them is told by the command, when it opens the store.
    """
    try:
        text = (store / "memctl.toml").read_bytes()
    except OSError:
        return store
    if b"search" in text:
        import tomllib

        try:
            found = tomllib.loads(text.decode("utf-8")).get("search")
        except ValueError:
            return store
        if isinstance(found, dict):
            said = {name: each for name, each in found.items() if _RIGHT.get(name, _wrong)(each)}
            context.default_map = {**(context.default_map or {}), **said}
    return store


def _wrong(_: object) -> bool:
    return False


StoreOption = Annotated[
    Path,
    typer.Option(
        "--store",
        envvar="MEMCTL_STORE",
        readable=False,
        is_eager=True,
        callback=_with_defaults,
        help="The folder of the store.",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object to stdout and nothing else.")
]
JsonLinesOption = Annotated[bool, typer.Option("--json", help="Print a JSON object a line.")]
IndexOption = Annotated[
    str,
    typer.Option("--index", autocompletion=indexes, help="The name of the index to search."),
]
FilterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        metavar="FIELD:VALUE",
        autocompletion=filter_fields,
        help="Search only there: file:*.pdf, lang:ru, page:3. Several of a field: any of them.",
    ),
]
BatchOption = Annotated[
    Path | None,
    typer.Option(
        "--batch",
        metavar="FILE",
        readable=False,
        help="JSON lines with _id and text, a question each.",
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", readable=False, help="Where a batch writes its lines."),
]


def be_patient(seconds: float) -> None:
    """Have what is written from here on wait so long for another writer of the store."""
    from memctl.ingest import wait_for_writers

    wait_for_writers(seconds)


WaitOption = Annotated[
    float,
    typer.Option(
        "--wait",
        min=0,
        metavar="SECONDS",
        envvar="MEMCTL_WAIT",
        help="Wait so long for another memctl that writes to the store.",
    ),
]
DEFAULT_STORE = Path(".memctl")
