"""Questions with the documents that answer them, and what a ranking of documents is worth."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from memctl.ingest import UsageError

DEPTH = 10
MEASURES = (f"recall@{DEPTH}", f"MRR@{DEPTH}", f"nDCG@{DEPTH}")

_LINE = 'A line is {"text": …} or {"text": …, "gold": [DOCUMENT, …]}.'
_TEXTS = ("text", "query", "question")
_GOLDS = ("gold", "relevant", "evidence")


@dataclass(frozen=True, slots=True)
class Judged:
    """A question; ``gold`` names the documents that answer it, by path, id or file."""

    text: str
    gold: frozenset[str] = frozenset()


def read_judged(file: Path) -> list[Judged]:
    """Read questions from JSON lines; ``gold`` is a name of a document or a list of such.

    It may be called ``relevant`` too, or ``evidence``, and a name stand as {"document": NAME}.

    Raises:
        UsageError: the file is missing or empty, or a line, which is named, is wrong.
    """
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError as error:
        raise UsageError(
            f"cannot read {file}: {error.strerror}", hint="Check --questions."
        ) from error
    judged = [
        _judged(line, where=f"line {number} of {file}")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if not judged:
        raise UsageError(f"no questions in {file}", hint=_LINE)
    return judged


def _judged(line: bytes, *, where: str) -> Judged:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where} is not JSON: {error}", hint=_LINE) from error
    if not isinstance(row, dict):
        raise UsageError(f"{where} is not a JSON object", hint=_LINE)
    text = next((row[key] for key in _TEXTS if key in row), "")
    if not isinstance(text, str) or not text.strip():
        raise UsageError(f"{where} has no text", hint=_LINE)
    return Judged(text, _gold(row, where=where))


def _gold(row: Mapping[str, object], *, where: str) -> frozenset[str]:
    found = next((row[key] for key in _GOLDS if row.get(key) is not None), [])
    names = [_name(each) for each in (found if isinstance(found, list) else [found])]
    if not all(names):
        raise UsageError(f"{where} has a gold that is no list of documents", hint=_LINE)
    return frozenset(names)


def _name(found: object) -> str:
    if isinstance(found, dict):
        found = found.get("document")
    return found if isinstance(found, str) else ""


def named(
    documents: Iterable[tuple[str, ...]], gold: Iterable[str]
) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """Return which of the ``gold`` names each document has, by path, and those that none has.

    ``documents`` are all names of each document, its path first.
    """
    wanted = frozenset(gold)
    found = {names[0]: wanted & set(names) for names in documents}
    held = {path: names for path, names in found.items() if names}
    return held, wanted.difference(*held.values())


def worth(ranking: Sequence[frozenset[str]], gold: frozenset[str]) -> tuple[float, float, float]:
    """Return recall, reciprocal rank and nDCG of the first ``DEPTH`` documents of a ranking.

    Each document stands for the gold names that it has. A gold document counts once: the second
    part of a file that is gold as a whole adds nothing. nDCG has gains of 0 and 1 (Järvelin and
    Kekäläinen 2002).
    """
    left = set(gold)
    gains: list[bool] = []
    for names in ranking[:DEPTH]:
        gains.append(bool(left & names))
        left -= names
    recall = 1 - len(left) / len(gold)
    first = next((1 / rank for rank, gain in enumerate(gains, start=1) if gain), 0.0)
    return recall, first, _dcg(gains) / _dcg([True] * min(len(gold), DEPTH))


def _dcg(gains: Sequence[bool]) -> float:
    return sum(1 / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1) if gain)
