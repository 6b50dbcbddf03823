"""What the shell offers for the values of options."""

from __future__ import annotations


def index_types(incomplete: str) -> list[str]:
    """Return the types of index that begin so."""
    from memctl.index.spec import TYPES

    known = ("auto", *(each for each in TYPES if each != "factory"))
    return [each for each in known if each.startswith(incomplete)]


def index_type_list(incomplete: str) -> list[str]:
    """Return lists of types, parted by commas, whose last one begins so."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{each}" for each in index_types(last) if each != "auto"]


def refinements(incomplete: str) -> list[str]:
    """Return what candidates can be scored again from, and begins so."""
    from memctl.index.spec import REFINES

    return [each for each in REFINES if each.startswith(incomplete)]
