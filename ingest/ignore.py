"""What is left out of a walk: by ``.memctlignore`` in a folder, and by the patterns of one run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from memctl.ingest.errors import SourceError, UsageError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE = ".memctlignore"


@dataclass(frozen=True, slots=True)
class IgnoreFiles:
    """The ignore files in force in a folder, each with the path of the folder that it lies in."""

    specs: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    def with_own(self, folder: Path, path: str) -> IgnoreFiles:
        """Return these and the one of ``folder``; ``path``, under the root, ends in a slash.

        Raises:
            SourceError: it holds a line that is no pattern.
        """
        file = folder / IGNORE_FILE
        try:
            lines = file.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        except OSError:  # hardly ever there; where it cannot be read, the folder tells that itself
            return self
        try:
            return IgnoreFiles((*self.specs, (path, _compiled(lines))))
        except ValueError as error:
            raise SourceError(
                f"{path}{IGNORE_FILE}: {error}", hint="Mend the line, or begin it with #."
            ) from error

    def ignores(self, path: str) -> bool:
        """Tell whether ``path``, which ends in a slash for a folder, is named by one of them."""
        for base, spec in reversed(self.specs):  # the nearest folder has the last word
            verdict = spec.check_file(path[len(base) :]).include
            if verdict is not None:
                return verdict
        return False


class Selection:
    """The patterns of one run, over paths under the root: what they leave out is not looked at.

    Without ``include`` there is every file; ``exclude`` has the last word.

    Raises:
        UsageError: something is no pattern.
    """

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self._include = _pattern("--include", include)
        self._exclude = _pattern("--exclude", exclude)

    def __bool__(self) -> bool:
        """Whether anything may be left out."""
        return bool(self._include or self._exclude)

    def takes_folder(self, path: str) -> bool:
        """Tell whether to look into a folder; its path ends in a slash."""
        return self._exclude is None or not self._exclude.match_file(path)

    def takes(self, path: str) -> bool:
        """Tell whether a file is one to look at, and each folder that it lies in."""
        if self._include is not None and not self._include.match_file(path):
            return False
        above = accumulate(f"{name}/" for name in path.split("/")[:-1])
        return self._exclude is None or not any(map(self._exclude.match_file, (*above, path)))


def _pattern(option: str, lines: Sequence[str]) -> GitIgnoreSpec | None:
    try:
        return _compiled(lines) if lines else None
    except ValueError as error:
        raise UsageError(
            f"{option}: {error}", hint="Write it as in .gitignore, in quotes: '*.pdf', 'drafts/'."
        ) from error


def _compiled(lines: Sequence[str]) -> GitIgnoreSpec:
    """Return what gitignore makes of ``lines``.

    Raises:
        ValueError: a line is no pattern.
    """
    from pathspec import GitIgnoreSpec

    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except (ValueError, re.error) as error:
            raise ValueError(f"{line!r} is not a pattern") from error
    return GitIgnoreSpec.from_lines(lines)
