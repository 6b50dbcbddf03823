"""What a sweep tries: the values of settings, each with each."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field, fields
from pathlib import Path
from typing import Any

from memctl.index import TYPES
from memctl.ingest import ChunkRules, SettingsError, UsageError
from memctl.query.fusion import Fusion
from memctl.query.how import How

Values = Mapping[str, Any]
_SEARCH = {"mode": str, "fusion": str, "candidates": int, "rerank": bool, "reranker": str, "k": int}
_HINT = 'Write lists: [search] mode = ["hybrid", "lexical"]; tables: chunking, index, search.'


@dataclass(frozen=True, slots=True)
class Setup:
    """One combination: how documents are cut, what index they have, how they are searched.

    ``index`` is a type, empty for the index that the store has. A table that is not swept is empty.
    """

    chunking: Values
    index: str
    search: Values

    @property
    def label(self) -> str:
        """The values, as a person reads them."""
        parts = [f"{name}={value}" for name, value in self.chunking.items()]
        parts += [self.index] if self.index else []
        return " ".join([*parts, *(_said(*each) for each in self.search.items())]) or "as it is"

    def how(self) -> How:
        """Return the way to search, without its reranker.

        Raises:
            UsageError: there is no such mode or fusion.
        """
        found = self.search
        return How(
            found.get("mode", "hybrid"),
            fusion=Fusion.parse(found.get("fusion", "adaptive")),
            candidates=found.get("candidates", 100),
        )


def _said(name: str, value: object) -> str:
    if name == "rerank":
        return "reranked" if value else "not reranked"
    return str(value) if name in {"mode", "fusion"} else f"{name}={value}"


@dataclass(frozen=True, slots=True)
class Grid:
    """The lists of values; ``sources`` are folders that are cut anew, where cutting is swept."""

    chunking: Mapping[str, list[Any]]
    index: tuple[str, ...]
    search: Mapping[str, list[Any]]
    _: KW_ONLY
    sources: tuple[Path, ...] = field(default=())

    def setups(self) -> Iterator[Setup]:
        """Yield all combinations, each once; what is dear to change changes last.

        A search by words alone has no index of vectors.
        """
        for chunking in _products(self.chunking):
            words: list[Values] = []
            for index in self.index or ("",):
                for search in _products(self.search):
                    if search.get("mode") != "lexical":
                        yield Setup(chunking, index, search)
                    elif search not in words:
                        words.append(search)
                        yield Setup(chunking, "", search)

    def __len__(self) -> int:
        return sum(1 for _ in self.setups())


def read_grid(file: Path) -> Grid:
    """Read a grid from TOML.

    Raises:
        UsageError: it cannot be read, or names what cannot be swept.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}", hint="Check --grid.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is not TOML: {error}", hint=_HINT) from error
    sources = data.pop("sources", [])
    unknown = set(data) - {"chunking", "index", "search"}
    if unknown or not isinstance(sources, list):
        what = sorted(unknown)[0] if unknown else "sources"
        raise UsageError(f"{what!r} in {file} is nothing to sweep", hint=_HINT)
    rules = {each.name: type(each.default) for each in fields(ChunkRules) if each.name != "_"}
    grid = Grid(
        _table(data, "chunking", rules, file),
        tuple(_table(data, "index", {"type": str}, file).get("type", ())),
        _table(data, "search", _SEARCH, file),
        sources=tuple(file.parent / str(each) for each in sources),
    )
    _check(grid, file)
    return grid


def _table(
    data: Mapping[str, Any], name: str, kinds: Mapping[str, type], file: Path
) -> dict[str, list[Any]]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise UsageError(f"{name} in {file} is not a table", hint=_HINT)
    found: dict[str, list[Any]] = {}
    for key, value in table.items():
        values = value if isinstance(value, list) else [value]
        if key not in kinds:
            known = ", ".join(kinds)
            raise UsageError(f"{name}.{key} in {file} is nothing to sweep", hint=f"Known: {known}.")
        if not values or any(type(each) is not kinds[key] for each in values):
            raise UsageError(
                f"{name}.{key} in {file} is {value!r}",
                hint=f"Give a list of {kinds[key].__name__}.",
            )
        found[key] = values
    return found


def _check(grid: Grid, file: Path) -> None:
    """Refuse what would fail after hours."""
    known = [each for each in TYPES if each != "factory"]
    for kind in grid.index:
        if kind not in {"auto", *known}:
            raise UsageError(
                f"no index type {kind!r} in {file}", hint=f"Types: auto, {', '.join(known)}."
            )
    if grid.chunking and not grid.sources:
        raise UsageError(
            f"{file} sweeps the cutting and names no documents", hint='Write: sources = ["docs"]'
        )
    for setup in grid.setups():
        setup.how()
        if setup.search.get("k", 1) < 1:
            raise UsageError(f"a k of {setup.search['k']} in {file}", hint="Give 1 or more.")
        try:
            ChunkRules(**setup.chunking)
        except SettingsError as error:
            raise UsageError(f"{error.message}, in {file}", hint=error.hint) from error


def _products(table: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    for values in itertools.product(*table.values()):
        yield dict(zip(table, values, strict=True))
