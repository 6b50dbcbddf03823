"""What a build tells on its way."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told of a build as it goes."""

    def stage(self, name: str, total: int) -> None:
        """Begin the stage ``name`` of ``total`` steps; 0 where their number is not known."""
        ...

    def advance(self, steps: int) -> None:
        """So many steps more of the stage are done."""
        ...

    def tell(self, line: str) -> None:
        """Say why something is done, in one line."""
        ...


class Silent:
    """Progress that nobody sees."""

    def stage(self, name: str, total: int) -> None:
        """Say nothing."""

    def advance(self, steps: int) -> None:
        """Say nothing."""

    def tell(self, line: str) -> None:
        """Say nothing."""
