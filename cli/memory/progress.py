"""The bar of an import into memory."""

from __future__ import annotations

from rich.progress import TextColumn, TimeElapsedColumn

from memctl.cli.progress import Bar


class PieceProgress(Bar):
    """Shows how many pieces of turns are embedded, and the time that it has taken."""

    def __init__(self, who: str) -> None:
        super().__init__(
            TextColumn("{task.fields[who]}: {task.completed:,.0f} pieces of text embedded"),
            TimeElapsedColumn(),
        )
        self._task = self._bar.add_task("", total=None, who=who)

    def more(self, pieces: int) -> None:
        """Show that so many more are done."""
        self._bar.update(self._task, advance=pieces)
