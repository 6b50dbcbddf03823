"""What an ingest is asked for, what it tells on its way, and what it did."""

from __future__ import annotations

from collections import Counter
from dataclasses import KW_ONLY, dataclass, field
from typing import Protocol

from memctl.ingest.walk import Skipped


@dataclass(frozen=True, slots=True)
class Options:
    """How to ingest.

    ``prune`` removes what is gone from the folders. ``include`` and ``exclude`` are patterns in
    gitignore's language: what they leave out is not looked at in this run, and not pruned.
    ``retry`` reads again what failed before. ``workers`` is the number of parsing processes, 0
    for one each core but two at most.
    """

    embedder: str | None = None
    prune: bool = False
    _: KW_ONLY
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    retry: bool = False
    workers: int = 0


class Progress(Protocol):
    """Told of an ingest as it goes; every method may be called often."""

    def planned(self, files: int, size: int) -> None:
        """``files`` files of ``size`` bytes together have to be read."""
        ...

    def chunks(self, done: int) -> None:
        """So many chunks have their vectors by now."""
        ...

    def file(self, path: str, size: int) -> None:
        """The file ``path`` of ``size`` bytes is done."""
        ...


class Silent:
    """Progress that nobody sees."""

    def planned(self, files: int, size: int) -> None:
        """Say nothing."""

    def chunks(self, done: int) -> None:
        """Say nothing."""

    def file(self, path: str, size: int) -> None:
        """Say nothing."""


@dataclass(slots=True)
class Summary:
    """What an ingest did: counts of files, then of chunks.

    ``moved`` files are read no more than to see that they are the same. ``missing`` files are in
    the store and gone from their folder; pruning makes them ``removed``. ``unseen`` ones are in the
    store and left out by the patterns of this run.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    moved: int = 0
    removed: int = 0
    missing: int = 0
    unseen: int = 0
    chunks: int = 0
    embedded: int = 0
    reused: int = 0
    redacted: Counter[str] = field(default_factory=Counter[str])
    seconds: float = 0.0
    failures: list[Skipped] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """The number of files that were not read."""
        return self._of("file")

    @property
    def refused(self) -> int:
        """The number of links, special files and folders that the walk did not go into."""
        return self._of("refused")

    @property
    def parts(self) -> int:
        """The number of parts of files that were not read."""
        return self._of("part")

    @property
    def partial(self) -> int:
        """The number of files and documents that rows or pages were left out of."""
        return self._of("partial")

    def _of(self, kind: str) -> int:
        return sum(each.kind == kind for each in self.failures)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an ingest would do.

    ``files`` are to be read; ``missing`` are gone, and pruning would remove them. ``tokens`` are
    those of the chunks that have to be embedded. With ``at_most`` both are counted before what
    belongs together is joined by meaning, and are the most that there can be. ``seconds`` is
    measured on this machine; it is None where a text would have to be sent to a provider for that,
    or embedded to know what is joined.
    """

    files: int
    unchanged: int
    _: KW_ONLY
    moved: int
    missing: int
    at_most: bool
    chunks: int
    tokens: int
    reused: int
    seconds: float | None
    failures: tuple[Skipped, ...]
