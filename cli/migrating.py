"""The progress bar of a migration, on stderr and only on a terminal."""

from __future__ import annotations

import time

from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from memctl.cli.output import count
from memctl.cli.progress import Bar


class MigrateProgress(Bar):
    """Shows the stage, how many passages are embedded, how fast, and the time that is left."""

    def __init__(self) -> None:
        super().__init__(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[done]}"),
            TimeRemainingColumn(compact=True),
        )
        self._task = self._bar.add_task("looking", total=None, done="")
        self._begun = time.monotonic()

    def stage(self, name: str, total: int) -> None:
        """Begin a stage."""
        self._bar.remove_task(self._task)  # and with it the speed of the stage before
        self._task = self._bar.add_task(name, total=total or None, done="")
        self._begun = time.monotonic()

    def advance(self, steps: int) -> None:
        """Move the bar by passages."""
        self._bar.update(self._task, advance=steps)
        done = self._bar.tasks[0].completed
        speed = done / max(time.monotonic() - self._begun, 0.1)
        self._bar.update(self._task, done=f"{count(int(done), 'passage')}, {speed:,.0f}/s")

    def tell(self, line: str) -> None:
        """Print a reason above the bar."""
        self._bar.console.print(Text(line), highlight=False)
