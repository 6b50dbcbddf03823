"""Make a FAISS index of a spec and train it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np

from memctl.index.effort import LISTS_SCORED
from memctl.index.library import FaissObject, faiss, one_thread
from memctl.index.rotation import balanced, width
from memctl.index.sample import Rows, RowSource
from memctl.index.spec import Spec
from memctl.ingest import UsageError, Vectors

# What comes later may lie outside of what was trained with: so much wider than that the range of
# 8-bit codes is, at either end.
_MARGIN = 0.1
_LOOKED_AT = 10_000  # vectors by which lists are judged
# A rotation is learnt with small codes from some of the points: more of either changes nothing
# that a search can tell.
_OPQ_BITS, _OPQ_ROUNDS, _OPQ_POINTS = 4, 20, 16_384


@dataclass(frozen=True, slots=True)
class Training:
    """How the centroids came out.

    ``points`` is the number of vectors that were drawn to learn from. ``closeness`` is the mean
    cosine of a vector and its centroid, 1 is perfect; ``imbalance`` is 1 where all lists are
    equally long and 2 where a search reads twice as much for it (FAISS's imbalance factor). Both
    are 0 for an index without lists.
    """

    points: int
    closeness: float = 0.0
    imbalance: float = 0.0


def empty(spec: Spec, dimension: int) -> FaissObject:
    """Return an untrained index for inner products of vectors of ``dimension``.

    Raises:
        UsageError: FAISS does not know such an index.
    """
    library = faiss()
    inner = spec.pq_m * width(dimension, spec.pq_m) if spec.balanced else dimension
    try:
        index = library.index_factory(inner, spec.base, library.METRIC_INNER_PRODUCT)
    except RuntimeError as error:
        why = str(error).rpartition(": ")[2]
        raise UsageError(
            f"FAISS cannot make {spec.base!r} of {dimension} dimensions: {why[:200]}",
            hint="See FAISS's guide to the index factory, or choose a --type.",
        ) from error
    _prepare(library, index)
    if not spec.balanced:
        return index
    turning = library.LinearTransform(dimension, inner)
    turning.is_trained = False
    return library.IndexPreTransform(turning, index)


def refiner(spec: Spec, dimension: int) -> FaissObject:
    """Return an untrained index of the copies that candidates are scored again from, or None."""
    if spec.refine in {"none", "exact"}:
        return None
    return empty(Spec("sq8" if spec.refine == "sq8" else "flat"), dimension)


def train(index: FaissObject, vectors: Vectors) -> None:
    """Train ``index``; the same vectors give the same index."""
    if not index.is_trained:
        _turn(index, vectors)
        _place_lists(index, vectors)
        with one_thread() if _only_codes(index) else nullcontext():
            index.train(vectors)


def _only_codes(index: FaissObject) -> bool:
    """Tell whether codes alone are left to learn: a part at a time, too little to share out."""
    lists = faiss().try_extract_index_ivf(index)
    return lists is not None and lists.nlist in {1, lists.quantizer.ntotal}


def _turn(index: FaissObject, vectors: Vectors) -> None:
    """Give an index that turns its vectors the map for it."""
    turning = _turning(index)
    if turning is not None:
        library = faiss()
        parts = library.downcast_index(index.index).pq.M
        library.copy_array_to_vector(balanced(vectors, parts).ravel(), turning.A)
        turning.is_trained = True


def _place_lists(index: FaissObject, vectors: Vectors) -> None:
    """Learn the centroids of lists that are found by codes of them.

    FAISS would learn them by what these codes tell. They are learnt from the vectors as they come,
    and turned afterwards: to turn adds axes to a vector, and brings none nearer to another.
    """
    library = faiss()
    turning = _turning(index)
    lists = index if turning is None else library.downcast_index(index.index)
    coarse = _coded(lists)
    if coarse is None:
        return
    means = library.Clustering(vectors.shape[1], lists.nlist, lists.cp)
    means.train(vectors, library.IndexFlatIP(vectors.shape[1]))
    centroids = library.vector_to_array(means.centroids).reshape(lists.nlist, -1)
    if turning is not None:
        centroids = turning.apply(centroids)
    coarse.train(centroids)
    coarse.add(centroids)


def _coded(lists: FaissObject) -> FaissObject:
    """Return what finds lists by codes of their centroids; None where there is no such thing."""
    library = faiss()
    if not hasattr(lists, "quantizer"):
        return None
    coarse = library.downcast_index(lists.quantizer)
    return coarse if isinstance(coarse, library.IndexRefine) else None


def _turning(index: FaissObject) -> FaissObject:
    """Return the map by which a balanced index turns its vectors; None for another index."""
    library = faiss()
    if not isinstance(index, library.IndexPreTransform):
        return None
    turning = library.downcast_VectorTransform(index.chain.at(0))
    return turning if type(turning) is library.LinearTransform else None


def described(index: FaissObject, spec: Spec, *, source: RowSource, rows: Rows) -> Training:
    """Say how the lists of a filled ``index`` fit the ``rows`` that it was trained with."""
    if not spec.lists:
        return Training(rows.size)
    library = faiss()
    vectors = source.take(rows[:: -(-rows.size // _LOOKED_AT)])
    lists = library.extract_index_ivf(index)
    seen = vectors
    if isinstance(index, library.IndexPreTransform):
        seen = index.chain.at(0).apply(vectors)
    scores, _ = library.downcast_index(lists.quantizer).search(seen, 1)
    centroids = lists.quantizer.reconstruct_n(0, lists.nlist)
    lengths = np.linalg.norm(centroids, axis=1)
    mean = float(np.mean(scores[:, 0]) / max(float(np.mean(lengths)), 1e-9))
    return Training(rows.size, round(mean, 4), imbalance(index, spec))


def imbalance(index: FaissObject, spec: Spec) -> float:
    """Return how unevenly long the lists are: 1 where they are equal, 0 where there are none."""
    if not spec.lists:
        return 0.0
    return round(float(faiss().extract_index_ivf(index).invlists.imbalance_factor()), 3)


def _prepare(library: FaissObject, index: FaissObject) -> None:
    """Widen the range of 8-bit codes; keep warnings of few points in, ``choose`` tells them."""
    part = library.downcast_index(index)
    if isinstance(part, library.IndexPreTransform):
        found = library.downcast_VectorTransform(part.chain.at(0))
        if isinstance(found, library.OPQMatrix):
            product = library.ProductQuantizer(found.d_out, found.M, _OPQ_BITS)
            found.niter, found.max_train_points = _OPQ_ROUNDS, _OPQ_POINTS
            product.cp.min_points_per_centroid = 1
            found.pq = product
            index.referenced_objects = [product]  # FAISS holds no more than a pointer to it
        part = library.downcast_index(part.index)
    if hasattr(part, "sq"):
        part.sq.rangestat_arg = _MARGIN
    _few_points(part)
    coarse = _coded(part)
    if coarse is not None:
        coarse.k_factor = LISTS_SCORED
        _few_points(library.downcast_index(coarse.base_index))


def _few_points(index: FaissObject) -> None:
    """Let an index and its codes be learnt from few points without a warning."""
    for owner in (index, getattr(index, "pq", None)):
        if owner is not None and hasattr(owner, "cp"):
            owner.cp.min_points_per_centroid = 1
