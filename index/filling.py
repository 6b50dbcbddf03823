"""Train an index, and fill it part by part so that a killed build goes on with the next part."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, asdict, dataclass
from pathlib import Path
from typing import Any

from memctl.index import training
from memctl.index.errors import IndexDamagedError
from memctl.index.fastscan import clear_padding
from memctl.index.files import FileFact, fact_of, read_index, write_index
from memctl.index.library import FaissObject, faiss
from memctl.index.sample import Rows, RowSource
from memctl.index.spec import Spec

PART = 1_000_000  # rows that are built apart
_TRAINED = ("base", "refine")
# Graphs do not merge, and RaBitQ keeps factors beside its codes that do not either.
_WHOLE = frozenset({"hnsw", "factory", "rabitq", "ivf-rabitq"})
Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides the bytes of an index: equal plans may share finished parts."""

    spec: Spec
    fingerprint: str
    _: KW_ONLY
    dimension: int
    rows: Rows
    training: Rows

    @property
    def in_parts(self) -> bool:
        """Whether the rows are so many that they are added apart, to an index that can merge."""
        return len(self.rows) > PART and self.spec.type not in _WHOLE

    def key(self) -> str:
        """Return a digest of the plan."""
        digest = hashlib.sha256(f"{self.spec}|{self.fingerprint}|{self.dimension}".encode())
        digest.update(self.rows.astype("<i8").tobytes())
        digest.update(self.training.astype("<i8").tobytes())
        return digest.hexdigest()


@dataclass(slots=True)
class Pair:
    """A base index and the index that its finds are scored again from, or None."""

    base: FaissObject
    refine: FaissObject

    def __iter__(self) -> Iterator[tuple[str, FaissObject]]:
        yield "base", self.base
        if self.refine is not None:
            yield "refine", self.refine


def trained(plan: Plan, source: RowSource, *, folder: Path) -> Pair:
    """Return the two indexes of a plan, trained and empty.

    ``folder`` keeps what is finished. What an earlier build of the same plan left there is used,
    what one of another plan left is removed.
    """
    _clear_foreign(folder, plan.key())
    kept = _kept(folder, 0) if plan.in_parts else None
    if kept is not None:
        return kept
    pair = Pair(
        training.empty(plan.spec, plan.dimension), training.refiner(plan.spec, plan.dimension)
    )
    if any(not index.is_trained for _, index in pair):
        vectors = source.take(plan.training)
        for _, index in pair:
            training.train(index, vectors)
    if plan.in_parts:
        _keep(pair, folder, 0)
    return pair


def fill(pair: Pair, plan: Plan, source: RowSource, *, folder: Path, advance: Advance) -> None:
    """Add every row of the plan to the trained pair, by way of parts where there are many."""
    if not plan.in_parts:
        add(pair, plan.rows, source, advance=advance)
        return
    blank = _copy(pair)
    for number, start in enumerate(range(0, len(plan.rows), PART), start=1):
        rows = plan.rows[start : start + PART]
        part = _kept(folder, number)
        if part is None:
            part = _copy(blank)
            add(part, rows, source, advance=advance)
            _keep(part, folder, number)
        else:
            advance(len(rows))
        for (_, whole), (_, piece) in zip(pair, part, strict=True):
            lists = faiss().try_extract_index_ivf(whole)
            whole.merge_from(piece, 0 if lists is None else whole.ntotal)
    clear_padding(pair.base)


def _copy(pair: Pair) -> Pair:
    clone = faiss().clone_index
    return Pair(clone(pair.base), None if pair.refine is None else clone(pair.refine))


def _clear_foreign(folder: Path, key: str) -> None:
    mark = folder / "plan"
    if not mark.is_file() or mark.read_text(encoding="utf-8") != key:
        shutil.rmtree(folder)
        folder.mkdir()
        mark.write_text(key, encoding="utf-8")


def add(pair: Pair, rows: Rows, source: RowSource, *, advance: Advance) -> None:
    """Add ``rows`` to a trained pair."""
    for part, block in source.blocks(rows):
        for _, index in pair:
            index.add(block)
        advance(len(part))


def _part_files(folder: Path, number: int) -> dict[str, Path]:
    return {name: folder / f"part-{number:04d}.{name}.faiss" for name in _TRAINED}


def _keep(part: Pair, folder: Path, number: int) -> None:
    """Write a finished part; the list of its files, renamed into place last, makes it count."""
    files = _part_files(folder, number)
    facts: dict[str, dict[str, object]] = {}
    for name, index in part:
        write_index(index, files[name])
        facts[name] = asdict(fact_of(files[name]))
    partial = folder / f"part-{number:04d}.partial"
    partial.write_text(json.dumps(facts), encoding="utf-8")
    partial.replace(folder / f"part-{number:04d}.json")


def _kept(folder: Path, number: int) -> Pair | None:
    """Return a part that an earlier build finished, or None."""
    try:
        text = (folder / f"part-{number:04d}.json").read_text(encoding="utf-8")
    except OSError:
        return None
    facts: dict[str, dict[str, Any]] = json.loads(text)
    files = _part_files(folder, number)
    try:
        indexes = {
            name: read_index(files[name], FileFact(**fact), flags=0) for name, fact in facts.items()
        }
    except IndexDamagedError:
        return None
    return Pair(indexes["base"], indexes.get("refine"))
