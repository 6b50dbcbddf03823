"""What an index is made of, as a value: parsed, printed, compared, kept in the manifest."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass, fields
from typing import Any, Literal, get_args

from memctl.ingest import UsageError

Type = Literal[
    "flat",
    "sq8",
    "hnsw",
    "pq-fs",
    "rabitq",
    "ivf-flat",
    "ivf-sq8",
    "ivf-pq",
    "ivf-pq-fs",
    "ivf-rabitq",
    "opq-ivf-pq",
    "factory",
]
Refine = Literal["none", "sq8", "fp16", "exact"]
TYPES: tuple[Type, ...] = get_args(Type)
REFINES: tuple[Refine, ...] = get_args(Refine)

# From so many lists on a graph finds the nearest ones so much faster than a scan does that it may
# miss some of them; 4-bit codes of the centroids miss none, and pay from fewer on.
_GRAPH_LISTS = 16_384
_CODED_LISTS = 1_024
_PQ = frozenset({"pq-fs", "ivf-pq", "ivf-pq-fs", "opq-ivf-pq"})
# The parts of an index, and the types that have them.
_PARTS: Mapping[str, Sequence[Type]] = {
    "nlist": [each for each in TYPES if each.startswith(("ivf", "opq-ivf"))],
    "pq_m": [each for each in TYPES if each in _PQ],
    "pq_bits": [each for each in TYPES if each in _PQ],
    "hnsw_m": ["hnsw"],
    "factory": ["factory"],
}
# Types whose codes alone lose too much: what they find is best scored again.
COARSE = _PQ | {"rabitq", "ivf-rabitq"}
# Types whose codes stay on disk and are mapped: those that are read from end to end, or of which
# a search reads a few lists of wide codes.
_MAPPED = frozenset({"flat", "sq8", "ivf-flat", "ivf-sq8"})
_FAST_SCAN = frozenset({"pq-fs", "ivf-pq-fs"})
_KINDS: Mapping[str, type] = {"Type": str, "Refine": str, "str": str, "bool": bool}
_LISTS = re.compile(r"\bIVF(\d+)")
_FOREIGN = re.compile(r"\b(IDMap2?|Refine|RFlat|LSH|ITQ\w*)\b")


@dataclass(frozen=True, slots=True)
class Spec:
    """The type of an index and the sizes of its parts; 0 where the type has no such part.

    ``nlist`` is the number of inverted lists, ``pq_m`` that of the parts into which product
    quantisation cuts a vector, ``pq_bits`` the bits of the code of one. ``refine`` says from what
    the candidates are scored again: 8-bit or 16-bit copies, or the store's own vectors (``exact``).
    ``balanced`` turns vectors first, so that every part of a fast-scan code has as much to tell.
    ``factory`` is FAISS's word for an index of the type ``factory``.

    Raises:
        UsageError: the parts do not go together.
    """

    type: Type
    _: KW_ONLY
    nlist: int = 0
    pq_m: int = 0
    pq_bits: int = 0
    hnsw_m: int = 0
    refine: Refine = "none"
    factory: str = ""
    balanced: bool = False

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise unknown("index type", self.type, known=TYPES)
        if self.refine not in REFINES:
            raise unknown("refine", self.refine, known=REFINES)
        for name, types in _PARTS.items():
            has = self.type in types
            given = bool(getattr(self, name))
            if given != has:
                option = f"--{name.replace('_', '-')}"
                said = "needs" if has else "has no use for"
                raise UsageError(
                    f"the type {self.type} {said} {option}", hint=_way_out(option, name, needed=has)
                )
        if self.balanced and self.type not in _FAST_SCAN:
            raise UsageError(
                f"the type {self.type} cannot be balanced", hint="Choose pq-fs or ivf-pq-fs."
            )
        if self.type in _FAST_SCAN and self.pq_bits != 4:
            raise UsageError(
                f"the type {self.type} has codes of 4 bits, not {self.pq_bits}",
                hint="Leave --pq-bits out, or choose ivf-pq.",
            )
        if found := _FOREIGN.search(self.factory):
            raise UsageError(
                f"{found.group()!r} cannot stand in --factory",
                hint="Ids are memctl's own, --refine scores again, and hashes find too little.",
            )

    @property
    def lists(self) -> int:
        """The number of inverted lists, of which a search reads a few; 0 where there are none."""
        found = _LISTS.search(self.factory)
        return int(found[1]) if found else self.nlist

    @property
    def mapped(self) -> bool:
        """Whether its codes are read from disk, and not held in memory."""
        return self.type in _MAPPED

    @property
    def has_graph(self) -> bool:
        """Whether a search walks a graph of neighbours."""
        return self.type == "hnsw" or "HNSW" in self.factory.partition("IVF")[0]

    @property
    def base(self) -> str:
        """FAISS's factory string of the index without its second scoring."""
        # In one list all of them: bare fast scan cannot pass over removed chunks, a list can.
        graph = "_HNSW32" if self.nlist >= _GRAPH_LISTS else ""
        lists = f"IVF{self.nlist}{graph}"
        product = f"PQ{self.pq_m}x{self.pq_bits}"
        coded = f"({product}fs,RFlat)" if self.nlist >= _CODED_LISTS else ""
        return {
            "flat": "SQfp16",
            "sq8": "SQ8",
            "hnsw": f"HNSW{self.hnsw_m},SQ8",
            "pq-fs": f"IVF1,{product}fs",
            "rabitq": "IVF1,RaBitQfs",
            "ivf-flat": f"{lists},SQfp16",
            "ivf-sq8": f"{lists},SQ8",
            # np: no polysemous training, 37 times the time for the same recall
            "ivf-pq": f"{lists},{product}np",
            "ivf-pq-fs": f"IVF{self.nlist}{coded},{product}fs",
            "ivf-rabitq": f"{lists},RaBitQfs",
            "opq-ivf-pq": f"OPQ{self.pq_m},{lists},{product}np",
            "factory": self.factory,
        }[self.type]

    @property
    def training_points(self) -> int:
        """The least number of vectors that its training can do with."""
        centroids = 1 << self.pq_bits if self.pq_bits else 1
        return max(self.lists, centroids)

    def __str__(self) -> str:
        parts = {key: value for key, value in asdict(self).items() if value and key != "type"}
        parts |= {"balanced": "yes"} if self.balanced else {}
        if parts.get("refine") == "none":
            del parts["refine"]
        return " ".join([self.type, *(f"{k.replace('_', '-')}={v}" for k, v in parts.items())])


def _way_out(option: str, part: str, *, needed: bool) -> str:
    """Return what to do about a part that an index lacks or cannot have."""
    if needed:
        return f"Give {option}; see: memctl index build --help"
    return f"Leave {option} out, or choose a type that has it: {', '.join(_PARTS[part])}."


def unknown(what: str, name: str, *, known: Sequence[str]) -> UsageError:
    """Return the error for a ``name`` that none of the ``known`` ones is."""
    near = difflib.get_close_matches(name, known, n=1)
    return UsageError(
        f"unknown {what} {name!r}",
        hint=f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}.",
    )


def parse(text: str) -> Spec:
    """Return the spec that prints as ``text``.

    Raises:
        UsageError: it is not one.
    """
    kind, *options = text.split(" ")
    given: dict[str, int | str | bool] = {"type": kind}
    for option in options:
        name, _, value = option.partition("=")
        given[name.replace("-", "_")] = _value(value)
    return from_mapping(given)


def from_mapping(values: Mapping[str, Any]) -> Spec:
    """Return the spec with these fields.

    Raises:
        UsageError: a name is unknown, or a value of the wrong kind.
    """
    known = {field.name: _KINDS.get(str(field.type), int) for field in fields(Spec)}
    for name, value in values.items():
        if name not in known or type(value) is not known[name]:
            raise UsageError(f"{name}={value} is no part of an index", hint="See: --help")
    return Spec(**values)


def _value(text: str) -> int | str | bool:
    return True if text == "yes" else int(text) if text.isdecimal() else text
