"""The progress bar of an index build, on stderr and only on a terminal."""

from __future__ import annotations

from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from memctl.cli.output import count
from memctl.cli.progress import Bar


class BuildProgress(Bar):
    """Shows the stage of a build, how far it is, and why it does what it does."""

    def __init__(self) -> None:
        super().__init__(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[done]}"),
            TimeElapsedColumn(),
        )
        self._task = self._bar.add_task("looking", total=None, done="")

    def stage(self, name: str, total: int) -> None:
        """Begin a stage."""
        self._bar.update(self._task, description=name, total=total or None, completed=0, done="")

    def advance(self, steps: int) -> None:
        """Move the bar by vectors."""
        self._bar.update(self._task, advance=steps)
        done = self._bar.tasks[0].completed
        self._bar.update(self._task, done=count(int(done), "vector"))

    def tell(self, line: str) -> None:
        """Print a reason above the bar."""
        self._bar.console.print(Text(line), highlight=False)
