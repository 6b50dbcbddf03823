"""The files of a store are for their owner alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_OTHERS = 0o077


def keep_private(root: Path) -> None:
    """Take from everybody else what they may do with a store, whatever the umask was.

    Raises:
        OSError: the system refused it.
    """
    if os.name == "nt":
        return
    for folder, _, names in os.walk(root):
        for path in (Path(folder), *(Path(folder, name) for name in names)):
            found = path.lstat()
            if found.st_mode & _OTHERS and not stat.S_ISLNK(found.st_mode):
                path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
