"""FAISS at work: a base index, and the second scoring of what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from memctl.index.effort import Effort, parameters
from memctl.index.library import FaissObject, faiss, one_thread
from memctl.index.sample import Rows, RowSource
from memctl.index.spec import Spec
from memctl.ingest import Vectors

Positions = NDArray[np.int64]

_KEPT = 4  # selectors


@dataclass(frozen=True, slots=True, eq=False)
class _Chosen:
    """FAISS's selector of some rows, and its parameters of searches in them."""

    rows: Rows
    selector: FaissObject
    known: dict[tuple[Effort, float], FaissObject] = field(
        default_factory=dict[tuple[Effort, float], FaissObject]
    )


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
        self._width = int(rows.max()) + 1 if rows.size else 0
        self._gapless = self._width == rows.size and bool((np.diff(rows) == 1).all())
        self._chosen: tuple[_Chosen, ...] = ()
        self._known: dict[tuple[Effort, float], FaissObject] = {}

    @property
    def parts(self) -> tuple[FaissObject, ...]:
        """FAISS's objects: what is searched, and what is scored again from, if there is such."""
        return (self._base,) if self._refine is None else (self._base, self._refine)

    def search(
        self, queries: Vectors, k: int, *, effort: Effort, allowed: Rows | None = None
    ) -> tuple[Rows, Vectors]:
        """Return rows (n, k) and cosines (n, k), best first; -1 where fewer than k are found.

        ``allowed`` are the only rows to find, sorted; None leaves it at what ``restrict`` said.
        """
        if len(queries) > 1:
            return self._searched(queries, k, effort, allowed)
        with one_thread():  # the others would have nothing to do but to wait, at full speed
            return self._searched(queries, k, effort, allowed)

    def _searched(
        self, queries: Vectors, k: int, effort: Effort, allowed: Rows | None
    ) -> tuple[Rows, Vectors]:
        k = max(min(k, len(self.rows)), 1)
        wide = min(k * max(effort.k_factor, 1), len(self.rows))
        params = self._parameters(effort, wide / k, allowed)
        if self._both is not None:
            scores, positions = self._both.search(queries, k, params=params)
        elif self.spec.refine == "exact":
            _, positions = self._base.search(queries, wide, params=params)
            positions, scores = self._scored_again(queries, positions, k)
        else:
            scores, positions = self._base.search(queries, k, params=params)
        return np.where(positions >= 0, self.rows[positions], -1), scores

    def restrict(self, allowed: Rows) -> None:
        """Let every search find only these rows, sorted, where it does not say itself which."""
        self._selector = self._select(allowed).selector
        self._known.clear()

    def _parameters(self, effort: Effort, factor: float, allowed: Rows | None) -> FaissObject:
        """Return FAISS's parameters of a search, which are remembered."""
        if allowed is None:
            selector, known = self._selector, self._known
        else:
            chosen = self._select(allowed)
            selector, known = chosen.selector, chosen.known
        if (effort, factor) not in known:
            known[effort, factor] = self._made(effort, factor, selector)
        return known[effort, factor]

    def _made(self, effort: Effort, factor: float, selector: FaissObject) -> FaissObject:
        inner = parameters(effort, self._base, selector=selector)
        if self._both is None:
            return inner
        return faiss().IndexRefineSearchParameters(k_factor=factor, base_index_params=inner)

    def _select(self, allowed: Rows) -> _Chosen:
        """Return what FAISS needs to search the positions whose rows are ``allowed``.

        The last ones are kept: where chunks were removed, every search asks for the same live
        rows, and in a corpus of two languages for those in the other one.
        """
        for each in self._chosen:  # another thread may put others there
            if each.rows is allowed:
                return each
        made = _Chosen(allowed, self._selecting(allowed))
        self._chosen = (made, *self._chosen[: _KEPT - 1])
        return made

    def _selecting(self, allowed: Rows) -> FaissObject:
        # A table of rows, which are dense numbers: many times as fast as looking each one up.
        table = np.zeros(self._width, dtype=np.bool_)
        table[allowed[: np.searchsorted(allowed, self._width)]] = True
        held = table if self._gapless else table[self.rows]
        return faiss().IDSelectorBitmap(np.packbits(held, bitorder="little"))

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
