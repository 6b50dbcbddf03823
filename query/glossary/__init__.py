"""What a question's measures are computed from, which is where the answer stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from memctl.ingest import folded
from memctl.query.terms import stem

_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_WORD = re.compile(r"\w+(?:&\w+)*")  # PP&E is one
_Key = tuple[str, ...]


def beside(question: str) -> str:
    """Return what stands in documents for the measures that a question names; often nothing.

    Nobody prints a gross margin beside its sales and costs: who asks for it must look there. The
    entries are those of the question's alphabet, Russian or Latin. Of entries that begin at the
    same word the longest counts, and what the question says itself is not said again.
    """
    entries = _entries("ru" if _CYRILLIC.search(question) else "en")
    said = _stems(question)
    meant = dict.fromkeys(each for key in _named(said, entries) for each in entries[key])
    return ", ".join(each for each in meant if not _within(_stems(each), said))


def _named(said: _Key, entries: Mapping[_Key, tuple[str, ...]]) -> Iterator[_Key]:
    """Yield the entries that stand in a question, which do not overlap."""
    longest = max(map(len, entries))
    at = 0
    while at < len(said):
        sizes = range(min(longest, len(said) - at), 0, -1)
        found = next(
            (said[at : at + size] for size in sizes if said[at : at + size] in entries), ()
        )
        if found:
            yield found
        at += len(found) or 1


def _within(some: _Key, said: _Key) -> bool:
    size = len(some)
    return any(said[at : at + size] == some for at in range(len(said) - size + 1))


@cache
def _entries(language: str) -> Mapping[_Key, tuple[str, ...]]:
    text = files("memctl.query.glossary").joinpath(f"{language}.txt").read_text(encoding="utf-8")
    lines = (line.partition("=>") for line in text.splitlines() if "=>" in line)
    return {
        _stems(key): tuple(each.strip() for each in meant.split(", "))
        for keys, _, meant in lines
        for key in keys.split(",")
    }


def _stems(text: str) -> _Key:
    return tuple(stem(word) for word in _WORD.findall(folded(text)))
