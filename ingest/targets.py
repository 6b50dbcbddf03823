"""The folders and files that an ingest is given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from memctl.ingest.errors import SourceError
from memctl.ingest.ignore import Selection
from memctl.ingest.layout import Layout
from memctl.ingest.summary import Options
from memctl.ingest.walk import Ground, escaped, resolve, walk


def outermost(targets: Sequence[Path]) -> list[Path]:
    """Resolve ``targets``, each once, and leave out what lies inside another one."""
    found = list(dict.fromkeys(resolve(target) for target in targets))
    return [target for target in found if not set(target.parents) & set(found)]


def _own_root(target: Path) -> Path:
    return target if target.is_dir() else target.parent


def root_of(target: Path, folders: set[str]) -> Path:
    """Return the innermost ingested folder that holds ``target``, or its own."""
    own = _own_root(target)
    for folder in (own, *own.parents):
        if escaped(str(folder)) in folders:
            return folder
    return own


def refuse_empty(targets: Sequence[Path], *, store: Path, options: Options) -> None:
    """Raise where there is nothing to read, before a store is made for it.

    An emptied folder is something to prune a store by.

    Raises:
        SourceError: a target is missing, or no target holds a single entry.
        UsageError: a pattern to include or exclude is none.
    """
    found = [resolve(target) for target in targets]
    selection = Selection(options.include, options.exclude)
    for target in found:
        ground = Ground(_own_root(target), store.resolve(), selection=selection)
        if any(True for _ in walk(target, ground)):
            return
    if options.prune and Layout(store).catalog.exists():
        return
    names = ", ".join(escaped(str(target)) for target in targets)
    left_out = "what --include and --exclude leave out, " if selection else ""
    raise SourceError(
        f"no files in {names}",
        hint="Name a folder with documents. Hidden files, "
        f"{left_out}and what .memctlignore names are not read.",
    )
