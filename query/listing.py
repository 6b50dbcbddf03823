"""What passes filters, where nothing is looked for."""

from __future__ import annotations

import math
from collections.abc import Sequence

from memctl.ingest import Catalog, UsageError
from memctl.query.filters import DATE, Filter, check_fields, to_sql
from memctl.query.hit import Hit, hit_of


def listed(catalog: Catalog, filters: Sequence[Sequence[Filter]], k: int = 10) -> list[Hit]:
    """Return at most ``k`` passages for which all lists of filters hold, without a score (NaN).

    Those of the newest documents come first, in the order of path and place.

    Raises:
        UsageError: ``k`` is not positive, or there is no such field to filter by.
    """
    if k < 1:
        raise UsageError(f"{k} passages cannot be listed", hint="Ask for at least one: -k 1")
    with catalog.snapshot():
        check_fields([each for some in filters for each in some], catalog)
        found = catalog.newest(DATE, k, *to_sql(*filters))
    return [hit_of(each, rank, math.nan) for rank, each in enumerate(found, start=1)]
