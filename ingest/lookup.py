"""What can be asked of a catalog."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from memctl.ingest.chunk import Sections, sections_between
from memctl.ingest.records import (
    BAD_ROWS,
    CHUNK,
    DOCUMENT,
    FILE,
    LEFT_OUT,
    NOTE,
    Counts,
    DocumentRecord,
    FileRecord,
    NoteRecord,
    StoredChunk,
    chunk_from,
    document_from,
    file_from,
    headings_from,
    note_from,
    row_mark,
)
from memctl.ingest.schema import sound
from memctl.ingest.text import composed
from memctl.ingest.vectorrows import VectorRows

_PAGE = 500  # rows read at once, so that no cursor stays open
_LEFT_OUT = f"(page IS NOT NULL AND lost = 0 AND code IN {LEFT_OUT})"  # of notes

_SETTLED = (
    "recipe = ? AND code IS NULL AND (NOT ? OR path NOT IN (SELECT file FROM notes WHERE lost))"
)


def _in_path(text: str) -> str:
    """Return the condition that a folded text stands in a path; LIKE knows ASCII's case alone."""
    return "path LIKE '%' || ? || '%'" if text.isascii() else "instr(folded(path), ?)"


class Lookup(VectorRows):
    """What the catalog knows, each question answered in one go."""

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

    def files_with(self, text: str, others: Sequence[str] = ()) -> list[str]:
        """Return the files, sorted, that have a folded text in their paths, by comparing all.

        Where there are ``others``, a path has one of these, too.
        """
        fits = _in_path(text)
        if others:
            fits += f" AND ({' OR '.join(map(_in_path, others))})"
        query = f"SELECT path FROM files WHERE {fits} ORDER BY path"
        return [path for (path,) in self._all(query, (text, *others))]

    def languages(self) -> list[str]:
        """Return the languages of all chunks, sorted; every chunk is looked at."""
        query = "SELECT DISTINCT language FROM chunks ORDER BY language"
        return [language for (language,) in self._all(query)]

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

    def documents(self, *, after: str = "") -> Iterator[DocumentRecord]:
        """Yield the documents in order of path, those after a path alone if one is given."""
        query = f"{DOCUMENT} WHERE path > ? ORDER BY path LIMIT {_PAGE}"
        last = after
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

    def document_names(self) -> Iterator[tuple[str, str, str]]:
        """Yield the path, the id and the file of each document, in order of path."""
        query = f"SELECT path, id, file FROM documents WHERE path > ? ORDER BY path LIMIT {_PAGE}"
        last = ""
        while rows := self._all(query, (last,)):
            yield from rows
            last = rows[-1][0]

    def states(self) -> Iterator[tuple[str, ...]]:
        """Yield what tells a document from what it was before, in order of path."""
        query = (
            "SELECT path, id, file, sha256, recipe FROM documents WHERE path > ? ORDER BY path"
            f" LIMIT {_PAGE}"
        )
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

    def newest(self, day: str, most: int, where: str, values: Sequence[str]) -> list[StoredChunk]:
        """Return the chunks for which ``where`` holds, those of the newest documents first.

        ``day`` is SQL on d, and is asked for once a document.
        """
        chosen = (
            f"WITH days AS MATERIALIZED (SELECT d.number AS of, {day} AS day FROM documents d)"
            " SELECT c.number FROM chunks c JOIN documents d ON d.number = c.document"
            f" JOIN days ON days.of = d.number{where}"
            f" ORDER BY days.day DESC, d.path, c.ordinal LIMIT ?"
        )
        numbers = json.dumps([number for (number,) in self._all(chosen, (*values, most))])
        wanted = " JOIN json_each(?) AS wanted ON wanted.value = c.number ORDER BY wanted.key"
        return [chunk_from(each) for each in self._sound(f"{CHUNK}{wanted}", (numbers,))]

    def text_between(self, path: str, start: int, end: int) -> str:
        """Return a span of a document's text, put together from its chunks, which cover it."""
        pieces: list[str] = []
        for first, text in self._covering("c.start, c.text", path, start, end):
            pieces.append(text[start - first : end - first])
            start = max(start, first + len(text))
        return "".join(pieces)

    def sections_between(self, path: str, start: int, end: int) -> Sections:
        """Return the sections of a document that begin in a span of it."""
        rows = self._covering("c.start, c.headings", path, start, end)
        return sections_between(((at, *headings_from(kept)) for at, kept in rows), start, end)

    def _covering(self, wanted: str, path: str, start: int, end: int) -> Iterator[Any]:
        """Yield columns of the chunks, in order, that a span of a document touches."""
        query = (
            f"SELECT {sound('chunks', 'c')}, {wanted}"
            " FROM chunks c JOIN documents d ON d.number = c.document"
            " WHERE d.path = ? AND c.end > ? AND c.start < ? ORDER BY c.ordinal"
        )
        yield from self._sound(query, (path, start, end))

    def paths(self, where: str, values: Sequence[str]) -> list[str]:
        """Return the documents, sorted, that have a chunk for which ``where`` holds."""
        query = (
            f"SELECT DISTINCT d.path FROM chunks c JOIN documents d ON d.number = c.document{where}"
        )
        return [path for (path,) in self._all(f"{query} ORDER BY d.path", tuple(values))]

    def says_text(self, text: str) -> bool:
        """Tell whether a text stands in any chunk, letter for letter."""
        return self._one("SELECT 1 FROM chunks WHERE instr(text, ?) LIMIT 1", (text,)) is not None

    def named(self, name: str) -> str:
        """Return the path of the document that a name is to the eye; the name if there is none.

        What lies on disk under an ingested folder may be named by its path there.
        """
        forms = composed(name)
        found = next((each for each in forms if self.document(each)), "")
        return found or next(filter(None, map(self._on_disk, forms)), name)

    def _on_disk(self, path: str) -> str:
        """Return what a path on disk of a known file is named in the store; empty for none."""
        path = Path(os.path.normpath(Path.cwd() / path)).as_posix()  # links stay as they are
        for root in self.roots():
            folder = root.rstrip("/") + "/"
            name = path[len(folder) :]
            file = self.file(name) or self.file(name.partition("#")[0])
            if path.startswith(folder) and file is not None and file.root == root:
                return name
        return ""

    def documents_like(self, pattern: str) -> list[str]:
        """Return the documents, sorted, whose path or file fits a pattern with ``*`` and ``?``."""
        globs = composed(pattern.replace("[", "[[]"))
        fits = " OR ".join(["path GLOB ? OR file GLOB ?"] * len(globs))
        query = f"SELECT path FROM documents WHERE {fits} ORDER BY path"
        return [path for (path,) in self._all(query, [each for each in globs for _ in range(2)])]

    def documents_of(self, file: str) -> list[str]:
        """Return the documents of a file, sorted."""
        query = "SELECT path FROM documents WHERE file = ? ORDER BY path"
        return [path for (path,) in self._all(query, (file,))]
