"""Files that a question names: by the whole name, or by what stands in front of its suffix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from memctl.index.lexical.analysis import PART, is_compound, lowered, normalised, tokens
from memctl.index.sample import Rows
from memctl.ingest import Catalog

_MOST, _PARTS = 12, 24  # tokens of a name that stand apart, and parts in all
_MARKS = 16  # times that all files are looked through for a question
_OTHERS = 64  # parts beside a mark that are asked for at once
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Named:
    """A name in a question: its folded words, and the vector rows of all files of that name."""

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

    def beside(self, mark: str) -> str:
        """Return what else every file of that name has in its path: the longest other part."""
        return max((part for part in self.parts if part != mark), key=len, default=mark)


def named(text: str, catalog: Catalog) -> tuple[Named, ...]:
    """Return the names of files that a question has; files of one name in several folders are one.

    A name has two parts at least, such as ``smeta`` and ``2024``, and shows that it is one by a
    number, or by a sign that joins its parts where it is typed; words alone name no file.
    """
    pieces: dict[str, dict[tuple[str, ...], _Said]] = {}
    for said in _said(text):
        mark = said.mark
        if mark in pieces or len(pieces) < _MARKS:
            pieces.setdefault(mark, {}).setdefault(said.parts, said)
    found: dict[str, _Said] = {}
    for mark, these in pieces.items():
        beside = dict.fromkeys(said.beside(mark) for said in these.values())
        for path in catalog.files_with(mark, list(beside) if len(beside) <= _OTHERS else ()):
            for key in _keys(path).intersection(these):
                found[path] = max(found.get(path, these[key]), these[key], key=_size)
    files: dict[_Said, list[str]] = {}
    for path, said in sorted(found.items()):
        files.setdefault(said, []).append(path)
    return tuple(
        Named(
            tuple(dict.fromkeys((*map(lowered, said.tokens), *said.parts))),
            len(said.parts),
            np.fromiter(catalog.rows_of_files(paths), dtype=np.int64),
        )
        for said, paths in files.items()
    )


def _size(said: _Said) -> tuple[int, tuple[str, ...]]:
    return len(said.parts), said.tokens


def _said(text: str) -> Iterator[_Said]:
    """Yield the pieces of a question that may be names, the longest first."""
    typed = [(token, parts, _tells(token)) for token in tokens(text) if (parts := _parts(token))]
    for size in range(min(len(typed), _MOST), 0, -1):
        for at in range(len(typed) - size + 1):
            these = typed[at : at + size]
            if any(tells for _, _, tells in these):
                parts = tuple(part for _, some, _ in these for part in some)
                if 1 < len(parts) <= _PARTS:
                    yield _Said(tuple(token for token, _, _ in these), parts)


def _parts(token: str) -> tuple[str, ...]:
    return tuple(lowered(part) for part in PART.findall(token))


def _tells(token: str) -> bool:
    """Tell whether a token has what words of a sentence do not: a digit, or a sign within."""
    return bool(_DIGITS.search(token)) or is_compound(token)


def _keys(path: str) -> set[tuple[str, ...]]:
    """Return the parts of a file's name, with its suffix and without."""
    name = normalised(path).rpartition("/")[2]
    dot = name.rfind(".")
    return {_parts(name), _parts(name[:dot] if dot > 0 else name)}
