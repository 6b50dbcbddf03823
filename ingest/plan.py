"""Compare what lies on disk with the catalog, by path, size and times alone."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from memctl.ingest.catalog import Catalog
from memctl.ingest.ignore import Selection
from memctl.ingest.parsed import Task
from memctl.ingest.records import FileRecord
from memctl.ingest.summary import Options
from memctl.ingest.targets import outermost, root_of
from memctl.ingest.walk import Entry, Facts, Ground, Skipped, escaped, walk

# The file may read well the next time, though it is the same.
_TRANSIENT = frozenset({"io", "killed", "permission", "vanished"})
_COMPARED = 32  # files that are gone, for each new one


@dataclass(slots=True)
class Plan:
    """What has to be read, what is as it was, what cannot be read, and what is gone.

    ``same`` counts the files that were read and are as they were, ``failed`` are the records of
    those that could not be read and are as they were. ``missing`` maps the path of a file to the
    folder that it is gone from. ``moved`` maps the path of a file that was ingested under a folder
    inside a target to its path under that target. ``rooted`` maps the path of a file that is the
    same to its folder, where that has a new name. ``origins`` maps bytes and suffix of a file that
    is gone to its path: a new file that has them is that file under a new name. ``unseen`` counts
    the files of the store that the patterns of this run leave out. ``folders`` are those that
    files are named from.
    """

    tasks: list[Task] = field(default_factory=list[Task])
    same: int = 0
    failed: list[FileRecord] = field(default_factory=list[FileRecord])
    skipped: list[Skipped] = field(default_factory=list[Skipped])
    missing: dict[str, str] = field(default_factory=dict[str, str])
    moved: dict[str, str] = field(default_factory=dict[str, str])
    origins: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    rooted: dict[str, str] = field(default_factory=dict[str, str])
    unseen: int = 0
    folders: list[str] = field(default_factory=list[str])


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
        SourceError: a target is missing, or an ignore file cannot be understood.
        UsageError: a pattern to include or exclude is none.
    """
    planner = _Planner(catalog, recipe=recipe, options=options)
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


def suffix_of(path: str) -> str:
    """Return what chooses the reader of a file by its name: ``.jsonl.gz`` of ``a.b.jsonl.gz``."""
    return "".join(Path(_name(path).lower()).suffixes[-2:])


class _Planner:
    """Meets one target after the other; what is known of a folder is read in one go."""

    def __init__(self, catalog: Catalog | None, *, recipe: str, options: Options) -> None:
        self._catalog = catalog
        self._recipe = recipe
        self._options = options
        self._files = catalog.files_known if catalog else 0
        self._known: dict[str, list[Facts]] = {}  # the settled files of each root
        self._unmet: set[Facts] = set()  # of these
        self._others: set[str] = set()  # the paths of files that were met and are not the same
        self._new: list[int] = []  # tasks whose file has no record
        self.selection = Selection(options.include, options.exclude)
        self.made = Plan()

    def meet(self, target: Path, ground: Ground) -> None:
        """Walk a target; sort what is there, and what is there no more."""
        root = escaped(str(ground.root))
        if target.is_dir():
            self.made.folders.append(root)
        self._learn(root)
        gone = self._gone() if target == ground.root else []
        for each in gone:
            self._learn(each)
        closed: list[str] = []
        before = len(self._unmet)
        for item in walk(target, ground, settled=self._unmet):
            if isinstance(item, Entry):
                self._sort(item)
                continue
            self.made.skipped.append(item)
            self._others.add(item.path)
            if item.path.endswith("/"):
                closed.append(item.path.removeprefix("./"))
        self.made.same += before - len(self._unmet)
        for each in (root, *gone):
            self._miss(self._left(each, root), ground, target=target, closed=tuple(closed))
        self.made.moved.update(self._nested(target, root))

    def _gone(self) -> list[str]:
        """Return the folders that are gone from disk: a target may be one under a new name."""
        return sorted(each for each in self._roots() if not os.path.isdir(each))  # noqa: PTH112  an escaped name is no path

    def _roots(self) -> set[str]:
        """Return the folders that the files of the store are named from."""
        if sum(map(len, self._known.values())) == self._files:  # most often; the others are slow
            return set(self._known)
        return self._catalog.roots() if self._catalog else set()

    def _learn(self, root: str) -> None:
        if self._catalog is not None and root not in self._known:
            self._known[root] = self._catalog.settled(root, self._recipe)
            self._unmet.update(self._known[root])

    def _sort(self, entry: Entry) -> None:
        record = self._catalog.file(entry.path) if self._catalog else None
        twice = entry.path in self._others or (record is not None and self._is_same(record))
        if twice or (record is not None and _taken(entry, record)):
            # It lies in another folder, or has a name that is escaped to the same text.
            self.made.skipped.append(_duplicate(entry))
        elif record is None:
            self._new.append(len(self.made.tasks))
            self.made.tasks.append(Task(entry))
        elif self._to_read(record):
            self.made.tasks.append(Task(entry))
        elif record.code and _unchanged(entry, record):
            self.made.failed.append(record)
        else:
            rows = self._catalog.row_marks(entry.path, self._recipe) if self._catalog else ()
            self.made.tasks.append(Task(entry, (record.sha256,), rows=rows))
        self._others.add(entry.path)

    def _to_read(self, record: FileRecord) -> bool:
        again = record.code in _TRANSIENT or (bool(record.code) and self._options.retry)
        return again or record.recipe != self._recipe

    def _is_same(self, record: FileRecord) -> bool:
        """Tell whether a file was met, and is as the catalog has it."""
        settled = record.root in self._known and record.recipe == self._recipe and not record.code
        return settled and _facts(record) not in self._unmet

    def _left(self, each: str, root: str) -> list[str]:
        """Return the files of the folder ``each`` that were not met.

        Where it is gone from disk, and some of its files were met in the folder that was walked,
        that is the same folder under a new name; where none was, nothing is known of its files.
        """
        if self._catalog is None:
            return []
        unmet = self._unmet.intersection(self._known[each])
        all_known = len(self._known[each]) == self._files  # most often, and looked up at once
        rest = [] if all_known else self._catalog.unsettled(each, self._recipe)
        paths = sorted((*(fact[0] for fact in unmet), *rest))
        left = [path for path in paths if path not in self._others]
        if each == root:
            return left
        same = [fact[0] for fact in self._known[each] if fact not in unmet]
        self.made.rooted.update(dict.fromkeys(same, root))
        return left if same or len(left) < len(paths) else []

    def _miss(
        self, paths: Sequence[str], ground: Ground, *, target: Path, closed: tuple[str, ...]
    ) -> None:
        """Note that files of the store below ``target`` were not met.

        What lies in a folder that could not be listed was not met, and is not missing. What this
        run leaves out is not missing either: a few files can be ingested by themselves.
        """
        root = escaped(str(ground.root))
        prefix = escaped(target.relative_to(ground.root).as_posix())
        for path in paths:
            inside = prefix == "." or path == prefix or path.startswith(f"{prefix}/")
            if not inside or path.startswith(closed):
                continue
            if self.selection.takes(path):
                self.made.missing[path] = root
            else:
                self.made.unseen += 1

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
        for note in self._catalog.notes(lost=True) if self._catalog else ():
            record = self._catalog.file(note.file) if self._catalog else None
            if note.file in failed or (record is not None and self._is_same(record)):
                self.made.skipped.append(Skipped(note.path, note.code, reason=note.reason))

    def find_moves(self) -> None:
        """Find among the new files those that may be files that are gone, under a new name.

        Size, suffix and, where many are alike in these, name are compared here; the bytes are
        when the file is read.
        """
        if self._catalog is None or not self._new:
            return
        alike: dict[tuple[int, str], list[str]] = {}
        for path in (*self.made.moved, *self.made.missing):
            record = self._catalog.file(path)
            if record is None or record.code or record.recipe != self._recipe:
                continue
            self.made.origins.setdefault((record.sha256, suffix_of(path)), path)
            for key in (suffix_of(path), _name(path)):
                alike.setdefault((record.size, key), []).append(record.sha256)
        for at in self._new:
            entry = self.made.tasks[at].entry
            near = alike.get((entry.size, _name(entry.path)), [])[:_COMPARED]
            near += alike.get((entry.size, suffix_of(entry.path)), [])[:_COMPARED]
            self.made.tasks[at] = Task(entry, tuple(dict.fromkeys(near)))


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _facts(record: FileRecord) -> Facts:
    return record.path, record.size, record.mtime_ns, record.ctime_ns


def _unchanged(entry: Entry, record: FileRecord) -> bool:
    facts = (entry.path, entry.size, entry.mtime_ns, entry.ctime_ns)
    return record.root == entry.root and _facts(record) == facts


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
