"""What the shell offers for the values of options."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from memctl.ingest import Store

_MOST = 200  # documents: of more nobody reads the list


def documents(context: typer.Context, incomplete: str) -> list[str]:
    """Return the first documents of the store that begin so."""
    pattern = "".join(f"[{sign}]" if sign in "*?" else sign for sign in incomplete)
    return _of_store(context, lambda store: store.catalog.documents_like(f"{pattern}*"))[:_MOST]


def filter_fields(context: typer.Context, incomplete: str) -> list[str]:
    """Return the fields to filter by that begin so, each with its colon."""
    from memctl.query.filters import FIELDS

    said = _of_store(context, lambda store: store.catalog.said())
    known = (f"{name}:" for name in sorted(FIELDS.union(said)))
    return [each for each in known if each.startswith(incomplete)]


def indexes(context: typer.Context, incomplete: str) -> list[str]:
    """Return the indexes of the store that begin so."""
    from memctl.index import names

    return [
        each
        for each in _of_store(context, lambda store: names(store.layout))
        if each.startswith(incomplete)
    ]


def fusions(incomplete: str) -> list[str]:
    """Return the ways to join meaning and words that begin so."""
    from memctl.query.fusion import KINDS

    return [each for each in KINDS if each.startswith(incomplete)]


def models(incomplete: str) -> list[str]:
    """Return what the name of a language model begins with."""
    from memctl.query.llm import KINDS

    return [f"{each}:" for each in KINDS if each.startswith(incomplete)]


def embedders(incomplete: str) -> list[str]:
    """Return the embedders that begin so; a colon stands where a model is to be named."""
    from memctl.ingest.embedders.registry import KINDS

    known = (f"{kind.name}:" if kind.takes_model else kind.name for kind in KINDS.values())
    return [each for each in known if each.startswith(incomplete)]


def chunkings(incomplete: str) -> list[str]:
    """Return the methods of chunking that begin so."""
    from memctl.ingest.chunking import METHODS

    return [each for each in METHODS if each.startswith(incomplete)]


def _of_store(context: typer.Context, read: Callable[[Store], list[str]]) -> list[str]:
    """Return what is read from the store of the command; nothing where that cannot be."""
    from memctl.cli.options import DEFAULT_STORE
    from memctl.ingest import MemctlError, Store

    root = Path(context.params.get("store") or DEFAULT_STORE)
    with suppress(MemctlError, OSError), Store.open(root) as store:
        return read(store)
    return []


def index_types(incomplete: str) -> list[str]:
    """Return the types of index that begin so."""
    from memctl.index.spec import TYPES

    known = ("auto", *(each for each in TYPES if each != "factory"))
    return [each for each in known if each.startswith(incomplete)]


def index_type_list(incomplete: str) -> list[str]:
    """Return lists of types, parted by commas, whose last one begins so."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{each}" for each in index_types(last) if each != "auto"]


def refinements(incomplete: str) -> list[str]:
    """Return what candidates can be scored again from, and begins so."""
    from memctl.index.spec import REFINES

    return [each for each in REFINES if each.startswith(incomplete)]
