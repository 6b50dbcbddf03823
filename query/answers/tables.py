"""The rows of tables in a passage, told with their headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

_RULE = re.compile(r"[|:+\s-]+")
_DASHES = "--"
_CELL = re.compile(r"(?<!\\)\|")
_FENCES = ("```", "~~~")
_FEWEST = 2  # cells


@dataclass(frozen=True, slots=True)
class Row:
    """A row with the names of its columns, as far as the passage holds them.

    One that ``says`` nothing is no data: the names themselves, or the line under them.
    """

    cells: tuple[str, ...]
    header: tuple[str, ...] = ()
    says: bool = True

    @property
    def told(self) -> str:
        """What it says, as of a table with names: "Thing: fridge; Warranty until: 12.06.2026"."""
        pairs = [
            f"{name}: {cell}" if name else cell
            for name, cell in zip(self.header or [""] * len(self.cells), self.cells, strict=True)
            if cell
        ]
        return "; ".join(pairs)


def rows(text: str) -> dict[int, Row]:
    """Return the rows of all tables of a text by where their lines begin.

    The names of columns stand above a line of dashes; without one nothing tells them from data.
    What a fence holds is code.
    """
    found: dict[int, Row] = {}
    at = 0
    lines: list[_Line] = []
    fenced = False
    for line in text.split("\n"):
        fenced ^= line.lstrip().startswith(_FENCES)
        lines.append(_read(at, "" if fenced else line.strip()))
        at += len(line) + 1
    for is_row, block in groupby(lines, key=lambda line: len(line.cells) >= _FEWEST):
        if is_row:
            found.update(_table(list(block)))
    return found


class _Line(NamedTuple):
    """A line by where it begins, with its cells; a ``rule`` is of dashes."""

    at: int
    cells: tuple[str, ...]
    rule: bool


def _read(at: int, line: str) -> _Line:
    closed = line.startswith("|")
    inner = line.removeprefix("|").removesuffix("|") if closed else line
    parts = _CELL.split(inner) if closed or " | " in line else []
    cells = tuple(part.replace("\\|", "|").strip() for part in parts)
    return _Line(at, cells, rule=_DASHES in line and _RULE.fullmatch(line) is not None)


def _table(block: Sequence[_Line]) -> Iterator[tuple[int, Row]]:
    first = block[0]
    header = first.cells if len(block) > 1 and block[1].rule else ()
    for number, line in enumerate(block):
        names = header if len(header) == len(line.cells) else ()
        says = not line.rule and not (header and number == 0)
        yield line.at, Row(line.cells, names, says=says)
