"""What the embedders of foreign models share: prompts, checks, windows, a dimension to be asked."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from memctl.ingest.embedders.base import Role, checked, prepared
from memctl.ingest.embedders.prompts import Prompts
from memctl.ingest.errors import EmbedderError, MemctlError
from memctl.ingest.text import one_line
from memctl.ingest.vectors import Vectors

Raw = npt.NDArray[np.floating]

_PROBE = "the length of a vector"


class ForeignEmbedder(ABC):
    """A model that memctl does not know: what it gives is checked before it is believed.

    ``dimension`` is the pinned one where a store knows it. Where nobody does, one short text is
    embedded when it is first asked for, and every vector after must be of that length.
    """

    def __init__(self, name: str, *, dimension: int | None) -> None:
        self.name = name
        self._dimension = dimension

    @property
    def max_tokens(self) -> int | None:
        """The tokens that the model sees at once; None, as it does not tell."""
        return None

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        if self._dimension is None:
            return int(self.embed([_PROBE], role="document").shape[1])
        return self._dimension

    @property
    @abstractmethod
    def prompts(self) -> Prompts:
        """What the model wants said before a text."""

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """Weights, tokenizer, pooling and prompts in one short text."""

    @abstractmethod
    def _embed(self, texts: Sequence[str], *, role: Role) -> Raw:
        """Return a row for each of the texts, which are prepared and not empty."""

    def embed(self, texts: Sequence[str], *, role: Role) -> Vectors:
        """Return float32 (len(texts), dimension), unit rows.

        Raises:
            EmbedderError: the model is not there, or gave something that is no vector.
        """
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        raw = self._embed([prepared(text) for text in texts], role=role)
        width = self._dimension or (raw.shape[1] if raw.ndim == 2 else 0)
        vectors = checked(raw, texts, dimension=width)
        self._dimension = width
        return vectors


def windows(text: str, *, limit: int, count: Callable[[str], int]) -> list[str]:
    """Cut ``text`` into parts of about the same length of at most ``limit`` tokens each.

    They are cut at white space where there is some near.

    Raises:
        EmbedderError: one character alone has more tokens.
    """
    tokens = count(text)
    if tokens <= limit:
        return [text]
    if len(text) == 1:
        raise EmbedderError(f"the model takes {limit} tokens, too few for one character")
    number = min(-(-tokens // limit), len(text))
    cuts = [_near_space(text, len(text) * part // number) for part in range(1, number)]
    parts = [text[start:end].strip() for start, end in pairwise([0, *cuts, len(text)])]
    return [window for part in parts if part for window in windows(part, limit=limit, count=count)]


def _near_space(text: str, place: int) -> int:
    """Return the last white space at ``place`` or in the 40 characters before, or ``place``."""
    found = text.rfind(" ", max(place - 40, 1), place + 1)
    return place if found < 0 else found


def merged(vectors: Raw, owners: Sequence[int], *, weights: Sequence[int]) -> Raw:
    """Return one row for each owner: the mean of its windows' unit vectors, weighted by tokens.

    ``owners`` rise from 0 without a gap; a text of one window keeps its vector.
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        weighted = vectors / norms * np.asarray(weights)[:, None]
    result: Raw = np.zeros((owners[-1] + 1, vectors.shape[1]))
    np.add.at(result, np.asarray(owners), weighted)
    return result


@contextmanager
def told(what: str, *, hint: str = "") -> Generator[None]:
    """Turn what a foreign library raises into one error that a user can act on.

    Raises:
        EmbedderError: the library raised anything but an error of memctl.
    """
    try:
        yield
    except MemctlError:
        raise
    except Exception as error:  # a foreign library raises what it likes
        reason = one_line(hidden(str(error)))[:300] or type(error).__name__
        raise EmbedderError(f"{what}: {reason}", hint=hint) from error


def hidden(text: str) -> str:
    """Return ``text`` without the keys and passwords that stand in the environment."""
    for name, value in os.environ.items():
        if len(value) >= 8 and name.upper().endswith(("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")):
            text = text.replace(value.strip(), "***")
    return text
