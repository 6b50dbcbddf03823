"""The generations of a store: the vectors of one embedder each, row for row of the same texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import KW_ONLY, asdict, dataclass, replace
from typing import Literal, get_args

State = Literal["serving", "shadow", "previous"]

# The keys of the facts that a catalog has of them beside those of the one that serves.
BESIDE = "beside"  # what is known of the other one, as JSON
NUMBERED = "generations"  # how many there have been: no number is given twice
UNSETTLED = "settings"  # whose name the settings have to bear, after a cutover


@dataclass(frozen=True, slots=True)
class Generation:
    """The vectors of one embedder. Row i of each generation is of the same text.

    Of its first ``rows`` rows those that a chunk uses are there. A ``shadow`` has not served, or
    has been called back; a ``previous`` one served before.
    """

    number: int
    embedder: str
    _: KW_ONLY
    fingerprint: str
    dimension: int
    rows: int
    state: State = "shadow"


def generations_of(facts: Mapping[str, str]) -> tuple[Generation, Generation | None]:
    """Return, from the facts of a catalog, the generation that serves and the one beside it.

    Raises:
        KeyError, ValueError, TypeError: they do not say.
    """
    serving = Generation(
        int(facts.get("generation", "1")),
        facts["embedder"],
        fingerprint=facts["fingerprint"],
        dimension=int(facts["dimension"]),
        rows=int(facts["rows"]),
        state="serving",
    )
    if BESIDE not in facts:
        return serving, None
    beside = Generation(**json.loads(facts[BESIDE]))
    if beside.state not in get_args(State) or beside.number == serving.number:
        raise ValueError(facts[BESIDE])
    return serving, beside


def kept(generation: Generation) -> dict[str, str]:
    """Return the facts of a catalog that keeps ``generation`` beside the one that serves."""
    return {BESIDE: json.dumps(asdict(generation), ensure_ascii=False, sort_keys=True)}


def exchanged(serving: Generation, beside: Generation) -> dict[str, str]:
    """Return the facts of a catalog after the two have changed places.

    A shadow leaves the one before it to roll back to, and that, called back, the shadow.

    Raises:
        ValueError: the one beside lacks rows.
    """
    if beside.rows != serving.rows:
        raise ValueError(f"{beside.rows} rows beside {serving.rows}")
    was: State = "previous" if beside.state == "shadow" else "shadow"
    return {
        "generation": str(beside.number),
        "embedder": beside.embedder,
        "fingerprint": beside.fingerprint,
        "dimension": str(beside.dimension),
        UNSETTLED: beside.embedder,
        **kept(replace(serving, state=was)),
    }
