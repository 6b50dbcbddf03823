"""What commands say of the generation of a store that is kept beside the one that serves."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from memctl.cli.output import count

if TYPE_CHECKING:
    from memctl.ingest import Store


def beside_fields(store: Store) -> dict[str, object] | None:
    """Return what ``status`` and ``index info`` say of a generation that does not serve."""
    beside = store.beside()
    if beside is None:
        return None
    lacking, _ = store.catalog.used_from(beside.rows)
    return {**asdict(beside.generation), "lacking": lacking}


def beside_words(fields: dict[str, object]) -> tuple[str, str, str]:
    """Return a label, what is kept beside what serves, and the command that goes on with it."""
    what = f"{fields['embedder']}, {fields['dimension']} dimensions"
    lacking = int(str(fields["lacking"]))
    if lacking:
        what += f", lacks {count(lacking, 'passage')}"
    if fields["state"] == "previous":
        return "Before", what, "memctl index rollback"
    return "Shadow", what, f"memctl index migrate{'' if lacking else ' --accept'}"
