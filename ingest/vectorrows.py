"""Which vector rows there are, of which texts, and how they were written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from memctl.ingest.facts import Facts
from memctl.ingest.records import EXTENT, Extent
from memctl.ingest.schema import columns, sound


class VectorRows(Facts):
    """Reads and, inside a transaction, writes what the catalog knows of vector rows."""

    def live_rows(self, where: str = "", values: Sequence[str] = ()) -> Iterator[int]:
        """Yield the vector rows in use, in order; ``where`` is SQL on c and d, with WHERE."""
        joined = " c JOIN documents d ON d.number = c.document" if where else " c"
        query = f"SELECT DISTINCT c.row FROM chunks{joined}{where} ORDER BY c.row"
        return (row for (row,) in self._all(query, tuple(values)))

    def rows_of_files(self, files: Sequence[str]) -> Iterator[int]:
        """Yield the vector rows in use by documents of these files, in order."""
        where = " WHERE d.file IN (SELECT value FROM json_each(?))"
        return self.live_rows(where, (json.dumps(list(files)),))

    def rows_without(self, paths: Sequence[str]) -> list[int]:
        """Return the vector rows, sorted, that are in use by other documents than ``paths``."""
        query = (
            "SELECT DISTINCT c.row FROM chunks c JOIN documents d ON d.number = c.document"
            " WHERE d.path NOT IN (SELECT value FROM json_each(?)) ORDER BY c.row"
        )
        return [row for (row,) in self._all(query, (json.dumps(list(paths)),))]

    def rows_without_key(self) -> list[int]:
        """Return the rows in use of which it is not known what text they are of."""
        query = "SELECT DISTINCT row FROM chunks WHERE row NOT IN (SELECT row FROM vectors)"
        return [row for (row,) in self._all(query)]

    def used_from(self, row: int) -> tuple[int, int]:
        """Return how many vector rows from ``row`` on are in use, and the tokens of their texts."""
        query = "SELECT max(tokens) AS tokens FROM chunks WHERE row >= ? GROUP BY row"
        rows, tokens = self._one(
            f"SELECT count(*), coalesce(sum(tokens), 0) FROM ({query})", (row,)
        )
        return int(rows), int(tokens)

    @property
    def unused_rows(self) -> int:
        """The number of vectors of texts that no chunk has."""
        query = "SELECT count(*) FROM vectors WHERE row NOT IN (SELECT row FROM chunks)"
        return int(self._one(query)[0])

    def keys(self) -> Iterator[tuple[int, bytes]]:
        """Yield the row and the key, a sha256 of what was embedded, of every vector."""
        for key, row in self._sound(f"SELECT {sound('vectors')}, key, row FROM vectors"):
            yield row, key

    def keys_of(self, rows: Sequence[int]) -> list[bytes]:
        """Return the keys of the texts that have these rows."""
        these = "SELECT value FROM json_each(?)"
        query = f"SELECT {sound('vectors')}, key FROM vectors WHERE row IN ({these})"
        return [key for (key,) in self._sound(query, (json.dumps(list(rows)),))]

    def row_of(self, key: bytes) -> int | None:
        """Return the row of the vector that was made from the text with this key."""
        query = f"SELECT {sound('vectors')}, row FROM vectors WHERE key = ?"
        return next((int(row) for (row,) in self._sound(query, (key,))), None)

    def extents(self, generation: int) -> list[Extent]:
        """Return what rows of the vectors of a generation were written at once, in order."""
        query = f"{EXTENT} WHERE generation = ? ORDER BY first"
        rows = self._sound(query, (generation,))
        return [Extent(first, count, sha256=sha256) for first, count, sha256 in rows]

    def add_vectors(self, keys: Iterable[bytes], *, first: int, sha256: bytes) -> None:
        """Say that the texts with these keys have their vectors from row ``first`` on.

        ``sha256`` is that of the rows' bytes, as they were written.
        """
        pairs = [(key, row) for row, key in enumerate(keys, start=first)]
        self._db.executemany("INSERT INTO vectors (key, row) VALUES (?, ?)", pairs)
        self._db.execute("UPDATE meta SET value = ? WHERE key = 'rows'", (str(first + len(pairs)),))
        if pairs:
            number = self.generations()[0].number
            self.put_extents(number, [Extent(first, len(pairs), sha256=sha256)])

    def put_key(self, key: bytes, row: int) -> None:
        """Say that the text with this key has the vector of ``row``, also where another one is."""
        self._db.execute(
            "UPDATE chunks SET row = ? WHERE row = (SELECT row FROM vectors WHERE key = ?)",
            (row, key),
        )
        self._db.execute("INSERT OR REPLACE INTO vectors (key, row) VALUES (?, ?)", (key, row))

    def put_extents(self, generation: int, extents: Iterable[Extent]) -> None:
        """Say what rows of a generation's vectors were written at once, in place of any there."""
        values = ((generation, each.first, each.count, each.sha256) for each in extents)
        self._db.executemany(
            f"INSERT OR REPLACE INTO extents ({columns('extents')}) VALUES (?, ?, ?, ?)", values
        )

    def drop_generation(self, number: int) -> None:
        """Forget the extents of a generation's vectors, and that it had indexes."""
        self._db.execute("DELETE FROM extents WHERE generation = ?", (number,))
        self._db.execute("DELETE FROM meta WHERE key LIKE ?", (f"index {number}:%",))

    def forget_unused(self, *, first: int, end: int | None = None) -> None:
        """Forget which texts had the rows from ``first`` on that no chunk uses, for good."""
        self._db.execute(
            "DELETE FROM vectors WHERE row >= ? AND (? IS NULL OR row < ?)"
            " AND row NOT IN (SELECT row FROM chunks)",
            (first, end, end),
        )
