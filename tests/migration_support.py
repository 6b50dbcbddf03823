"""A second embedder without a model, and what must hold of a store whatever happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from memctl.ingest import Store
from memctl.ingest.embedders.hashing import HashingEmbedder
from memctl.ingest.embedders.registry import KINDS, Kind
from memctl.ingest.writer import embedding_text
from memctl.query import Searcher

ASKED = ("How high is the gull tower?", "Когда построили маяк?", "4711 птиц", "a rope of hemp")


class Narrow(HashingEmbedder):
    """Hashing into fewer numbers; counts the texts that it embedded as documents."""

    name = "narrow"
    dimension = 64
    fingerprint = "narrow-1/64"
    made: ClassVar[list[str]] = []

    def embed(self, texts: Sequence[str], *, role: str) -> np.ndarray:
        if role == "document":
            self.made.extend(texts)
        return super().embed(texts, role=role)  # type: ignore[arg-type]


def narrow(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let ``--embedder narrow`` be known, and return the list of what it embeds."""
    monkeypatch.setattr(Narrow, "made", [])
    monkeypatch.setitem(KINDS, "narrow", Kind("narrow", "narrow", make=lambda _, __: Narrow()))  # type: ignore[index]
    return Narrow.made


def check_vectors(root: Path) -> None:
    """Each vector in use is that of its chunk's text by the embedder that serves."""
    with Store.open(root) as opened:
        chunks = list(opened.catalog.chunks())
        vectors = opened.vectors.map(opened.rows)[[each.row for each in chunks]]
        texts = [embedding_text(each.chunk, each.title) for each in chunks]
        expected = opened.embedder().embed(texts, role="document")
    assert np.array_equal(vectors, expected.astype("<f2"))


def hits(root: Path) -> list[tuple[str, int, float]]:
    """What the store finds for some questions in two languages."""
    with Searcher.open(root) as searcher:
        found = searcher.search(ASKED, 5)
    return [(hit.document, hit.ordinal, hit.score) for each in found for hit in each]


def served(root: Path) -> dict[str, bytes]:
    """Every file of the store but the catalog with its seal, the lock, and what is kept beside."""
    with Store.open(root) as opened:
        beside = opened.beside()
        kept = set() if beside is None else {beside.layout.vectors, beside.layout.indexes}
    return {
        str(file.relative_to(root)): file.read_bytes()
        for file in sorted(root.rglob("*"))
        if file.is_file()
        and file.suffix not in {".sqlite", ".seal", ".lock"}
        and not kept & {file, *file.parents}
    }
