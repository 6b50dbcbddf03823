"""The name that a wrong one is meant for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from memctl.ingest.text import folded


def near_name(wrong: str, names: Iterable[str]) -> str:
    """Return the one of ``names`` that is nearest to a wrong one; empty where none is near.

    A name without its folders stands for the whole, in what is wrong and in what is right.
    """
    wholes = {folded(name): name for name in names}
    bare = {_bare(key): name for key, name in reversed(wholes.items())}
    known = bare | wholes
    sought = folded(wrong)
    for each in dict.fromkeys((sought, _bare(sought))):
        if near := difflib.get_close_matches(each, known, n=1):
            return known[near[0]]
    return ""


def near_hint(wrong: str, names: Iterable[str], *, otherwise: str) -> str:
    """Return the question whether a near name was meant, or what to do where none is near."""
    near = near_name(wrong, names)
    return f"Did you mean {near!r}?" if near else otherwise


def _bare(name: str) -> str:
    return name.rpartition("/")[2]
