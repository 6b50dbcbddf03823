"""An answer as Markdown, while it is written: whole paragraphs stay, the last one grows."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.markdown import Markdown

from memctl.cli.flow import Flow
from memctl.cli.output import width

_FENCE = "```"


class Growing:
    """Shows an answer on a terminal; a context manager. Links are text: nothing here is live."""

    def __init__(self) -> None:
        self.used = False
        self._text = ""
        self._console = Console(width=width(), highlight=False, markup=False, emoji=False)
        self._live: Live | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._settle(self._text)

    def put(self, text: str) -> None:
        """Show the next part."""
        self.used = True
        self._text += text
        whole = self._text.rfind("\n\n")
        if whole >= 0 and self._text.count(_FENCE, 0, whole) % 2 == 0:
            self._settle(self._text[:whole])
            self._text = self._text[whole + 2 :]
        if self._text.strip():
            self._grow()

    def _grow(self) -> None:
        if self._live is None:
            self._live = Live(
                console=self._console, transient=True, refresh_per_second=10, auto_refresh=True
            )
            self._live.start()
        self._live.update(rendered(self._text))

    def _settle(self, text: str) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        if text.strip():
            self._console.print(rendered(text))


def rendered(text: str) -> Markdown:
    """Return Markdown that makes no link."""
    return Markdown(text, hyperlinks=False)


def showing() -> Growing | Plain:
    """Return what shows an answer: as Markdown on a terminal, else as it is."""
    return Growing() if sys.stdout.isatty() else Plain()


class Plain:
    """Writes an answer as it is; a context manager."""

    def __init__(self) -> None:
        self._flow = Flow()

    @property
    def used(self) -> bool:
        """Whether anything was written."""
        return self._flow.used

    def put(self, text: str) -> None:
        """Write the next part."""
        self._flow.put(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._flow.end()
