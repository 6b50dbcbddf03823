"""Walk folders in sorted order and say of each entry whether it is a file to read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from memctl.ingest.errors import SourceError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE = ".memctlignore"


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
    """An input that was not read: a stable word for programs, a reason for people."""

    path: str
    code: str
    _: KW_ONLY
    reason: str


@dataclass(frozen=True, slots=True)
class _Folder:
    file: Path
    path: str
    specs: tuple[tuple[str, GitIgnoreSpec], ...] = field(default=())


def escaped(name: str) -> str:
    """Write a file name as safe text: undecodable bytes and unsafe characters as escapes."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


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


def walk(target: Path, *, root: Path, store: Path) -> Iterator[Entry | Skipped]:
    """Yield what lies at and below ``target``, an absolute path inside ``root``.

    Hidden files, the folder of the store and what a ``.memctlignore`` names (in gitignore's
    language) are passed over without a word, links and special files are yielded as skipped.
    """
    root_name = escaped(str(root))
    path = escaped(target.relative_to(root).as_posix())
    if not target.is_dir():
        yield _entry(target, path, root_name, target.lstat())
        return
    stack = [_Folder(target, "" if path == "." else f"{path}/", _outer_specs(target, root))]
    while stack:
        folder = stack.pop()
        try:
            with os.scandir(folder.file) as listing:
                entries = sorted(listing, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield Skipped(folder.path or "./", "permission", reason=f"a folder: {error.strerror}")
            continue
        here = _with_own_spec(folder)
        below: list[_Folder] = []
        for entry in entries:
            if entry.name.startswith(".") or Path(entry.path) == store:
                continue
            item = _look(entry, here, root_name)
            if isinstance(item, _Folder):
                below.append(item)
            elif item is not None:
                yield item
        stack.extend(reversed(below))


def _look(entry: os.DirEntry[str], folder: _Folder, root: str) -> Entry | Skipped | _Folder | None:
    path = folder.path + escaped(entry.name)
    is_folder = entry.is_dir(follow_symlinks=False)
    if _ignored(f"{path}/" if is_folder else path, folder):
        return None
    if is_folder:
        return _Folder(Path(entry.path), f"{path}/", folder.specs)
    try:
        facts = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return Skipped(path, "vanished", reason="it went away while the folder was read")
    except OSError as error:
        return Skipped(path, "io", reason=error.strerror or str(error))
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


def _outer_specs(target: Path, root: Path) -> tuple[tuple[str, GitIgnoreSpec], ...]:
    """Collect the ignore files between the root and the target, the target's own left out."""
    folder = _Folder(root, "")
    for part in target.relative_to(root).parts:
        folder = _with_own_spec(folder)
        folder = _Folder(folder.file / part, f"{folder.path}{escaped(part)}/", folder.specs)
    return folder.specs


def _with_own_spec(folder: _Folder) -> _Folder:
    file = folder.file / IGNORE_FILE
    try:
        lines = file.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:  # hardly ever there; where it cannot be read, the folder tells that itself
        return folder
    from pathspec import GitIgnoreSpec

    spec = GitIgnoreSpec.from_lines(lines)
    return _Folder(folder.file, folder.path, (*folder.specs, (folder.path, spec)))


def _ignored(path: str, folder: _Folder) -> bool:
    for base, spec in reversed(folder.specs):  # the nearest folder has the last word
        verdict = spec.check_file(path[len(base) :]).include
        if verdict is not None:
            return verdict
    return False
