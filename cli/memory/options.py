"""Options that the commands of memory share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from memctl.memory.extractor import Extractor
    from memctl.memory.place import Place


def complete_user(context: typer.Context, incomplete: str) -> list[str]:
    """Return the users whose names begin so, for the shell."""
    from memctl.cli.options import DEFAULT_STORE
    from memctl.memory import users

    store = Path(context.params.get("store") or DEFAULT_STORE)
    return [each for each in users(store) if each.startswith(incomplete)]


UserOption = Annotated[
    str,
    typer.Option(
        "--user",
        "-u",
        envvar="MEMCTL_USER",
        metavar="NAME",
        autocompletion=complete_user,
        help="Whose memory; without it the only one.",
    ),
]
LlmOption = Annotated[
    str,
    typer.Option(
        "--llm",
        metavar="SPEC",
        help="Have a model draw the facts: openai:MODEL, ollama:MODEL, llamacpp:FILE.gguf.",
    ),
]
ExplainOption = Annotated[
    bool,
    typer.Option("--explain", help="Show what became of each candidate, its surprise, and why."),
]


def place(store: Path, user: str) -> Place:
    """Return whose memory is meant."""
    from memctl.memory import place_of

    return place_of(store, user)


def extractor(place_: Place, llm: str) -> Extractor | None:
    """Return what draws facts with a model, if one is named."""
    if not llm:
        return None
    from memctl.memory import grammar_for
    from memctl.memory.model import ModelExtractor
    from memctl.query import language_model

    return ModelExtractor(language_model(llm), grammar_for(place_))


def attribute_named(place_: Place, told: str) -> str:
    """Return the attribute that is named, by its name or as it is called in either language.

    Raises:
        UsageError: there is none of that name, neither in the files nor in the memory.
    """
    import difflib

    from memctl.ingest import UsageError
    from memctl.memory import Book, grammar_for

    if not told:
        return ""
    with Book.open(place_) as book:
        rows = book.db.execute("SELECT DISTINCT attribute FROM facts").fetchall()
    names: dict[str, str] = {row[0]: row[0] for row in rows}
    for each in grammar_for(place_).attributes.values():
        names |= {wording.label: each.name for wording in each.wordings.values()}
        names[each.name] = each.name
    wanted = told.casefold().strip()
    found = next((name for name in names if name.casefold() == wanted), None)
    if found is None:
        near = difflib.get_close_matches(wanted, names, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else "Run: memctl memory facts --all"
        raise UsageError(f"there is no attribute {told!r}", hint=hint)
    return names[found]
