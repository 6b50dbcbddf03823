"""From what a user wishes, and how many vectors there are, to the spec of an index."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from typing import cast

from memctl.index.memory import as_option, in_words
from memctl.index.spec import COARSE, REFINES, TYPES, Refine, Spec, Type, unknown
from memctl.ingest import UsageError
from memctl.ingest.amounts import counted

# Measured (docs/index.md): below so many vectors exact search answers at once, and below so many
# more the inverted lists cost more than they spare, since real neighbours lie in many of them.
_EXACT_UNTIL = 10_000
_WHOLE_UNTIL = 250_000
_POINTS_PER_LIST = 39  # FAISS's own least for a centroid worth its name
_HNSW_M = 32
_ROTATED = frozenset({"ivf-pq", "opq-ivf-pq"})
_ID_BYTES = 8
# The neighbours of a vector on the lowest level, those above that a few have, and where they begin.
_GRAPH_BYTES = 2 * 4 * _HNSW_M + 16
_FACTOR_BYTES = 8  # two numbers that RaBitQ keeps beside a code


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for: 0 or an empty text leaves the choice to ``choose``.

    ``max_memory`` is in bytes, ``max_latency`` in milliseconds of one query on one thread.
    """

    type: str = "auto"
    _: KW_ONLY
    nlist: int = 0
    pq_m: int = 0
    pq_bits: int = 0
    refine: str = ""
    opq: bool = False
    factory: str = ""
    target_recall: float = 0.95
    max_memory: int = 0
    max_latency: float = 0.0
    seed: int = 20_240_501

    def __post_init__(self) -> None:
        if not 0 < self.target_recall <= 1:
            raise UsageError(
                f"a recall of {self.target_recall} cannot be met", hint="Give one from 0 to 1."
            )
        if self.type != "auto" and self.type not in TYPES:
            raise unknown("index type", self.type, known=("auto", *TYPES))
        if self.refine and self.refine not in REFINES:
            raise unknown("refine", self.refine, known=REFINES)


def check(wish: Wish) -> None:
    """Refuse a rotation for what has no codes to rotate for; a wish that is kept may have one.

    Raises:
        UsageError: ``opq`` was asked of another type than that which has it.
    """
    if not wish.opq or (wish.type in {"auto", *_ROTATED} and not wish.factory):
        return
    what = "a --factory string" if wish.factory else f"the type {wish.type}"
    raise UsageError(
        f"{what} has no use for --opq",
        hint="Leave it out, or choose --type opq-ivf-pq, which rotates.",
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """A spec and why it is this one, a reason a line."""

    spec: Spec
    reasons: tuple[str, ...]


def choose(wish: Wish, *, count: int, dimension: int) -> Choice:
    """Return the spec for ``count`` vectors, every size that was left open filled in.

    Raises:
        UsageError: the parts do not go together, there are too few vectors to learn them from, or
            they take more memory than was wished for.
    """
    reasons: list[str] = []
    kind = _kind(wish, count, reasons)
    nlist = _nlist(wish, kind, count, reasons)
    spec = Spec(
        kind,
        nlist=nlist,
        pq_m=_pq_m(wish, kind, dimension),
        pq_bits=wish.pq_bits or _pq_bits(kind),
        hnsw_m=_HNSW_M if kind == "hnsw" else 0,
        refine=_refine(wish, kind),
        factory=wish.factory,
        balanced=kind in {"pq-fs", "ivf-pq-fs"},
    )
    if count < spec.training_points:
        raise UsageError(
            f"{kind} learns from {spec.training_points:,} vectors at least, there are {count:,}",
            hint=_fewer(spec, count),
        )
    if wish.max_memory:
        reasons.extend(_fits(spec, wish.max_memory, count=count, dimension=dimension))
    return Choice(spec, tuple(reasons))


def resident_bytes(spec: Spec, dimension: int) -> float:
    """Return the bytes of memory a vector takes while the index is open; mapped ones not counted.

    What is mapped stays on disk, and in memory only as long as the system has room for it. Of the
    type ``factory`` only the row is counted: the rest is known when it is built.
    """
    if spec.mapped or spec.type == "factory":
        return _ID_BYTES
    if spec.type == "hnsw":
        return dimension + _GRAPH_BYTES + _ID_BYTES
    code = spec.pq_m * spec.pq_bits / 8
    if not spec.pq_m:
        code = dimension / 8 + _FACTOR_BYTES
    return code + 2 * _ID_BYTES  # its place in a list, and its row


def _kind(wish: Wish, count: int, reasons: list[str]) -> Type:
    if wish.factory:
        if wish.type not in {"auto", "factory"}:
            raise UsageError("give --type or --factory, not both", hint="Leave one of them out.")
        return "factory"
    if wish.type != "auto":
        kind = cast("Type", wish.type)
        return "opq-ivf-pq" if wish.opq and kind == "ivf-pq" else kind
    if wish.opq:
        return "opq-ivf-pq"
    if count <= _EXACT_UNTIL:
        reasons.append(f"exact search: {counted(count, 'vector')}, few (up to {_EXACT_UNTIL:,})")
        return "flat"
    if count <= _WHOLE_UNTIL:
        reasons.append(
            f"4-bit codes, all of them read: {count:,} vectors are too few for lists to pay "
            f"(up to {_WHOLE_UNTIL:,})"
        )
        return "pq-fs"
    reasons.append(f"4-bit codes in inverted lists: {count:,} vectors are many")
    return "ivf-pq-fs"


def _fewer(spec: Spec, count: int) -> str:
    """Return what an index can do with that has ``count`` vectors to learn from."""
    if spec.lists > count:
        option = "an IVF of" if spec.factory else "--nlist"
        return f"Give {option} {count} or less, or choose --type flat."
    if spec.pq_bits > 4 and count >= 1 << 4:
        return f"Give --pq-bits {count.bit_length() - 1} or less, or choose --type flat."
    return "Choose --type flat, which learns nothing."


def _fits(spec: Spec, room: int, *, count: int, dimension: int) -> list[str]:
    """Return the reason why an index is small enough; none where that is known when it is built.

    Raises:
        UsageError: it takes more memory than ``room``.
    """
    if spec.type == "factory":
        return []
    need = count * resident_bytes(spec, dimension)
    if need <= room:
        return [f"{in_words(need)} of memory: fits the {in_words(room)} given"]
    hint = f"Give {as_option(need)}"
    smaller: dict[Type, str] = {"pq-fs": "4-bit codes", "flat": "slower, but mapped from disk"}
    for kind, what in smaller.items():
        other = Spec(kind, pq_m=_pq_m(Wish(kind), kind, dimension), pq_bits=_pq_bits(kind))
        takes = count * resident_bytes(other, dimension)
        if takes <= room and count >= other.training_points:
            hint += f", or choose --type {kind}: {what}, {in_words(takes)}"
            break
    raise UsageError(
        f"{spec.type} of {counted(count, 'vector')} takes {in_words(need)} of memory, more than "
        f"the {in_words(room)} of --max-memory",
        hint=f"{hint}.",
    )


def _nlist(wish: Wish, kind: Type, count: int, reasons: list[str]) -> int:
    if not kind.startswith(("ivf", "opq-ivf")):
        return wish.nlist
    if wish.nlist:
        if wish.nlist * _POINTS_PER_LIST > count:
            reasons.append(
                f"{wish.nlist:,} lists have {count / wish.nlist:.0f} vectors each to learn from; "
                f"{_POINTS_PER_LIST} are the least for a good one"
            )
        return wish.nlist
    wanted = 1 << round(math.log2(max(4 * math.sqrt(count), 1)))
    nlist = max(1, min(wanted, count // _POINTS_PER_LIST))
    why = "about four times the root of the number of vectors"
    if nlist < wanted:
        why = f"{_POINTS_PER_LIST} vectors to learn each from"
    reasons.append(f"inverted lists: {nlist:,}, {why}")
    return nlist


def _pq_m(wish: Wish, kind: Type, dimension: int) -> int:
    if wish.pq_m or "pq" not in kind:
        if wish.pq_m and dimension % wish.pq_m:
            fit = [m for m in range(1, dimension + 1) if dimension % m == 0]
            near = min(fit, key=lambda m: abs(m - wish.pq_m))
            raise UsageError(
                f"--pq-m {wish.pq_m} does not divide the dimension {dimension}",
                hint=f"The nearest that does: --pq-m {near}",
            )
        return wish.pq_m
    part = 4 if kind.endswith("fs") else 8
    return next(m for m in range(max(dimension // part, 1), 0, -1) if dimension % m == 0)


def _pq_bits(kind: Type) -> int:
    if "pq" not in kind:
        return 0
    return 4 if kind.endswith("fs") else 8


def _refine(wish: Wish, kind: Type) -> Refine:
    if wish.refine:
        return cast("Refine", wish.refine)
    return "sq8" if kind in COARSE else "none"
