"""The vectors in an endpoint's answer, each of them looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from memctl.ingest.embedders.base import checked, shown
from memctl.ingest.errors import EmbedderError
from memctl.ingest.vectors import Vectors


def rows(values: Sequence[object], texts: Sequence[str], *, dimension: int | None) -> Vectors:
    """Return the unit vectors of ``texts``; without a ``dimension`` they are as long as the first.

    Raises:
        EmbedderError: there are more or fewer of them, or one is no list of numbers, of another
            length, zero or not finite. The text is named.
    """
    if len(values) != len(texts):
        raise EmbedderError(f"{len(values)} vectors came for {len(texts)} texts")
    for value, text in zip(values, texts, strict=True):
        if not isinstance(value, list) or not value or not set(map(type, value)) <= {float, int}:
            raise EmbedderError(f"no list of numbers came for the text {shown(text)}")
        dimension = dimension or len(value)
        if len(value) != dimension:
            raise EmbedderError(
                f"{len(value)} numbers, not {dimension}, came for the text {shown(text)}"
            )
    try:
        matrix = np.array(values, dtype=np.float64)
    except OverflowError as error:
        raise EmbedderError(f"a number of the text {shown(texts[0])} is too large") from error
    return checked(matrix, texts, dimension=dimension or 0)


def in_order(items: Sequence[object], texts: Sequence[str]) -> list[object]:
    """Return the ``embedding`` of each item by its ``index``, whatever the order they came in.

    Raises:
        EmbedderError: the indexes are not 0 to the number of texts, each once.
    """
    found: dict[int, object] = {}
    for item in items:
        index = item.get("index") if isinstance(item, dict) else None
        if type(index) is not int or not 0 <= index < len(texts):
            raise EmbedderError(f"a vector came with the index {index!r} of {len(texts)} texts")
        if index in found:
            raise EmbedderError(f"two vectors came for the text {shown(texts[index])}")
        found[index] = item.get("embedding") if isinstance(item, dict) else None
    for index, text in enumerate(texts):
        if index not in found:
            raise EmbedderError(f"no vector came for the text {shown(text)}")
    return [found[index] for index in range(len(texts))]
