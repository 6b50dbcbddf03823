"""An embedder without a model: hashed words and letter triples, for tests and dry runs."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from memctl.ingest.embedders.base import Role, checked
from memctl.ingest.vectors import Vectors

_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """The hashing trick (Weinberger et al. 2009) over words and the letter triples of words.

    Two texts are near when they share words or parts of words; meaning is not seen. The role
    makes no difference.
    """

    name = "hashing"
    dimension = 256
    max_tokens = None
    fingerprint = "hashing-1/256"

    def embed(self, texts: Sequence[str], *, role: Role) -> Vectors:  # noqa: ARG002  part of the seam
        """Return float32 (len(texts), 256), unit rows."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for feature, weight in _features(text):
                code = zlib.crc32(feature.encode("utf-8", "surrogatepass"))
                vector[code % self.dimension] += weight if code >> 31 else -weight
            if not vector.any():
                vector[0] = 1.0
        return checked(vectors, texts, dimension=self.dimension)


def _features(text: str) -> Iterator[tuple[str, float]]:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    for match in _WORD.finditer(folded):
        word = match.group()
        yield word, 1.0
        padded = f"<{word}>"
        for start in range(len(padded) - 2):
            yield padded[start : start + 3], 0.25
