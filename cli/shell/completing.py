"""What a line of the shell could go on with: commands, their values, names of documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol

from memctl.cli.shell.commands import COMMANDS
from memctl.query import MODES

_MOST = 100  # names that are offered at once
_VALUES = {
    "mode": MODES,
    "verify": ("strict", "warn", "off"),
    "explain": ("on", "off"),
    "filter": ("off", "lang:", "file:", "page:", "after:", "before:", "title:"),
    "llm": ("off", "openai:", "ollama:", "llamacpp:", "llama-index:"),
}
_FIELD = re.compile(r"(-?(?:file|lang):)(.*)")
# A filter ends at a blank, and a bracket opens a set of signs: one sign stands for any.
_NOT_MEANT = re.compile(r"[\s\[]")


class Names(Protocol):
    """What a store says of its documents."""

    def document_names(self) -> Iterable[tuple[str, str, str]]:
        """Yield the path, the id and the file of each document, in order of path."""
        ...

    def languages(self) -> list[str]:
        """Return the languages of the texts."""
        ...


def completions(text: str, names: Names) -> Iterator[tuple[str, int]]:
    """Yield what a line could go on with, and how many of its last characters that replaces."""
    if not text.startswith("/"):
        return
    name, blank, rest = text[1:].partition(" ")
    if not blank:
        yield from ((f"/{each}", len(text)) for each in COMMANDS if each.startswith(name))
        return
    if name == "why":
        paths = (path for path, _, _ in names.document_names())
        yield from ((each, len(rest)) for each in _begun(rest, paths))
        return
    word = rest.rpartition(" ")[2]
    field = _FIELD.fullmatch(word) if name == "filter" else None
    offered = _values(field, names) if field else _plain(name, word)
    yield from ((each, len(word)) for each in offered)


def _plain(name: str, word: str) -> Iterator[str]:
    """Yield the values of a command that begin so, of whatever is in the store."""
    minus = "-" if name == "filter" and word.startswith("-") else ""
    known = (f"{minus}{each}" for each in _VALUES.get(name, ()))
    return (each for each in known if each.startswith(word) and each != "-off")


def _values(field: re.Match[str], names: Names) -> Iterator[str]:
    """Yield filters of a field by what the store holds."""
    said, begun = field.groups()
    if said.endswith("lang:"):
        return (f"{said}{each}" for each in names.languages() if each.startswith(begun))
    places = (_NOT_MEANT.sub("?", each) for each in _places(names))
    return (f"{said}{each}" for each in _begun(begun, places))


def _places(names: Names) -> Iterator[str]:
    """Yield each file, a folder before the first one in it."""
    seen = set[str]()
    for _, _, file in names.document_names():
        folder, slash, _ = file.rpartition("/")
        for each in (f"{folder}/" if slash else "", file):
            if each and each not in seen:
                seen.add(each)
                yield each


def _begun(word: str, names: Iterable[str]) -> Iterator[str]:
    """Yield the first names that begin so, as a whole or behind their folders."""
    fit = (each for each in names if each.startswith(word) or _own(each).startswith(word))
    return islice(fit, _MOST)


def _own(name: str) -> str:
    return name.rpartition("/")[2] or name
