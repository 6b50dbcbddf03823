"""Walk folders and say of each entry whether it is a file to read, to be passed over, or known."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Literal

from memctl.ingest.errors import SourceError
from memctl.ingest.ignore import IgnoreFiles, Selection
from memctl.ingest.text import shown

# A file's path, size, and times of change of its bytes and of its facts, in nanoseconds.
Facts = tuple[str, int, int, int]
DirEntry = os.DirEntry[str]
Kind = Literal["file", "part", "partial", "refused"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A regular file. ``path`` is safe text: what is not is written as an escape."""

    path: str
    file: Path
    _: KW_ONLY
    root: str
    size: int
    mtime_ns: int
    ctime_ns: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """An input that was not read, or not whole: a stable word for programs, a reason for people.

    A file or a part of one was not read, a document was read in part, or the walk refused what
    lies at the path. ``before`` says that an earlier ingest has told it.
    """

    path: str
    code: str
    _: KW_ONLY
    reason: str
    kind: Kind = "refused"
    before: bool = field(default=False, compare=False)

    @property
    def status(self) -> str:
        """``partial`` for what was read in part, else ``skipped``."""
        return "partial" if self.kind == "partial" else "skipped"


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a walk goes: what lies in ``store``, or is not in ``selection``, is passed over."""

    root: Path
    store: Path
    _: KW_ONLY
    selection: Selection = field(default_factory=Selection)


@dataclass(frozen=True, slots=True)
class _Folder:
    file: Path
    path: str  # empty, or ending in a slash
    ignored: IgnoreFiles


def escaped(name: str) -> str:
    """Write a file name as safe text: undecodable bytes and unsafe characters as escapes."""
    return shown(os.fsencode(name).decode("utf-8", "backslashreplace"))


def resolve(target: Path) -> Path:
    """Return the absolute path of what the user named; a link that is named itself is followed.

    Raises:
        SourceError: there is nothing, or it is neither a folder nor a regular file.
    """
    try:
        found = target.resolve(strict=True)
        mode = found.stat().st_mode
    except (OSError, RuntimeError) as error:
        raise SourceError(
            f"no file or folder at {escaped(str(target))}", hint="Check the path."
        ) from error
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise SourceError(
            f"{escaped(str(target))} is neither a folder nor a file", hint="Name a folder."
        )
    return found


def walk(
    target: Path, ground: Ground, *, settled: set[Facts] | None = None
) -> Iterator[Entry | Skipped]:
    """Yield what lies at and below ``target``, an absolute path inside the root.

    Files whose facts are in ``settled`` are not yielded, but taken out of it.

    Folders come in sorted order, the files of a folder first. Hidden files and what a
    ``.memctlignore`` names (in gitignore's language) are passed over without a word, links and
    special files are yielded as skipped.

    Raises:
        SourceError: an ignore file cannot be understood.
    """
    known = set[Facts]() if settled is None else settled
    root = escaped(str(ground.root))
    path = escaped(target.relative_to(ground.root).as_posix())
    if not target.is_dir():
        facts = target.lstat()
        if ground.selection.takes(path) and not _meets(known, path, facts):
            yield _entry(target, path, root, facts)
        return
    stack = [_Folder(target, "" if path == "." else f"{path}/", _outer(target, ground.root))]
    while stack:
        folder = stack.pop()
        inner = _Folder(folder.file, folder.path, folder.ignored.with_own(folder.file, folder.path))
        try:
            with os.scandir(folder.file) as listing:
                below, files = _sift(listing, inner, ground, settled=known)
        except OSError as error:
            yield Skipped(folder.path or "./", "permission", reason=f"a folder: {error.strerror}")
            continue
        for entry, found in sorted(files, key=lambda file: os.fsencode(file[0].name)):
            yield _look(entry, found, folder.path, root=root)
        below.sort(key=lambda entry: os.fsencode(entry.name), reverse=True)
        stack += (
            _Folder(Path(entry.path), f"{folder.path}{escaped(entry.name)}/", inner.ignored)
            for entry in below
        )


def _sift(
    listing: Iterable[DirEntry], folder: _Folder, ground: Ground, *, settled: set[Facts]
) -> tuple[list[DirEntry], list[tuple[DirEntry, os.stat_result | OSError]]]:
    """Part a folder's entries: the folders to go into, and the files that need a look.

    All files of a tree go through this loop at every ingest, so nothing is made for one that is
    settled.
    """
    below: list[DirEntry] = []
    files: list[tuple[DirEntry, os.stat_result | OSError]] = []
    prefix, passed_over = folder.path, _passed_over(folder.ignored, ground.selection)
    store = str(ground.store)
    for entry in listing:
        name = entry.name
        if name[0] == ".":
            continue
        path = prefix + (name if name.isprintable() else escaped(name))
        is_folder = entry.is_dir(follow_symlinks=False)
        if passed_over is not None and passed_over(f"{path}/" if is_folder else path):
            continue
        if is_folder:
            if entry.path != store:
                below.append(entry)
            continue
        try:
            facts = entry.stat(follow_symlinks=False)
        except OSError as error:
            files.append((entry, error))
            continue
        try:
            settled.remove((path, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns))
        except KeyError:
            files.append((entry, facts))
    return below, files


def _meets(settled: set[Facts], path: str, facts: os.stat_result) -> bool:
    known = (path, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
    found = known in settled
    settled.discard(known)
    return found


def _passed_over(ignored: IgnoreFiles, selection: Selection) -> Callable[[str], bool] | None:
    """Return what tells of a path whether to leave it out, or None where nothing is left out."""
    if not ignored.specs and not selection:
        return None

    def left_out(path: str) -> bool:
        takes = selection.takes_folder if path.endswith("/") else selection.takes
        return ignored.ignores(path) or not takes(path)

    return left_out


def _look(
    entry: DirEntry, facts: os.stat_result | OSError, prefix: str, *, root: str
) -> Entry | Skipped:
    path = prefix + escaped(entry.name)
    if isinstance(facts, FileNotFoundError):
        return Skipped(path, "vanished", reason="it went away while the folder was read")
    if isinstance(facts, OSError):
        return Skipped(path, "io", reason=facts.strerror or str(facts))
    if stat.S_ISLNK(facts.st_mode):
        return Skipped(path, "symlink", reason="a link; links are not followed")
    if not stat.S_ISREG(facts.st_mode):
        return Skipped(path, "not_regular", reason="not a regular file")
    return _entry(Path(entry.path), path, root, facts)


def _entry(file: Path, path: str, root: str, facts: os.stat_result) -> Entry:
    return Entry(
        path,
        file,
        root=root,
        size=facts.st_size,
        mtime_ns=facts.st_mtime_ns,
        ctime_ns=facts.st_ctime_ns,
    )


def _outer(target: Path, root: Path) -> IgnoreFiles:
    """Collect the ignore files between the root and the target, the target's own left out."""
    found, folder, path = IgnoreFiles(), root, ""
    for part in target.relative_to(root).parts:
        found = found.with_own(folder, path)
        folder, path = folder / part, f"{path}{escaped(part)}/"
    return found
