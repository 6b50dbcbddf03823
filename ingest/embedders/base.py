"""What an embedder is, and what every embedder does to texts before and to vectors after."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from memctl.ingest.errors import EmbedderError
from memctl.ingest.text import one_line
from memctl.ingest.vectors import Vectors

Role = Literal["document", "query"]

# What no tokenizer has: NUL, which ends a text in C, and lone surrogates, which have no UTF-8.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_SHOWN = 60


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
        """The length of a vector; a foreign model may have to embed a word to tell it."""
        ...

    @property
    def max_tokens(self) -> int | None:
        """The tokens that the model sees at once, or None where it is not known."""
        ...

    @property
    def fingerprint(self) -> str:
        """Weights, tokenizer, pooling and prefixes in one short text."""
        ...

    def embed(self, texts: Sequence[str], *, role: Role) -> Vectors:
        """Return float32 (len(texts), dimension); row i is the unit vector of text i.

        Any text has a vector, the empty one too.

        Raises:
            EmbedderError: a vector could not be made or is not finite.
        """
        ...


@runtime_checkable
class TokenEmbedder(Protocol):
    """An embedder that also tells the vectors of single tokens, for late interaction."""

    def token_vectors(self, texts: Sequence[str], *, role: Role) -> list[Vectors]:
        """Return float32 (tokens, dimension) for each text, unit rows, those of its beginning."""
        ...


def prepared(text: str) -> str:
    """Return ``text`` as a model takes it: NFC, white space folded, no NUL, no lone surrogate.

    It is never empty, as many models have no vector for nothing: a full stop takes its place.
    """
    return " ".join(unicodedata.normalize("NFC", _NO_TEXT.sub(" ", text)).split()) or "."


def shown(text: str) -> str:
    """Return the beginning of ``text`` in quotes, for a message."""
    line = one_line(text[: 2 * _SHOWN])
    return repr(line if len(text) <= _SHOWN else f"{line[:_SHOWN]}…")


def checked(vectors: npt.NDArray[np.floating], texts: Sequence[str], *, dimension: int) -> Vectors:
    """Return ``vectors`` scaled to unit length.

    Raises:
        EmbedderError: their number or size is wrong, or one is zero or not finite.
    """
    if vectors.shape != (len(texts), dimension):
        raise EmbedderError(
            f"{len(texts)} texts gave vectors of shape {vectors.shape}, not {dimension} wide"
        )
    with np.errstate(over="ignore"):
        norms = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    wrong = np.flatnonzero(~np.isfinite(norms[:, 0]) | (norms[:, 0] < 1e-6))
    if wrong.size:
        first = int(wrong[0])
        fault = "is zero" if np.isfinite(norms[first, 0]) else "is not finite"
        raise EmbedderError(f"the vector of the text {shown(texts[first])} {fault}")
    unit: Vectors = np.divide(vectors, norms).astype(np.float32)
    return unit
