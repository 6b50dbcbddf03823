"""What is checked, against what, and what comes of it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

Status = Literal["supported", "partial", "unsupported", "misattributed"]


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that an answer may cite as ``[n]``; names may stand in its title as well."""

    n: int
    text: str
    _: KW_ONLY
    title: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer, without its marks, and the numbers of the passages it cites."""

    text: str
    cited: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the cited passages say to a statement.

    ``score``, from 0 to 1, is the estimated probability that they say it. ``reasons`` are what
    speaks against it. ``span`` is the sentence that supports it best: the number of its passage,
    and its characters there.
    """

    status: Status
    score: float
    _: KW_ONLY
    reasons: tuple[str, ...] = ()
    span: tuple[int, int, int] | None = None
