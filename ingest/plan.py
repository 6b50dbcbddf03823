"""Compare what lies on disk with the catalog, by path, size and times alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from memctl.ingest.catalog import Catalog, FileRecord
from memctl.ingest.errors import SourceError
from memctl.ingest.layout import Layout
from memctl.ingest.parsing import Task
from memctl.ingest.summary import Options
from memctl.ingest.walk import Entry, Skipped, escaped, resolve, walk

# The file may read well the next time, though it is the same.
_TRANSIENT = frozenset({"io", "permission", "vanished"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be read, what is as it was, what cannot be read, and what is gone.

    ``moved`` maps the path of a file that was ingested under a folder inside a target to its path
    under that target.
    """

    tasks: list[Task] = field(default_factory=list)
    known: list[FileRecord] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)


def plan(
    targets: Sequence[Path],
    catalog: Catalog | None,
    *,
    store: Path,
    recipe: str,
    options: Options,
) -> Plan:
    """Walk ``targets`` and sort what is there; ``catalog`` is None where there is no store yet.

    A target inside a folder that was ingested before, or is another target, belongs to that
    folder: its files keep the paths that they have there.

    Raises:
        SourceError: a target is missing.
    """
    made = Plan()
    found = [resolve(target) for target in targets]
    roots = {escaped(str(target)) for target in found if target.is_dir()}
    roots |= catalog.roots() if catalog else set()
    here: dict[str, str] = {}  # path: root
    for target in found:
        root = _root_of(target, roots)
        for item in walk(target, root=root, store=store.absolute()):
            if isinstance(item, Skipped):
                here.setdefault(item.path, escaped(str(root)))
                made.skipped.append(item)
            else:
                _sort(item, catalog, here, made, recipe=recipe, options=options)
        if catalog is not None:
            made.missing.extend(_missing(target, root, catalog, here))
            made.moved.update(_moved(target, root, catalog, here))
    return made


def refuse_empty(targets: Sequence[Path], *, store: Path, prune: bool = False) -> None:
    """Raise where there is nothing to read, before a store is made for it.

    An emptied folder is something to ``prune`` a store by.

    Raises:
        SourceError: a target is missing, or no target holds a single entry.
    """
    found = [resolve(target) for target in targets]
    for target in found:
        if any(True for _ in walk(target, root=_own_root(target), store=store.absolute())):
            return
    if prune and Layout(store).catalog.exists():
        return
    names = ", ".join(escaped(str(target)) for target in targets)
    raise SourceError(
        f"no files in {names}",
        hint="Name a folder with documents. Hidden files and what .memctlignore names stay out.",
    )


def _own_root(target: Path) -> Path:
    return target if target.is_dir() else target.parent


def _root_of(target: Path, known: set[str]) -> Path:
    own = _own_root(target)
    for folder in reversed((own, *own.parents)):
        if escaped(str(folder)) in known:
            return folder
    return own


def _sort(
    entry: Entry,
    catalog: Catalog | None,
    here: dict[str, str],
    made: Plan,
    *,
    recipe: str,
    options: Options,
) -> None:
    if entry.path in here:
        if here[entry.path] != entry.root:
            made.skipped.append(_duplicate(entry))
        return
    here[entry.path] = entry.root
    record = catalog.file(entry.path) if catalog else None
    if record is None:
        made.tasks.append(Task(entry))
    elif _taken(entry, record):
        made.skipped.append(_duplicate(entry))
    elif _to_read(record, recipe=recipe, options=options):
        made.tasks.append(Task(entry))
    elif _same(entry, record):
        made.known.append(record)
    else:
        made.tasks.append(Task(entry, known=record.sha256))


def _to_read(record: FileRecord, *, recipe: str, options: Options) -> bool:
    again = record.code in _TRANSIENT or (bool(record.code) and options.retry)
    return again or record.recipe != recipe


def _same(entry: Entry, record: FileRecord) -> bool:
    return (record.root, record.size, record.mtime_ns, record.ctime_ns) == (
        entry.root,
        entry.size,
        entry.mtime_ns,
        entry.ctime_ns,
    )


def _taken(entry: Entry, record: FileRecord) -> bool:
    """Tell whether another folder holds a file of this path, and still has it."""
    other = os.path.join(record.root, record.path)  # noqa: PTH118  an escaped name is no path
    return record.root != entry.root and os.path.lexists(other)


def _duplicate(entry: Entry) -> Skipped:
    return Skipped(
        entry.path,
        "duplicate_path",
        reason="another ingested folder has a file of this path; ingest the folder above both",
    )


def _missing(target: Path, root: Path, catalog: Catalog, here: dict[str, str]) -> Iterator[str]:
    """Yield the files of the store below ``target`` that the walk did not meet.

    What lies in a folder that could not be listed was not met, and is not missing.
    """
    prefix = escaped(target.relative_to(root).as_posix())
    closed = tuple(path.removeprefix("./") for path in here if path.endswith("/"))
    for record in catalog.files(root=escaped(str(root))):
        inside = prefix == "." or record.path == prefix or record.path.startswith(f"{prefix}/")
        if inside and record.path not in here and not record.path.startswith(closed):
            yield record.path


def _moved(
    target: Path, root: Path, catalog: Catalog, here: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the files of folders below ``target`` that were ingested by themselves before."""
    above = f"{escaped(str(target))}{os.sep}"
    for inner in sorted(catalog.roots()):
        if not inner.startswith(above) or inner == escaped(str(root)):
            continue
        base = inner[len(escaped(str(root))) + 1 :].replace(os.sep, "/")
        for record in catalog.files(root=inner):
            path = f"{base}/{record.path}"
            if path in here:
                yield record.path, path
