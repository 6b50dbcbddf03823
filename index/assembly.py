"""Put an index together: trained anew, or what serves now with what came since."""

from __future__ import annotations

import time
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

import numpy as np

from memctl.index.choose import Wish, choose, resident_bytes
from memctl.index.errors import IndexDamagedError
from memctl.index.files import CODES, REFINE, ROWS, read_bytes, read_index
from memctl.index.filling import Pair, Plan, add, fill, trained
from memctl.index.manifest import Manifest
from memctl.index.progress import Progress
from memctl.index.sample import Draw, Rows, RowSource, draw
from memctl.index.spec import Spec
from memctl.index.training import Training, described, imbalance
from memctl.ingest.amounts import counted

# An index is trained again when it holds this many times the vectors that it was trained with, or
# when its lists are so much more uneven than they were then.
_GROWN = 2.0
_UNEVEN = 1.5
# So much of an index may be removed chunks, which every search passes over, before it is compacted.
_DEAD = 0.1


@dataclass(frozen=True, slots=True)
class Assembly:
    """An index that is filled, and not yet measured; its ids are positions in ``rows``."""

    spec: Spec
    pair: Pair
    rows: Rows
    _: KW_ONLY
    drawn: Draw
    trained_on: int
    training: Training
    training_seconds: float


def anew(
    wish: Wish, source: RowSource, *, rows: Rows, fingerprint: str, folder: Path, progress: Progress
) -> Assembly:
    """Choose a spec for ``rows``, train it and add them all.

    ``folder`` keeps what is finished on the way, for the next build if this one is ended.

    Raises:
        UsageError: the wish cannot be built with so many vectors.
    """
    choice = choose(wish, count=len(rows), dimension=source.dimension)
    for reason in choice.reasons:
        progress.tell(reason)
    drawn = draw(rows, nlist=choice.spec.lists, seed=wish.seed)
    plan = Plan(
        choice.spec,
        fingerprint,
        dimension=source.dimension,
        rows=rows,
        training=drawn.training,
    )
    begun = time.perf_counter()
    progress.stage("training", 0)
    pair = trained(plan, source, folder=folder)
    seconds = time.perf_counter() - begun
    progress.stage("adding", len(rows))
    fill(pair, plan, source, folder=folder, advance=progress.advance)
    return Assembly(
        choice.spec,
        pair,
        rows,
        drawn=drawn,
        trained_on=len(rows),
        training=described(pair.base, choice.spec, source=source, rows=drawn.training),
        training_seconds=seconds,
    )


def grown(
    old: Manifest, source: RowSource, *, rows: Rows, folder: Path, progress: Progress
) -> Assembly | None:
    """Add to the index that serves what it lacks of ``rows``, without training; or return None.

    Removed chunks stay, filtered from every search, until they are a tenth; then the codes are
    made again without them.
    """
    if len(rows) > _GROWN * old.trained_on:
        progress.tell(
            f"trained again: {counted(len(rows), 'vector')}, trained with {old.trained_on:,}"
        )
        return None
    try:
        pair, held = _opened(old, folder)
    except IndexDamagedError as error:
        progress.tell(f"built from the vectors: {error.message}")
        return None
    new = np.setdiff1d(rows, held, assume_unique=True)
    dead = len(held) + len(new) - len(rows)
    if dead > _DEAD * len(held):
        progress.tell(f"compacted: removed chunks had {dead:,} of {counted(len(held), 'vector')}")
        for _, index in pair:
            index.reset()
        new, held = rows, held[:0]
    total = len(held) + len(new)
    if 0 < old.wish.max_memory < total * resident_bytes(old.spec, source.dimension):
        progress.tell(f"chosen again: {counted(total, 'vector')}: too many for --max-memory")
        return None
    progress.stage("adding", len(new))
    add(pair, new, source, advance=progress.advance)
    uneven = imbalance(pair.base, old.spec)
    if uneven > _UNEVEN * old.training.imbalance:
        progress.tell(f"trained again: the lists have grown uneven ({uneven:.1f})")
        return None
    return Assembly(
        old.spec,
        pair,
        np.concatenate([held, new]),
        drawn=draw(rows, nlist=old.spec.lists, seed=old.wish.seed),
        trained_on=old.trained_on,
        training=old.training,
        training_seconds=0.0,
    )


def _opened(old: Manifest, folder: Path) -> tuple[Pair, Rows]:
    place = folder / old.folder
    base = read_index(place / CODES, old.files.get(CODES), flags=0)
    refine = None
    if REFINE in old.files:
        refine = read_index(place / REFINE, old.files[REFINE], flags=0)
    rows = np.frombuffer(read_bytes(place / ROWS, old.files.get(ROWS)), dtype="<i8")
    return Pair(base, refine), rows.astype(np.int64)
