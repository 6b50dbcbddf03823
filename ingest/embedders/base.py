"""What an embedder is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np

from memctl.ingest.errors import EmbedderError
from memctl.ingest.vectors import Vectors

Role = Literal["document", "query"]


class Embedder(Protocol):
    """Turns texts into unit vectors.

    ``fingerprint`` names everything that a vector depends on; vectors of two fingerprints are
    never compared.
    """

    @property
    def name(self) -> str:
        """The name under which settings choose it."""
        ...

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        ...

    @property
    def fingerprint(self) -> str:
        """Weights, tokenizer, pooling and prefixes in one short text."""
        ...

    def embed(self, texts: Sequence[str], *, role: Role) -> Vectors:
        """Return float32 (len(texts), dimension); row i is the unit vector of text i.

        Raises:
            EmbedderError: a vector could not be made or is not finite.
        """
        ...


def checked(vectors: Vectors, texts: Sequence[str], *, dimension: int) -> Vectors:
    """Return ``vectors`` scaled to unit length.

    Raises:
        EmbedderError: their number or size is wrong, or one is zero or not finite.
    """
    if vectors.shape != (len(texts), dimension):
        raise EmbedderError(
            f"{len(texts)} texts gave vectors of shape {vectors.shape}, not {dimension} wide"
        )
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    wrong = np.flatnonzero(~np.isfinite(norms[:, 0]) | (norms[:, 0] < 1e-6))
    if wrong.size:
        raise EmbedderError(f"no vector for the text {texts[wrong[0]][:60]!r}")
    unit: Vectors = np.divide(vectors, norms, dtype=np.float32)
    return unit
