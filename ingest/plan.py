"""Compare what lies on disk with the catalog, by path, size and times alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from memctl.ingest.catalog import Catalog
from memctl.ingest.errors import SourceError
from memctl.ingest.layout import Layout
from memctl.ingest.parsing import Task
from memctl.ingest.records import FileRecord
from memctl.ingest.summary import Options
from memctl.ingest.walk import Entry, Skipped, escaped, resolve, walk

# The file may read well the next time, though it is the same.
_TRANSIENT = frozenset({"io", "killed", "permission", "vanished"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be read, what is as it was, what cannot be read, and what is gone.

    ``missing`` maps the path of a file to the folder that it is gone from.
    ``moved`` maps the path of a file that was ingested under a folder inside a target to its path
    under that target. ``folders`` are those that files are named from.
    """

    tasks: list[Task] = field(default_factory=list)
    known: list[FileRecord] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)


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
    here: dict[str, str] = {}  # path: root
    folders = catalog.folders() if catalog else set[str]()
    for target in _outermost(targets):
        root = _root_of(target, folders)
        if target.is_dir():
            made.folders.append(escaped(str(root)))
        for item in walk(target, root=root, store=store.resolve()):
            if isinstance(item, Skipped):
                here.setdefault(item.path, escaped(str(root)))
                made.skipped.append(item)
            else:
                _sort(item, catalog, here, made, recipe=recipe, options=options)
        if catalog is not None:
            gone = _missing(target, root, catalog, here)
            made.missing.update(dict.fromkeys(gone, escaped(str(root))))
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
        if any(True for _ in walk(target, root=_own_root(target), store=store.resolve())):
            return
    if prune and Layout(store).catalog.exists():
        return
    names = ", ".join(escaped(str(target)) for target in targets)
    raise SourceError(
        f"no files in {names}",
        hint="Name a folder with documents. Hidden files and what .memctlignore names stay out.",
    )


def _outermost(targets: Sequence[Path]) -> list[Path]:
    """Resolve ``targets``, each once, and leave out what lies inside another one."""
    found = list(dict.fromkeys(resolve(target) for target in targets))
    return [target for target in found if not set(target.parents) & set(found)]


def _own_root(target: Path) -> Path:
    return target if target.is_dir() else target.parent


def _root_of(target: Path, folders: set[str]) -> Path:
    """Return the innermost ingested folder that holds ``target``, or its own."""
    own = _own_root(target)
    for folder in (own, *own.parents):
        if escaped(str(folder)) in folders:
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
    if entry.path in here:  # in another folder, or a name that is escaped to the same text
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
    roots = {escaped(str(root))}
    if prefix == ".":
        roots |= _deserted(catalog, here)
    closed = tuple(path.removeprefix("./") for path in here if path.endswith("/"))
    for record in (record for each in sorted(roots) for record in catalog.files(root=each)):
        inside = prefix == "." or record.path == prefix or record.path.startswith(f"{prefix}/")
        if inside and record.path not in here and not record.path.startswith(closed):
            yield record.path


def _deserted(catalog: Catalog, here: dict[str, str]) -> set[str]:
    """Return the folders that are gone from disk, and that a walked folder has files of."""
    return {
        root
        for root in catalog.roots() - set(here.values())
        if not os.path.isdir(root)  # noqa: PTH112  an escaped name is no path
        and any(record.path in here for record in catalog.files(root=root))
    }


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
