"""Files that a question names: by the whole name, or by what stands in front of its suffix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from memctl.index.lexical.analysis import clean, folded, is_compound, tokens
from memctl.index.sample import Rows
from memctl.ingest import Catalog

_MOST = 8  # parts of a name
_MARKS = 16  # times that all files are looked through for a question
_PART = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Named:
    """A file that a question names: the folded words that do, and the vector rows of the file."""

    words: tuple[str, ...]
    parts: int
    rows: Rows


@dataclass(frozen=True, slots=True)
class _Said:
    """A piece of a question that may be a name: whole tokens, and their parts."""

    tokens: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def mark(self) -> str:
        """What every file of that name has in its path: its longest number, or longest part."""
        numbers = [number for part in self.parts for number in _DIGITS.findall(part)]
        return max(numbers or self.parts, key=len)


def named(text: str, catalog: Catalog) -> tuple[Named, ...]:
    """Return the files that a question names.

    A name has two parts at least, such as ``smeta`` and ``2024``, and shows that it is one by a
    number, or by a sign that joins its parts where it is typed; words alone name no file.
    """
    found: dict[str, _Said] = {}
    paths: dict[str, list[tuple[str, set[tuple[str, ...]]]]] = {}
    for said in _said(text):
        if said.mark not in paths and len(paths) < _MARKS:
            paths[said.mark] = [(path, _keys(path)) for path in catalog.files_with(said.mark)]
        for path, keys in paths.get(said.mark, ()):
            if said.parts in keys:
                found.setdefault(path, said)
    return tuple(
        Named(
            tuple(dict.fromkeys((*map(folded, said.tokens), *said.parts))),
            len(said.parts),
            np.fromiter(catalog.live_rows(" WHERE d.file = ?", (path,)), dtype=np.int64),
        )
        for path, said in sorted(found.items())
    )


def _said(text: str) -> Iterator[_Said]:
    """Yield the pieces of a question that may be names, the longest first."""
    typed = [token for token in tokens(text) if _parts(token)]
    for size in range(min(len(typed), _MOST), 0, -1):
        for at in range(len(typed) - size + 1):
            these = tuple(typed[at : at + size])
            parts = tuple(part for token in these for part in _parts(token))
            if 1 < len(parts) <= _MOST and any(map(_tells, these)):
                yield _Said(these, parts)


def _parts(token: str) -> tuple[str, ...]:
    return tuple(folded(part) for part in _PART.findall(token))


def _tells(token: str) -> bool:
    """Tell whether a token has what words of a sentence do not: a digit, or a sign within."""
    return bool(_DIGITS.search(token)) or is_compound(token)


def _keys(path: str) -> set[tuple[str, ...]]:
    """Return the parts of a file's name, with its suffix and without."""
    name = PurePosixPath(clean(path))
    return {_parts(name.name), _parts(name.stem)}
