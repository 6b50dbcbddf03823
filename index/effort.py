"""How much of an index a search reads: the parameters that trade recall for time."""

from __future__ import annotations

from dataclasses import dataclass

from memctl.index.library import FaissObject, faiss
from memctl.index.spec import Spec


@dataclass(frozen=True, slots=True, order=True)
class Effort:
    """``nprobe`` lists are read, ``k_factor`` times k candidates scored again, ``ef`` kept.

    0 where the index has no such thing.
    """

    nprobe: int = 0
    k_factor: int = 0
    ef: int = 0


# Lists whose codes say that they are near are so many times those to read, and the centroids of
# these are compared: fewer times where many lists are read, and one more or less tells little.
LISTS_SCORED = 16.0
_MOST_LISTS = 128

# Nanoseconds, roughly, of scoring one vector by its codes and of scoring one candidate again: they
# set what reads more against what scores more, and are the same on every machine.
_SCAN = {"pq-fs": 1.6, "ivf-pq-fs": 1.6, "rabitq": 5.0, "ivf-rabitq": 5.0, "ivf-sq8": 25.0}
_SCAN_OTHER = 30.0
_AGAIN = 150.0
_VISIT = 400.0


def cost(effort: Effort, spec: Spec, *, count: int) -> float:
    """Return what a search for ten costs, in rough nanoseconds; only to be compared."""
    read = count * effort.nprobe / spec.lists if spec.lists else float(count)
    if spec.has_graph:
        read = effort.ef * _VISIT / _SCAN_OTHER
    return read * _SCAN.get(spec.type, _SCAN_OTHER) + 10 * effort.k_factor * _AGAIN


def parameters(effort: Effort, base: FaissObject, *, selector: FaissObject) -> FaissObject:
    """Return FAISS's search parameters for the index ``base``; ``selector`` None finds all ids."""
    library = faiss()
    if isinstance(base, library.IndexPreTransform):
        inner = parameters(effort, library.downcast_index(base.index), selector=selector)
        return library.SearchParametersPreTransform(index_params=inner)
    if isinstance(base, library.IndexIVF):
        probes = max(effort.nprobe, 1)
        coarse = _of_lists(library.downcast_index(base.quantizer), probes)
        return library.SearchParametersIVF(sel=selector, nprobe=probes, quantizer_params=coarse)
    if isinstance(base, library.IndexHNSW):
        return library.SearchParametersHNSW(sel=selector, efSearch=effort.ef)
    return None if selector is None else library.SearchParameters(sel=selector)


def _of_lists(coarse: FaissObject, probes: int) -> FaissObject:
    """Return how the nearest lists are searched for; None where they are not found by codes."""
    library = faiss()
    if not isinstance(coarse, library.IndexRefine):
        return None
    factor = max(1.0, min(LISTS_SCORED, _MOST_LISTS / probes))
    return library.IndexRefineSearchParameters(k_factor=factor)


def ladder(spec: Spec, count: int) -> list[Effort]:
    """Return the efforts worth a trial, from little to much of each."""
    probes = _steps(1, spec.lists) if spec.lists else [0]
    factors = [2, 3, 4, 6, 8, 10, 15, 20, 30, 50, 100] if spec.refine != "none" else [0]
    efs = [16, 32, 64, 96, 128, 192, 256, 512] if spec.has_graph else [0]
    most = max(-(-count // 10), 1)
    found = {
        Effort(nprobe, min(factor, most), ef)
        for nprobe in probes
        for factor in factors
        for ef in efs
    }
    return sorted(found)


def _steps(low: int, high: int) -> list[int]:
    steps = [low]
    while steps[-1] < high:
        steps.append(min(max(steps[-1] + 1, int(steps[-1] * 1.5)), high))
    return steps
