"""Hits that an earlier search wrote to a file, taken up again from the store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from memctl.ingest import Catalog, UsageError
from memctl.query.hit import Hit, hit_of, in_context

_HINT = "Write it anew: memctl query QUESTION --json > hits.json"
_SCHEMA = "memctl.query/1"


def read_hits(file: Path, catalog: Catalog) -> list[Hit]:
    """Return the hits of what ``memctl query --json`` printed, as the store holds them now.

    Raises:
        UsageError: the file holds no hits, or the store no longer holds one of them.
    """
    try:
        found = json.loads(file.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}", hint="Check --hits.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is not JSON: {error}", hint=_HINT) from error
    rows = found.get("hits") if isinstance(found, dict) else None
    if isinstance(found, dict) and found.get("listed"):
        raise UsageError(
            f"{file} lists what passes filters, and nothing was looked for", hint=_HINT
        )
    if not isinstance(rows, list) or found.get("schema") != _SCHEMA:
        raise UsageError(f"{file} holds no hits", hint=_HINT)
    with catalog.snapshot():
        return [_hit(row, rank, file, catalog) for rank, row in enumerate(rows, start=1)]


def _hit(row: Any, rank: int, file: Path, catalog: Catalog) -> Hit:  # noqa: ANN401  any JSON
    try:
        place = str(row["document"]), int(row["start"]), int(row["end"])
        text, score = str(row["text"]), float(row["score"])
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"hit {rank} of {file} is none", hint=_HINT) from error
    for stored in catalog.chunks_of(place[0]):
        chunk = stored.chunk
        if (chunk.start, chunk.end) == place[1:] and chunk.text == text:
            return in_context(hit_of(stored, rank, score), catalog)
    raise UsageError(
        f"hit {rank} of {file} is no longer in the store: {place[0]} has changed", hint=_HINT
    )
