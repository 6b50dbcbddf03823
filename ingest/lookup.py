"""What can be asked of a catalog."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memctl.ingest.asking import Asking
from memctl.ingest.database import damaged
from memctl.ingest.generations import Generation, generations_of
from memctl.ingest.records import (
    BAD_ROWS,
    CHUNK,
    DOCUMENT,
    EXTENT,
    FILE,
    LEFT_OUT,
    NOTE,
    Counts,
    DocumentRecord,
    Extent,
    FileRecord,
    NoteRecord,
    StoredChunk,
    chunk_from,
    document_from,
    file_from,
    note_from,
    row_mark,
)
from memctl.ingest.schema import sound

_PAGE = 500  # rows read at once, so that no cursor stays open
_LEFT_OUT = f"(page IS NOT NULL AND lost = 0 AND code IN {LEFT_OUT})"  # of notes

_SETTLED = (
    "recipe = ? AND code IS NULL AND (NOT ? OR path NOT IN (SELECT file FROM notes WHERE lost))"
)


class Lookup(Asking):
    """What the catalog knows, each question answered in one go."""

    # --- facts

    def meta(self, key: str) -> str:
        """Return the fact ``key``."""
        rows = self._sound(f"SELECT {sound('meta')}, value FROM meta WHERE key = ?", (key,))
        if not rows:
            raise damaged(self._file, f"it does not say its {key}")
        return str(rows[0][0])

    def facts(self) -> dict[str, str]:
        """Return all facts, as they are at one moment."""
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

    @property
    def files_known(self) -> int:
        """The number of files, read or not."""
        return int(self._one("SELECT count(*) FROM files")[0])

    @property
    def chunks_known(self) -> int:
        """The number of chunks."""
        return int(self._one("SELECT count(*) FROM chunks")[0])

    def counts(self) -> Counts:
        """Return how much there is."""
        one = self._one(
            "SELECT (SELECT count(*) FROM files), (SELECT count(*) FROM documents),"
            " (SELECT count(*) FROM chunks), (SELECT coalesce(sum(tokens), 0) FROM chunks),"
            f" (SELECT count(*) FROM files WHERE code <> '{BAD_ROWS}'),"
            " (SELECT count(*) FROM notes WHERE lost),"
            f" (SELECT count(*) FROM files WHERE code = '{BAD_ROWS}')"
            f" + (SELECT count(DISTINCT path) FROM notes WHERE {_LEFT_OUT})"
        )
        files, documents, chunks, tokens, failed, parts, partial = one
        return Counts(
            files,
            documents,
            chunks=chunks,
            tokens=tokens,
            vectors=self.rows,
            failed=failed,
            parts=parts,
            partial=partial,
        )

    def says(self, name: str) -> bool:
        """Tell whether the metadata of any document has this name."""
        query = "SELECT 1 FROM documents WHERE json_type(metadata, ?) IS NOT NULL LIMIT 1"
        return self._one(query, (f'$."{name}"',)) is not None

    def said(self) -> list[str]:
        """Return the names in the metadata of all documents, sorted."""
        query = "SELECT DISTINCT key FROM documents, json_each(metadata) ORDER BY key"
        return [name for (name,) in self._all(query)]

    # --- reading

    def file(self, path: str) -> FileRecord | None:
        """Return what is known of the file ``path``."""
        return next(map(file_from, self._sound(f"{FILE} WHERE path = ?", (path,))), None)

    def holds(self, file: str) -> bool:
        """Tell whether there is a document of the file."""
        return self._one("SELECT 1 FROM documents WHERE file = ? LIMIT 1", (file,)) is not None

    def files(self, *, root: str) -> Iterator[FileRecord]:
        """Yield the files of one root in order of path."""
        query = f"{FILE} WHERE root = ? AND path > ? ORDER BY path LIMIT {_PAGE}"
        last = ""
        while rows := self._sound(query, (root, last)):
            yield from map(file_from, rows)
            last = rows[-1][0]

    def settled(
        self, root: str, recipe: str, *, whole: bool = False
    ) -> list[tuple[str, int, int, int]]:
        """Return path, size and times of the files of a root that were read by ``recipe``.

        With ``whole`` only of those of which no part was not read.
        """
        return self._all(
            f"SELECT path, size, mtime_ns, ctime_ns FROM files WHERE root = ? AND {_SETTLED}",
            (root, recipe, whole),
        )

    def unsettled(self, root: str, recipe: str, *, whole: bool = False) -> list[str]:
        """Return the paths of the other files of a root."""
        query = f"SELECT path FROM files WHERE root = ? AND NOT ({_SETTLED})"
        return [path for (path,) in self._all(query, (root, recipe, whole))]

    def roots(self) -> set[str]:
        """Return the folders that files are named from."""
        return {root for (root,) in self._all("SELECT DISTINCT root FROM files")}

    def folders(self) -> set[str]:
        """Return the folders that were ingested as such."""
        return {path for (path,) in self._all("SELECT path FROM folders")}

    def document(self, path: str) -> DocumentRecord | None:
        """Return what is known of the document ``path``."""
        return next(map(document_from, self._sound(f"{DOCUMENT} WHERE path = ?", (path,))), None)

    def documents(self) -> Iterator[DocumentRecord]:
        """Yield the documents in order of path."""
        query = f"{DOCUMENT} WHERE path > ? ORDER BY path LIMIT {_PAGE}"
        last = ""
        while rows := self._sound(query, (last,)):
            yield from map(document_from, rows)
            last = rows[-1][0]

    def row_marks(self, file: str, recipe: str) -> tuple[str, ...]:
        """Return the marks of the documents of a file, where ``recipe`` made several."""
        query = "SELECT path, sha256 FROM documents WHERE file = ? AND recipe = ?"
        rows = self._all(query, (file, recipe))
        return tuple(row_mark(path, sha256) for path, sha256 in rows) if len(rows) > 1 else ()

    def notes(self, *, file: str | None = None, lost: bool = False) -> list[NoteRecord]:
        """Return the notes on all files, or on one, in order of path and page.

        With ``lost`` only those on parts that were not read and on pages that were left out.
        """
        one, values = ("", ()) if file is None else (" AND file = ?", (file,))
        query = f"{NOTE} WHERE (lost >= ? OR {_LEFT_OUT}){one} ORDER BY file, path, page, code"
        return [note_from(row) for row in self._sound(query, (lost, *values))]

    def chunks_of(self, path: str) -> Iterator[StoredChunk]:
        """Yield the chunks of a document in their order."""
        return map(chunk_from, self._sound(f"{CHUNK} WHERE d.path = ? ORDER BY c.ordinal", (path,)))

    def chunks_in(self, path: str) -> int:
        """Return the number of chunks of a document."""
        query = "SELECT count(*) FROM chunks c JOIN documents d ON d.number = c.document"
        return int(self._one(f"{query} WHERE d.path = ?", (path,))[0])

    def chunks(self) -> Iterator[StoredChunk]:
        """Yield every chunk in order of document path; each document is seen whole."""
        for document in self.documents():
            yield from self.chunks_of(document.path)

    def chunks_from(self, row: int) -> Iterator[StoredChunk]:
        """Yield a chunk of each vector row in use from ``row`` on, in order of rows."""
        query = (
            f"{CHUNK} WHERE c.number IN (SELECT min(number) FROM chunks WHERE row >= ?"
            f" GROUP BY row ORDER BY row LIMIT {_PAGE}) ORDER BY c.row"
        )
        while found := self._sound(query, (row,)):
            chunks = [chunk_from(each) for each in found]
            yield from chunks
            row = chunks[-1].row + 1

    def used_from(self, row: int) -> tuple[int, int]:
        """Return how many vector rows from ``row`` on are in use, and the tokens of their texts."""
        query = "SELECT max(tokens) AS tokens FROM chunks WHERE row >= ? GROUP BY row"
        rows, tokens = self._one(
            f"SELECT count(*), coalesce(sum(tokens), 0) FROM ({query})", (row,)
        )
        return int(rows), int(tokens)

    def document_names(self) -> Iterator[tuple[str, str, str]]:
        """Yield the path, the id and the file of each document, in order of path."""
        query = f"SELECT path, id, file FROM documents WHERE path > ? ORDER BY path LIMIT {_PAGE}"
        last = ""
        while rows := self._all(query, (last,)):
            yield from rows
            last = rows[-1][0]

    def chunks_at(
        self, rows: Sequence[int], where: str = "", values: Sequence[str] = ()
    ) -> dict[int, list[StoredChunk]]:
        """Return the chunks of each of ``rows``, in the rows' order; a row without one is left out.

        ``where`` is SQL on c and d, with WHERE. The chunks of a row are in order of their places.
        """
        also = where.replace(" WHERE ", " AND ", 1)
        found: dict[int, list[StoredChunk]] = {row: [] for row in rows}
        for start in range(0, len(rows), _PAGE):
            part = rows[start : start + _PAGE]
            query = f"{CHUNK} WHERE c.row IN ({','.join('?' * len(part))}){also}"
            for each in self._sound(f"{query} ORDER BY d.path, c.ordinal", (*part, *values)):
                chunk = chunk_from(each)
                found[chunk.row].append(chunk)
        return {row: chunks for row, chunks in found.items() if chunks}

    def text_between(self, path: str, start: int, end: int) -> str:
        """Return a span of a document's text, put together from its chunks, which cover it."""
        query = (
            f"SELECT {sound('chunks', 'c')}, c.start, c.text"
            " FROM chunks c JOIN documents d ON d.number = c.document"
            " WHERE d.path = ? AND c.end > ? AND c.start < ? ORDER BY c.ordinal"
        )
        pieces: list[str] = []
        for first, text in self._sound(query, (path, start, end)):
            pieces.append(text[start - first : end - first])
            start = max(start, first + len(text))
        return "".join(pieces)

    def live_rows(self, where: str = "", values: Sequence[str] = ()) -> Iterator[int]:
        """Yield the vector rows in use, in order; ``where`` is SQL on c and d, with WHERE."""
        joined = " c JOIN documents d ON d.number = c.document" if where else " c"
        query = f"SELECT DISTINCT c.row FROM chunks{joined}{where} ORDER BY c.row"
        return (row for (row,) in self._all(query, tuple(values)))

    def keys(self) -> Iterator[tuple[int, bytes]]:
        """Yield the row and the key, a sha256 of what was embedded, of every vector."""
        for key, row in self._sound(f"SELECT {sound('vectors')}, key, row FROM vectors"):
            yield row, key

    def row_of(self, key: bytes) -> int | None:
        """Return the row of the vector that was made from the text with this key."""
        query = f"SELECT {sound('vectors')}, row FROM vectors WHERE key = ?"
        return next((int(row) for (row,) in self._sound(query, (key,))), None)

    def rows_without_key(self) -> list[int]:
        """Return the rows in use of which it is not known what text they are of."""
        query = "SELECT DISTINCT row FROM chunks WHERE row NOT IN (SELECT row FROM vectors)"
        return [row for (row,) in self._all(query)]

    def extents(self, generation: int) -> list[Extent]:
        """Return what rows of the vectors of a generation were written at once, in order."""
        query = f"{EXTENT} WHERE generation = ? ORDER BY first"
        rows = self._sound(query, (generation,))
        return [Extent(first, count, sha256=sha256) for first, count, sha256 in rows]
