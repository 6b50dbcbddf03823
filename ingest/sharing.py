"""Files shared between folders, or copied, without their bytes being written anew where it can be.

What is shared must never be changed in place, but for a vector file, which only grows at its end.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_PART = 1 << 30  # bytes asked of the system at once


def share(old: Path, new: Path) -> None:
    """Give a file a second name, in place of any other of that name; copy it where disks cannot.

    Raises:
        OSError: the system refused it.
    """
    if new.exists() and new.samefile(old):
        return  # to rename one name of a file to another of its names does nothing
    partial = new.with_name(f"{new.name}.new")
    partial.unlink(missing_ok=True)
    try:
        os.link(old, partial)
    except OSError:  # no links on this kind of disk
        copy(old, partial)
    partial.replace(new)


def share_tree(old: Path, new: Path) -> None:
    """Share every file below a folder, in place of any other folder of that name.

    Raises:
        OSError: the system refused it.
    """
    partial = new.with_name(f"{new.name}.new")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700, parents=True)
    for file in sorted(old.rglob("*")):
        target = partial / file.relative_to(old)
        if file.is_dir():
            target.mkdir(mode=0o700)
        elif file.suffix != ".lock":
            share(file, target)
    if new.exists():
        shutil.rmtree(new)
    partial.rename(new)


def copy(old: Path, new: Path, *, length: int | None = None) -> None:
    """Copy a file, or its first ``length`` bytes, durably; blocks are shared where disks can.

    Raises:
        OSError: the system refused it.
    """
    new.unlink(missing_ok=True)  # it may be another name of a file that is shared
    with old.open("rb") as source, new.open("xb") as target:
        left = os.fstat(source.fileno()).st_size if length is None else length
        done = _ranges(source.fileno(), target.fileno(), left)
        source.seek(done)
        target.seek(done)
        while done < left and (data := source.read(min(left - done, 1 << 20))):
            done += target.write(data)
        target.flush()
        os.fsync(target.fileno())


def _ranges(source: int, target: int, length: int) -> int:
    """Have the system copy, and return how many bytes it did; 0 where it cannot."""
    done = 0
    if not hasattr(os, "copy_file_range"):
        return done
    while done < length:
        try:
            count = os.copy_file_range(source, target, min(length - done, _PART), done, done)
        except OSError:
            return done
        if not count:
            return done
        done += count
    return done
