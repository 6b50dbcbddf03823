"""FAISS at work: a base index, and the second scoring of what it finds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memctl.index.effort import Effort, parameters
from memctl.index.library import FaissObject, faiss
from memctl.index.sample import Rows, RowSource
from memctl.index.spec import Spec
from memctl.ingest import Vectors

Positions = NDArray[np.int64]


class Engine:
    """Searches a base index and scores again; ids are positions in ``rows``."""

    def __init__(
        self,
        spec: Spec,
        base: FaissObject,
        *,
        refine: FaissObject,
        rows: Rows,
        source: RowSource,
    ) -> None:
        self.spec = spec
        self.rows = rows
        self._base = base
        self._source = source
        self._refine = refine
        self._selector: FaissObject = None
        self._both = faiss().IndexRefine(base, refine) if refine is not None else None

    @property
    def parts(self) -> tuple[FaissObject, ...]:
        """FAISS's objects: what is searched, and what is scored again from, if there is such."""
        return (self._base,) if self._refine is None else (self._base, self._refine)

    def search(
        self, queries: Vectors, k: int, *, effort: Effort, allowed: Rows | None = None
    ) -> tuple[Rows, Vectors]:
        """Return rows (n, k) and cosines (n, k), best first; -1 where fewer than k are found.

        ``allowed`` are the only rows to find; None leaves it at what ``restrict`` said.
        """
        k = max(min(k, len(self.rows)), 1)
        selector = self._selector if allowed is None else self._select(allowed)
        inner = parameters(effort, self._base, selector=selector)
        wide = min(k * max(effort.k_factor, 1), len(self.rows))
        if self._both is not None:
            both = faiss().IndexRefineSearchParameters(k_factor=wide / k, base_index_params=inner)
            scores, positions = self._both.search(queries, k, params=both)
        elif self.spec.refine == "exact":
            _, positions = self._base.search(queries, wide, params=inner)
            positions, scores = self._scored_again(queries, positions, k)
        else:
            scores, positions = self._base.search(queries, k, params=inner)
        return np.where(positions >= 0, self.rows[positions], -1), scores

    def restrict(self, allowed: Rows) -> None:
        """Let every search find only these rows, where it does not say itself which."""
        self._selector = self._select(allowed)

    def _select(self, allowed: Rows) -> FaissObject:
        """Return FAISS's selector of the positions whose rows are ``allowed``."""
        # A table of rows, which are dense numbers: many times as fast as looking each one up.
        last = int(self.rows.max()) if self.rows.size else 0
        table = np.zeros(last + 1, dtype=np.bool_)
        table[allowed[allowed <= last]] = True
        return faiss().IDSelectorBitmap(np.packbits(table[self.rows], bitorder="little"))

    def _scored_again(
        self, queries: Vectors, positions: Positions, k: int
    ) -> tuple[Positions, Vectors]:
        """Score candidates by the store's own vectors and keep the k best of each line."""
        scores: Vectors = np.full(positions.shape, -np.inf, dtype=np.float32)
        for at, line in enumerate(positions):
            found = line >= 0
            scores[at, found] = self._source.take(self.rows[line[found]]) @ queries[at]
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(positions, order, axis=1), np.take_along_axis(
            scores, order, axis=1
        )
