"""Compare what lies on disk with the catalog, by path, size and times alone."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from memctl.ingest.catalog import Catalog
from memctl.ingest.ignore import Selection
from memctl.ingest.losses import losses
from memctl.ingest.moves import Origins, duplicate, is_away, is_same_file
from memctl.ingest.parsed import Task
from memctl.ingest.planned import Plan
from memctl.ingest.records import FileRecord, NoteRecord
from memctl.ingest.summary import Options
from memctl.ingest.targets import outermost, root_of
from memctl.ingest.walk import Entry, Facts, Ground, escaped, walk

# The file may read well the next time, though it is the same.
_TRANSIENT = frozenset({"io", "killed", "permission", "vanished"})


def plan(
    targets: Sequence[Path],
    catalog: Catalog | None,
    *,
    store: Path,
    recipe: str,
    options: Options,
    readers: Mapping[str, str] | None = None,
) -> Plan:
    """Walk ``targets`` and sort what is there; ``catalog`` is None where there is no store yet.

    ``readers`` maps suffixes to the readers that the settings name.

    A target inside a folder that was ingested before, or is another target, belongs to that
    folder: its files keep the paths that they have there.

    Raises:
        SourceError: a target is missing, or an ignore file cannot be understood.
        UsageError: a pattern to include or exclude is none.
    """
    planner = _Planner(catalog, Origins(readers), recipe=recipe, options=options)
    folders = catalog.folders() if catalog else set[str]()
    for target in outermost(targets):
        root = root_of(target, folders)
        ground = Ground(root, store.resolve(), selection=planner.selection)
        with _uncollected():
            planner.meet(target, ground)
    planner.find_lost()
    planner.find_moves()
    return planner.made


@contextmanager
def _uncollected() -> Generator[None]:
    """Keep Python from searching a hundred thousand tuples for cycles, again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Planner:
    """Meets one target after the other; what is known of a folder is read in one go."""

    def __init__(
        self, catalog: Catalog | None, origins: Origins, *, recipe: str, options: Options
    ) -> None:
        self._catalog = catalog
        self._recipe = recipe
        self._options = options
        self._files = catalog.files_known if catalog else 0
        self._known: dict[str, list[Facts]] = {}  # the settled files of each root
        self._unmet: set[Facts] = set()  # of these
        # The paths of files that were met and are not the same, with the folder: where a file is
        # to be read in place of one that was known, that one's.
        self._others: dict[str, str] = {}
        self._new: list[int] = []  # tasks whose file has no record
        self._away: dict[str, bool] = {}  # of folders that files are named from
        # Files that were met, by the folder, away now, that has a file of their path.
        self._strays: dict[str, list[tuple[Entry, FileRecord]]] = {}
        # Files of which parts were not read, where these are to be tried again.
        notes = catalog.notes(lost=True) if catalog and options.retry else ()
        self._again = {note.file for note in notes if note.lost}
        self.selection = Selection(options.include, options.exclude)
        self.made = Plan(origins)

    def meet(self, target: Path, ground: Ground) -> None:
        """Walk a target; sort what is there, and what is there no more."""
        root = escaped(str(ground.root))
        if target.is_dir():
            self.made.folders.append(root)
        self._learn(root)
        away = self._all_away(root) if target == ground.root else []
        for each in away:
            self._learn(each)
        closed: list[str] = []
        before = len(self._unmet)
        for item in walk(target, ground, settled=self._unmet):
            if isinstance(item, Entry):
                self._sort(item)
                continue
            self.made.skipped.append(item)
            self._others[item.path] = root
            if item.path.endswith("/"):
                closed.append(item.path.removeprefix("./"))
        paths = self._left(root, root)
        for each in away:
            paths += self._renamed(each, root)
        for each in list(self._strays):
            self._refuse(each)
        self.made.same += before - len(self._unmet)
        self._miss(paths, ground, target=target, closed=tuple(closed))
        self.made.moved.update(self._nested(target, root))

    def _all_away(self, root: str) -> list[str]:
        """Return the folders that are away: ``root`` may be one under a new name."""
        return sorted(each for each in self._roots() if each != root and self._is_away(each))

    def _is_away(self, root: str) -> bool:
        if root not in self._away:
            self._away[root] = is_away(root)
        return self._away[root]

    def _roots(self) -> set[str]:
        """Return the folders that the files of the store are named from."""
        if sum(map(len, self._known.values())) == self._files:  # most often; the others are slow
            return set(self._known)
        return self._catalog.roots() if self._catalog else set()

    def _learn(self, root: str) -> None:
        if self._catalog is not None and root not in self._known:
            self._known[root] = self._catalog.settled(root, self._recipe, whole=self._options.retry)
            self._unmet.update(self._known[root])

    def _sort(self, entry: Entry) -> None:
        record = self._catalog.file(entry.path) if self._catalog else None
        twice = entry.path in self._others or (record is not None and self._is_same(record))
        elsewhere = record is not None and record.root != entry.root
        self._others.setdefault(entry.path, entry.root)
        if twice or (record is not None and elsewhere and _is_there(record)):
            # It lies in another folder, or has a name that is escaped to the same text.
            self.made.skipped.append(duplicate(entry.path))
        elif record is not None and elsewhere and self._is_away(record.root):
            self._strays.setdefault(record.root, []).append((entry, record))
        else:
            self._place(entry, record)

    def _place(self, entry: Entry, record: FileRecord | None) -> None:
        """Have a file read, compared, or told of; ``record`` is what is known of it."""
        self._others[entry.path] = record.root if record else entry.root
        self.made.missing.pop(entry.path, None)  # another target may have missed it
        if record is None:
            self._new.append(len(self.made.tasks))
            self.made.tasks.append(Task(entry))
        elif self._to_read(record):
            self.made.tasks.append(Task(entry))
        elif record.code and _unchanged(entry, record):
            self.made.failed.append(record)
        else:
            rows = self._catalog.row_marks(entry.path, self._recipe) if self._catalog else ()
            self.made.tasks.append(Task(entry, (record.sha256,), rows=rows))

    def _to_read(self, record: FileRecord) -> bool:
        again = record.code in _TRANSIENT or (bool(record.code) and self._options.retry)
        return again or record.path in self._again or record.recipe != self._recipe

    def _is_same(self, record: FileRecord) -> bool:
        """Tell whether a file was met, and is as the catalog has it."""
        settled = record.root in self._known and record.recipe == self._recipe and not record.code
        return settled and record.path not in self._again and _facts(record) not in self._unmet

    def _left(self, each: str, root: str) -> list[str]:
        """Return the files of the folder ``each`` that were not met where ``root`` was walked."""
        paths = self._paths(each, unmet=True)
        return [path for path in paths if self._others.get(path) not in {each, root}]

    def _paths(self, root: str, *, unmet: bool = False) -> list[str]:
        """Return the files of a folder, or all but those that were met as they were."""
        if self._catalog is None:
            return []
        facts = self._known[root]
        all_known = len(facts) == self._files  # most often, and looked up at once
        rest = (
            []
            if all_known
            else self._catalog.unsettled(root, self._recipe, whole=self._options.retry)
        )
        settled = self._unmet.intersection(facts) if unmet else facts
        return sorted((*(fact[0] for fact in settled), *rest))

    def _renamed(self, each: str, root: str) -> list[str]:
        """Return the files that were not met of ``each``, if that is ``root`` under an old name.

        It is where size and times are those of at least half of its files, as far as they are
        looked for. Else it is a drive that is not mounted, or gone: nothing is known of its files.
        """
        met = [fact for fact in self._known[each] if fact not in self._unmet]
        strays = self._strays.get(each, [])
        same = len(met) + sum(is_same_file(*stray) for stray in strays)
        if not same or 2 * same < sum(map(self.selection.takes, self._paths(each))):
            self._refuse(each, met)
            return []
        self._away[each] = False
        for fact in met:
            self.made.rooted[fact[0]] = root
            self.made.missing.pop(fact[0], None)
        for entry, record in self._strays.pop(each, ()):
            self._place(entry, record)
        return self._left(each, root)

    def _refuse(self, away: str, met: Sequence[Facts] = ()) -> None:
        """Leave to a folder that is away its files: others that have their paths are not read."""
        self._unmet.update(met)
        strays = (entry.path for entry, _ in self._strays.pop(away, ()))
        paths = (*(fact[0] for fact in met), *strays)
        self.made.skipped.extend(duplicate(path, away) for path in paths)

    def _miss(
        self, paths: Sequence[str], ground: Ground, *, target: Path, closed: tuple[str, ...]
    ) -> None:
        """Note that files of the store below ``target`` were not met.

        What lies in a folder that could not be listed was not met, and is not missing. What this
        run leaves out is not missing either: a few files can be ingested by themselves.
        """
        root = escaped(str(ground.root))
        prefix = escaped(target.relative_to(ground.root).as_posix())
        empty = target.is_dir() and is_away(target)
        for path in paths:
            inside = prefix == "." or path == prefix or path.startswith(f"{prefix}/")
            if not inside or path.startswith(closed):
                continue
            if not self.selection.takes(path):
                self.made.unseen += 1
                continue
            self.made.missing[path] = root
            if empty:
                self.made.emptied[path] = escaped(str(target))

    def _nested(self, target: Path, root: str) -> Iterator[tuple[str, str]]:
        """Yield the files of folders below ``target`` that were ingested by themselves before."""
        above = f"{escaped(str(target))}{os.sep}"
        for inner in sorted(self._roots() - {root}):
            if self._catalog is None or not inner.startswith(above):
                continue
            base = inner[len(root) + 1 :].replace(os.sep, "/")
            for record in self._catalog.files(root=inner):
                path = f"{base}/{record.path}"
                outer = self._catalog.file(path)
                if path in self._others or (outer is not None and self._is_same(outer)):
                    yield record.path, path

    def find_lost(self) -> None:
        """Find what is known of parts that were not read, of files that are as they were."""
        failed = {record.path for record in self.made.failed}
        same: list[NoteRecord] = []
        for note in self._catalog.notes(lost=True) if self._catalog else ():
            record = self._catalog.file(note.file) if self._catalog else None
            if note.file in failed or (record is not None and self._is_same(record)):
                same.append(note)
        self.made.skipped.extend(losses(same, before=True))

    def find_moves(self) -> None:
        """Find among the new files those that may be files that are gone, under a new name.

        The bytes are compared when the file is read.
        """
        if self._catalog is None or not self._new:
            return
        for path in (*self.made.moved, *self.made.missing):
            record = self._catalog.file(path)
            if record is not None and not record.code and record.recipe == self._recipe:
                self.made.origins.add(record)
        for at in self._new:
            entry = self.made.tasks[at].entry
            self.made.tasks[at] = Task(entry, self.made.origins.near(entry))


def _facts(record: FileRecord) -> Facts:
    return record.path, record.size, record.mtime_ns, record.ctime_ns


def _unchanged(entry: Entry, record: FileRecord) -> bool:
    facts = (entry.path, entry.size, entry.mtime_ns, entry.ctime_ns)
    return record.root == entry.root and _facts(record) == facts


def _is_there(record: FileRecord) -> bool:
    return os.path.lexists(os.path.join(record.root, record.path))  # noqa: PTH118  an escaped name is no path
