"""A searcher that follows its store: opened again when something was written to it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from memctl.ingest import Layout
from memctl.query.search import Searcher

_Seen = Mapping[Path, tuple[int, int, int]]


class FreshSearcher:
    """Gives a searcher of the store as it is now; what it gave before is closed by then.

    The embedder stays warm.
    """

    def __init__(self, store: Path, index: str) -> None:
        self._store = store
        self._index = index
        self._open = ExitStack()
        self._searcher: Searcher | None = None
        self._seen: _Seen = {}

    def now(self) -> Searcher:
        """Return the searcher, opened again where the store is not what it was.

        Raises:
            StoreError: there is no store, or it cannot be read.
            IndexNotFoundError: there is no such index.
            IndexDamagedError: an index is not what was built.
        """
        seen = self._look()
        if self._searcher is None or seen != self._seen:
            opened, warm = ExitStack(), self._searcher and self._searcher.embedder
            searcher = opened.enter_context(
                Searcher.open(self._store, self._index, embedder=warm or None)
            )
            self._open.close()
            self._open, self._searcher, self._seen = opened, searcher, seen
        return self._searcher

    def close(self) -> None:
        """Close what is open."""
        self._open.close()
        self._searcher = None

    def _look(self) -> _Seen:
        """Return what changes when something is written to the store."""
        layout = Layout(self._store)
        manifests = (
            *self._store.glob("indexes*/*/manifest.json"),
            layout.lexical / "manifest.json",
        )
        found: dict[Path, tuple[int, int, int]] = {}
        for file in (layout.catalog, layout.restoring, layout.synonyms, *manifests):
            if file.exists():
                stat = file.stat()
                found[file] = stat.st_ino, stat.st_mtime_ns, stat.st_size
        return found
