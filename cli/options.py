"""Options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

StoreOption = Annotated[
    Path,
    typer.Option("--store", envvar="MEMCTL_STORE", readable=False, help="The folder of the store."),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object to stdout and nothing else.")
]
JsonLinesOption = Annotated[bool, typer.Option("--json", help="Print a JSON object a line.")]
IndexOption = Annotated[str, typer.Option("--index", help="The name of the index to search.")]
FilterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        metavar="FIELD:VALUE",
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
DEFAULT_STORE = Path(".memctl")
