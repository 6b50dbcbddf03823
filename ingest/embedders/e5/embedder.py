"""The built-in embedder: multilingual-e5-small in int8."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from memctl.ingest.embedders.base import Role, checked
from memctl.ingest.embedders.e5 import recipe
from memctl.ingest.embedders.e5.weights import POSITIONS, WIDTH
from memctl.ingest.vectors import Vectors

if TYPE_CHECKING:
    from memctl.ingest.embedders.e5.engine import Engine


class E5Embedder:
    """384 dimensions, 100 languages; a text longer than 512 tokens is embedded in windows.

    The first ``embed`` loads the model, and builds it in the user's cache folder where it is not
    there yet: some ten seconds, once. All embedders of a process share one model of a recipe.
    """

    name = "e5-small"
    dimension = WIDTH
    max_tokens = POSITIONS

    def __init__(self, made_by: recipe.Recipe = recipe.CURRENT) -> None:
        self._recipe = made_by

    @classmethod
    def of(cls, fingerprint: str) -> E5Embedder | None:
        """Return the embedder, as it is or as it was, whose vectors have ``fingerprint``."""
        made = map(cls, (recipe.CURRENT, *recipe.FORMER))
        return next((each for each in made if each.fingerprint == fingerprint), None)

    @property
    def fingerprint(self) -> str:
        """Weights, tokenizer, graph, ranges, pooling and prefixes."""
        return f"e5-small/{self._recipe.digest()}/int8/mean/e5-prefix/nfc"

    def embed(self, texts: Sequence[str], *, role: Role) -> Vectors:
        """Return float32 (len(texts), 384), unit rows.

        The vector of a text is the same whatever else is embedded with it, bit by bit.

        Raises:
            EmbedderError: the weights are missing or damaged, or the cache folder cannot be used.
        """
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        means = _SHARED.engine(self._recipe).means(texts, role=role)
        return checked(means, texts, dimension=self.dimension)

    def token_vectors(self, texts: Sequence[str], *, role: Role) -> list[Vectors]:
        """Return float32 (tokens, 384) for each text, unit rows, at most its first 510 tokens.

        Raises:
            EmbedderError: as ``embed``.
        """
        return _SHARED.engine(self._recipe).token_vectors(texts, role=role) if texts else []


class _Shared:
    """The models of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engines: dict[recipe.Recipe, Engine] = {}
        self._left: list[dict[recipe.Recipe, Engine]] = []

    def engine(self, made_by: recipe.Recipe) -> Engine:
        from memctl.ingest.embedders.e5.engine import Engine

        with self._lock:
            if made_by not in self._engines:
                self._engines[made_by] = Engine(made_by=made_by)
            return self._engines[made_by]

    def renew(self) -> None:
        """Start anew in a forked child, where the parent's locks may be held for ever.

        The parent's models are not freed either: freeing takes locks.
        """
        self._left.append(self._engines)
        self._lock, self._engines = threading.Lock(), {}


_SHARED = _Shared()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_SHARED.renew)
