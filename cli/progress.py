"""Progress bars, on stderr and only on a terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from memctl.cli.output import count


class Bar:
    """A bar that is gone when its work is done; a context manager."""

    def __init__(self, *columns: ProgressColumn) -> None:
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()


class IngestProgress(Bar):
    """Shows files done, chunks a second and the time that is left, by bytes."""

    def __init__(self) -> None:
        super().__init__(
            TextColumn("{task.fields[files]}"),
            BarColumn(bar_width=20),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[chunks]}"),
            TimeRemainingColumn(compact=True),
        )
        self._task = self._bar.add_task("", total=None, files="looking", chunks="")
        self._files = self._done = 0
        self._begun = time.monotonic()

    def planned(self, files: int, size: int) -> None:
        """Begin to count."""
        self._files, self._begun = files, time.monotonic()
        self._bar.update(self._task, total=max(size, 1), files=self._count())

    def chunks(self, done: int) -> None:
        """Show the number of chunks and their speed."""
        speed = done / max(time.monotonic() - self._begun, 0.1)
        self._bar.update(self._task, chunks=f"{count(done, 'chunk')}, {speed:,.0f}/s")

    def file(self, path: str, size: int) -> None:  # noqa: ARG002  part of the seam
        """Move the bar by the bytes of a file."""
        self._done += 1
        self._bar.update(self._task, advance=size, files=self._count())

    def _count(self) -> Text:
        return Text(f"{self._done:,} of {self._files:,} files")


class CountProgress(Bar):
    """Shows how many of so many things are done."""

    def __init__(self, total: int, noun: str) -> None:
        super().__init__(
            TextColumn(f"{{task.completed:,}} of {{task.total:,}} {noun}"),
            BarColumn(bar_width=20),
            TimeRemainingColumn(compact=True),
        )
        self._task = self._bar.add_task("", total=total)

    def done(self, number: int) -> None:
        """Show that so many are done."""
        self._bar.update(self._task, completed=number)
