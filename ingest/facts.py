"""The facts of a store: whose its vectors are, how many, and how often it has changed."""

from __future__ import annotations

from collections.abc import Mapping

from memctl.ingest.asking import Asking
from memctl.ingest.database import damaged
from memctl.ingest.generations import Generation, generations_of
from memctl.ingest.schema import sound


class Facts(Asking):
    """Reads and, inside a transaction, writes what is said of the store as a whole."""

    def meta(self, key: str) -> str:
        """Return the fact ``key``."""
        try:
            return self.facts()[key]
        except KeyError:
            raise damaged(self._file, f"it does not say its {key}") from None

    def facts(self) -> Mapping[str, str]:
        """Return all facts, as they are at one moment; in a snapshot they are read once."""
        if self._read_before is None:
            return self._facts()
        if not self._read_before:
            self._read_before.update(self._facts())
        return self._read_before

    def _facts(self) -> dict[str, str]:
        return dict[str, str](self._sound(f"SELECT {sound('meta')}, key, value FROM meta"))

    def generations(self) -> tuple[Generation, Generation | None]:
        """Return the generation that serves, and the one that is kept beside it."""
        try:
            return generations_of(self.facts())
        except (KeyError, ValueError, TypeError) as error:
            reason = f"it does not say whose its vectors are ({error!r})"
            raise damaged(self._file, reason) from error

    @property
    def rows(self) -> int:
        """The number of committed vector rows."""
        return int(self.meta("rows"))

    @property
    def revision(self) -> int:
        """Counts the documents added, changed and removed since the store was made."""
        return int(self.meta("revision"))

    def put_facts(self, facts: Mapping[str, str]) -> None:
        """Store facts in place of those of the same keys; an empty one is removed."""
        query = "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)"
        self._db.executemany(query, facts.items())
        self._db.execute("DELETE FROM meta WHERE value = ''")

    def _bump(self, changes: int) -> None:
        self._db.execute(
            "UPDATE meta SET value = CAST(value AS INTEGER) + ? WHERE key = 'revision'", (changes,)
        )
