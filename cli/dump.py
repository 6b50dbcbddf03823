"""``memctl dump``: every chunk of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memctl.cli.options import DEFAULT_STORE, JsonLinesOption, StoreOption
from memctl.cli.output import command, say, to_json

if TYPE_CHECKING:
    from memctl.ingest import StoredChunk


@command
def dump_cli(
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonLinesOption = True,  # noqa: ARG001  taken as other commands take it
) -> None:
    """Print every chunk as a JSON line, with --json or without.

    Example: memctl dump | jq -r .text
    """
    from memctl.ingest import Store

    with Store.open(store) as opened:
        for stored in opened.catalog.chunks():
            say(to_json(chunk_fields(stored)))


def chunk_fields(stored: StoredChunk) -> dict[str, object]:
    """Return a chunk as ``memctl dump`` and ``memctl show`` print it."""
    return {**stored.place(), "tokens": stored.chunk.tokens, "text": stored.chunk.text}
