"""Documents that are the same, or nearly, told by their MinHash signatures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np
import numpy.typing as npt

from memctl.ingest.minhash import HASHES

SIMILAR = 0.8
"""The Jaccard similarity from which on two documents count as nearly the same."""

_BANDS = 16  # of four numbers: .9998 of the pairs at .8 share a band, .02 of those at .2
_COMPARED = 64  # documents of a bucket that each is compared with

Signatures = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Signed:
    """A document to compare: its path, its signature and the number of its characters."""

    path: str
    signature: bytes
    _: KW_ONLY
    characters: int


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Documents like ``document``, the first of them by path.

    ``same`` have the same text; ``similar`` have its estimated similarity with them, from 0 to 1.
    In a chain of versions the ends may be less alike than neighbours are.
    """

    document: str
    _: KW_ONLY
    same: tuple[str, ...]
    similar: tuple[tuple[str, float], ...]


def find_duplicates(
    documents: Sequence[Signed], text_of: Callable[[str], str], *, least: float = SIMILAR
) -> list[DuplicateGroup]:
    """Group the documents by a similarity of ``least`` and more.

    ``text_of`` is asked for the texts that may be equal. Those of less than five words are left
    out.
    """
    signed = sorted((each for each in documents if each.signature), key=lambda each: each.path)
    if len(signed) < 2:
        return []
    joined = b"".join(each.signature for each in signed)
    matrix = np.frombuffer(joined, dtype="<u4").reshape(len(signed), HASHES)
    forest = _Forest(len(signed))
    for a, b in _close_pairs(matrix, least):
        forest.join(a, b)
    found = forest.groups()
    return [_group([signed[at] for at in group], matrix[group], text_of) for group in found]


def _close_pairs(matrix: Signatures, least: float) -> Iterator[tuple[int, int]]:
    """Yield pairs of rows that share a band and have ``least`` of their numbers in common."""
    width = HASHES // _BANDS
    for band in range(_BANDS):
        part = np.ascontiguousarray(matrix[:, band * width : (band + 1) * width])
        keys = part.view(np.dtype((np.void, part.dtype.itemsize * width))).ravel()
        _, bucket, sizes = np.unique(keys, return_inverse=True, return_counts=True)
        shared = np.flatnonzero(sizes[bucket] > 1)
        order = shared[np.argsort(bucket[shared], kind="stable")]
        for rows in np.split(order, np.flatnonzero(np.diff(bucket[order])) + 1):
            yield from _alike(matrix, rows, least)


def _alike(
    matrix: Signatures, rows: npt.NDArray[np.intp], least: float
) -> Iterator[tuple[int, int]]:
    for at, row in enumerate(rows[:_COMPARED]):
        others = rows[at + 1 :]
        alike = (matrix[others] == matrix[row]).mean(axis=1) >= least
        yield from ((int(row), int(other)) for other in others[alike])


class _Forest:
    """Sets that are joined two by two (Tarjan 1975)."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def join(self, a: int, b: int) -> None:
        first, second = sorted((self._root(a), self._root(b)))
        self._parent[second] = first

    def groups(self) -> list[list[int]]:
        """Return the sets of two and more, each in order, in the order of their first."""
        found: dict[int, list[int]] = defaultdict(list)
        for at in range(len(self._parent)):
            found[self._root(at)].append(at)
        return [group for _, group in sorted(found.items()) if len(group) > 1]

    def _root(self, at: int) -> int:
        while self._parent[at] != at:
            self._parent[at] = self._parent[self._parent[at]]
            at = self._parent[at]
        return at


def _group(
    documents: Sequence[Signed], matrix: Signatures, text_of: Callable[[str], str]
) -> DuplicateGroup:
    first = documents[0]
    text: str | None = None
    same: list[str] = []
    similar: list[tuple[str, float]] = []
    for at, each in enumerate(documents[1:], start=1):
        if (each.signature, each.characters) == (first.signature, first.characters):
            text = text_of(first.path) if text is None else text
            if text_of(each.path) == text:
                same.append(each.path)
                continue
        similar.append((each.path, float((matrix[at] == matrix[0]).mean())))
    similar.sort(key=lambda pair: (-pair[1], pair[0]))
    return DuplicateGroup(first.path, same=tuple(same), similar=tuple(similar))
