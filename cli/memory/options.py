"""Options that the commands of memory share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from memctl.memory import Book
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
        help="Whose memory; without it that of me, or the only one there is.",
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


def named(book: Book, attribute: str, about: str) -> tuple[str, str]:
    """Return the attribute and the person that are typed as facts have them; empty for none.

    Raises:
        UsageError: there is none of that name.
    """
    from memctl.memory import grammar_for
    from memctl.memory.lookup import attribute_of, subject_of

    grammar = grammar_for(book.place)
    return (
        attribute_of(book, grammar, attribute) if attribute else "",
        subject_of(book, grammar, about) if about else "",
    )
