"""The files of a lexical index: a generation on disk, committed by the rename of its manifest."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import KW_ONLY, asdict, dataclass
from pathlib import Path

import numpy as np

from memctl.index.errors import IndexDamagedError, IndexNotFoundError
from memctl.index.files import FileFact, check, complete, fact_of
from memctl.index.lexical.analysis import READABLE, VERSION
from memctl.index.sample import Rows
from memctl.ingest import sync_folder
from memctl.ingest.durable import put_checked, read_checked

FORMAT = 2
_CHECKED = 2  # the first format that says of itself whether it is whole; else it is as 1
_OLDEST = 1
ROWS, LENGTHS, SPOKEN = "rows.i64", "lengths.i32", "languages.u8"
_MANIFEST = "manifest.json"
_LOCKS = (".tantivy-writer.lock", ".tantivy-meta.lock")
HINT = "Run: memctl index build"


@dataclass(frozen=True, slots=True)
class Held:
    """The rows that a generation holds, sorted, and how many terms each has.

    ``spoken`` is the place of each row's language in ``languages``.
    """

    rows: Rows
    lengths: Rows
    _: KW_ONLY
    spoken: Rows
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LexicalManifest:
    """One generation. ``languages`` are those that its texts were analysed in.

    ``revision`` is the corpus's when it was written: where it differs now, the index is behind.
    """

    generation: int
    revision: int
    _: KW_ONLY
    analysis: int
    rows: int
    languages: tuple[str, ...]
    files: dict[str, FileFact]

    @property
    def folder(self) -> str:
        """The name of the folder that holds this generation."""
        return f"gen-{self.generation:04d}"

    def complete(self, folder: Path) -> bool:
        """Tell whether each file is there, of its size; opening it compares every byte."""
        return complete(folder / self.folder, self.files)


def load(folder: Path) -> LexicalManifest:
    """Read the manifest of the lexical index in ``folder``.

    Raises:
        IndexNotFoundError: there is none.
        IndexDamagedError: it is not one, or of another format or analysis.
    """
    file = folder / _MANIFEST
    try:
        data = read_checked(file, since=_CHECKED, newest=FORMAT)
        if data.pop("format") not in {_OLDEST, FORMAT} or data["analysis"] not in READABLE:
            raise IndexDamagedError(f"{file} was made by another memctl", hint=HINT)
        files = {name: FileFact(**fact) for name, fact in data.pop("files").items()}
        data |= {"languages": tuple(data["languages"]), "files": files}
        return LexicalManifest(**data)
    except FileNotFoundError:
        raise IndexNotFoundError(f"no index of words in {folder.parent}", hint=HINT) from None
    except OSError as error:
        raise IndexDamagedError(f"{file} cannot be read: {error.strerror}", hint=HINT) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexDamagedError(f"{file} cannot be read: {error!r}", hint=HINT) from error


def verified(folder: Path, manifest: LexicalManifest, *, whole: bool = False) -> Path:
    """Return the folder of a generation, each file of which is what was written.

    Raises:
        IndexDamagedError: a file is missing or another.
    """
    for name, fact in manifest.files.items():
        check(folder / manifest.folder / name, fact, whole=whole)
    return folder / manifest.folder


def read_held(folder: Path, manifest: LexicalManifest) -> Held:
    """Return what a generation holds."""
    folder /= manifest.folder
    rows = np.fromfile(folder / ROWS, dtype="<i8").astype(np.int64)
    lengths = np.fromfile(folder / LENGTHS, dtype="<i4").astype(np.int64)
    spoken = np.fromfile(folder / SPOKEN, dtype="u1").astype(np.int64)
    return Held(rows, lengths, spoken=spoken, languages=manifest.languages)


def commit(
    folder: Path,
    old: LexicalManifest | None,
    *,
    fill: Callable[[Path], Held],
    revision: int,
) -> LexicalManifest:
    """Write the next generation and put it in place; the old one serves until then.

    ``fill`` gets a folder with the files of the old generation, if there is one, changes it, and
    returns what it holds by then. Files are shared with the old
    generation, which tantivy never changes, so that a small change writes little.
    """
    generation = max([0, *_numbers(folder), old.generation if old else 0]) + 1
    partial = folder / "building"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    if old is not None:
        _share(folder / old.folder, partial)
    held = fill(partial)
    (partial / ROWS).write_bytes(held.rows.astype("<i8").tobytes())
    (partial / LENGTHS).write_bytes(held.lengths.astype("<i4").tobytes())
    (partial / SPOKEN).write_bytes(held.spoken.astype("u1").tobytes())
    for lock in _LOCKS:
        (partial / lock).unlink(missing_ok=True)
    manifest = LexicalManifest(
        generation,
        revision,
        analysis=VERSION,
        rows=len(held.rows),
        languages=held.languages,
        files={file.name: fact_of(file) for file in sorted(partial.iterdir())},
    )
    sync_folder(partial)
    partial.rename(folder / manifest.folder)
    sync_folder(folder)
    _write(folder, manifest)
    _sweep(folder, keep=manifest.folder)
    return manifest


def _write(folder: Path, manifest: LexicalManifest) -> None:
    put_checked(folder / _MANIFEST, {"format": FORMAT, **asdict(manifest)})


def _share(old: Path, new: Path) -> None:
    for file in old.iterdir():
        if file.name in {ROWS, LENGTHS, SPOKEN, *_LOCKS}:
            continue
        if file.suffix == ".json":  # tantivy's list of segments, which it replaces
            shutil.copyfile(file, new / file.name)
            continue
        try:
            os.link(file, new / file.name)
        except OSError:  # no links on this kind of disk
            shutil.copyfile(file, new / file.name)


def _numbers(folder: Path) -> list[int]:
    """Return the numbers that folders have had: also of one whose manifest was lost."""
    return [int(path.name[4:]) for path in folder.glob("gen-[0-9]*") if path.name[4:].isdigit()]


def _sweep(folder: Path, *, keep: str) -> None:
    """Remove the generations that no manifest names; an open one stays readable until closed."""
    for old in folder.glob("gen-*"):
        if old.name != keep:
            with suppress(PermissionError):  # held open, where the system minds that
                shutil.rmtree(old)
