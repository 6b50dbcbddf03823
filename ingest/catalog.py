"""The catalog: the one truth of which documents, chunks and vector rows a store holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from memctl.ingest import formats
from memctl.ingest.chunk import Chunk
from memctl.ingest.database import connect, connected, damaged, told
from memctl.ingest.formats import check_format, migrated
from memctl.ingest.lookup import Lookup
from memctl.ingest.records import (
    TAKEN,
    DocumentRecord,
    FileRecord,
    NoteRecord,
    filed,
    headings_json,
)
from memctl.ingest.schema import FORMAT, READ_ALIKE, columns, described, expected


class Catalog(Lookup):
    """One connection to ``catalog.sqlite``; reading needs no lock, writing holds the writer's."""

    @classmethod
    def create(cls, file: Path, *, embedder: str, fingerprint: str, dimension: int) -> Catalog:
        """Make the catalog of a new store and open it for writing."""
        db = connect(file, "rwc")
        formats.create(db)
        catalog = cls(db, file)
        facts = {
            "format": str(FORMAT),
            "embedder": embedder,
            "fingerprint": fingerprint,
            "dimension": str(dimension),
            "rows": "0",
            "revision": "0",
        }
        with catalog.transaction():
            catalog.put_facts(facts)
        return catalog

    @classmethod
    def open(cls, file: Path, *, writable: bool = False) -> Catalog:
        """Open the catalog.

        A reader also opens for writing where it may: only so can SQLite roll back what a killed
        writer left half done. ``query_only`` keeps it from changing anything else.

        Raises:
            StoreError: it is not a catalog, damaged, or of another format.
        """
        with told(file):
            db = connected(file)
            version = _version(db, file)
            check_format(file, version)
            stale = version != str(FORMAT) if writable else version not in READ_ALIKE
            if stale:
                db = migrated(db, writable=writable)
            elif frozenset(described(db)) != expected():
                raise damaged(file, "its tables are not those of a catalog")
            if not writable:
                db.execute("PRAGMA query_only = ON")
        return cls(db, file, copy=stale and not writable)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All or nothing: commits at the end, rolls back on an error."""
        with told(self._file):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk ends it by itself
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Generator[None]:
        """All reads inside see one state, and no writer can commit before they end: be brief.

        Inside another one it is a part of that.
        """
        if self._db.in_transaction:
            yield
            return
        with told(self._file):
            self._db.execute("BEGIN")
        self._read_before = {}
        try:
            yield
        finally:
            self._read_before = None
            self._db.execute("COMMIT")

    # --- writing, inside a transaction

    def put_document(self, record: DocumentRecord, chunks: Iterable[tuple[Chunk, int]]) -> None:
        """Store a document with its chunks and their rows, in place of what had its path."""
        self._db.execute("DELETE FROM documents WHERE path = ?", (record.path,))
        cursor = self._db.execute(
            "INSERT INTO documents (path, file, id, title, language, sha256, recipe, characters,"
            " pages, metadata, signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.path,
                record.file,
                record.id,
                record.title,
                record.language,
                record.sha256,
                record.recipe,
                record.characters,
                json.dumps(record.pages),
                _to_json(record.metadata),
                record.signature,
            ),
        )
        self._db.executemany(
            "INSERT INTO chunks (document, ordinal, start, end, text, tokens, pages, headings,"
            " language, row, context_start, context_end)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    cursor.lastrowid,
                    ordinal,
                    chunk.start,
                    chunk.end,
                    chunk.text,
                    chunk.tokens,
                    json.dumps(chunk.pages),
                    headings_json(chunk),
                    chunk.language,
                    row,
                    *chunk.context,
                )
                for ordinal, (chunk, row) in enumerate(chunks, start=1)
            ),
        )
        self._bump(1)

    def put_file(self, record: FileRecord) -> None:
        """Note a file as done, read or not."""
        self._db.execute(
            f"INSERT OR REPLACE INTO files ({columns('files')}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.path,
                record.root,
                record.size,
                record.mtime_ns,
                record.ctime_ns,
                record.sha256,
                record.recipe,
                record.code or None,
                record.reason or None,
            ),
        )

    def move_file(self, old: str, record: FileRecord) -> None:
        """Give the documents and notes of the file ``old`` to the one of ``record``."""
        new = record.path

        def moved(path: str) -> str:
            return new + path[len(old) :]

        def metadata(text: str) -> str:
            return _to_json(filed(json.loads(text), new))

        self._db.create_function("moved", 1, moved, deterministic=True)
        self._db.create_function("metadata_moved", 1, metadata, deterministic=True)
        documents = self._db.execute(
            "UPDATE OR IGNORE documents SET path = moved(path), file = ?,"
            " id = CASE WHEN id = path THEN moved(path) ELSE id END,"
            " metadata = metadata_moved(metadata) WHERE file = ?",
            (new, old),
        )
        self._db.execute("UPDATE notes SET path = moved(path), file = ? WHERE file = ?", (new, old))
        # What another file's document has the path of cannot follow.
        self._db.execute(
            f"INSERT INTO notes ({columns('notes')})"
            " SELECT ?, moved(path), NULL, ?, ?, 1 FROM documents WHERE file = ?",
            (new, *TAKEN, old),
        )
        left = self._db.execute("DELETE FROM documents WHERE file = ?", (old,)).rowcount
        self._db.execute("DELETE FROM files WHERE path = ?", (old,))
        self._bump(documents.rowcount + left)

    def put_notes(self, file: str, notes: Iterable[NoteRecord]) -> None:
        """Store the notes on a file, in place of those that it had."""
        self._db.execute("DELETE FROM notes WHERE file = ?", (file,))
        self._db.executemany(
            f"INSERT INTO notes ({columns('notes')}) VALUES (?, ?, ?, ?, ?, ?)",
            (
                (note.file, note.path, note.page, note.code, note.reason, note.lost)
                for note in notes
            ),
        )

    def set_root(self, path: str, root: str) -> None:
        """Say from which folder a file is named."""
        self._db.execute("UPDATE files SET root = ? WHERE path = ?", (root, path))

    def remove_file(self, path: str) -> None:
        """Remove a file and its documents."""
        removed = self._db.execute("DELETE FROM documents WHERE file = ?", (path,)).rowcount
        self._db.execute("DELETE FROM notes WHERE file = ?", (path,))
        self._db.execute("DELETE FROM files WHERE path = ?", (path,))
        self._bump(removed)

    def forget_documents(self, paths: Iterable[str]) -> None:
        """Remove documents; a file without any other is not known any more."""
        wanted = json.dumps(list(paths))
        these = "SELECT value FROM json_each(?)"
        files = f"SELECT file FROM documents WHERE path IN ({these})"
        held = [file for (file,) in self._db.execute(f"{files} GROUP BY file", (wanted,))]
        deleted = self._db.execute(f"DELETE FROM documents WHERE path IN ({these})", (wanted,))
        self._db.execute(f"DELETE FROM notes WHERE path IN ({these})", (wanted,))
        gone = json.dumps([file for file in held if not self.holds(file)])
        self._db.execute(f"DELETE FROM notes WHERE file IN ({these})", (gone,))
        self._db.execute(f"DELETE FROM files WHERE path IN ({these})", (gone,))
        self._bump(deleted.rowcount)

    def add_folder(self, path: str) -> None:
        """Note a folder as ingested."""
        self._db.execute("INSERT OR IGNORE INTO folders (path) VALUES (?)", (path,))

    def begin_seen(self) -> None:
        """Begin to note which documents a file still holds."""
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS seen (path TEXT PRIMARY KEY)")
        self._db.execute("DELETE FROM seen")

    def note_seen(self, path: str) -> None:
        """Note the document ``path`` as seen."""
        self._db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (path,))

    def remove_unseen(self, file: str) -> None:
        """Remove the documents of ``file`` that were not noted."""
        removed = self._db.execute(
            "DELETE FROM documents WHERE file = ? AND path NOT IN (SELECT path FROM seen)", (file,)
        ).rowcount
        self._bump(removed)


def _version(db: sqlite3.Connection, file: Path) -> str:
    row = db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    if row is None:
        raise damaged(file, "it does not say its format")
    return str(row[0])


def _to_json(metadata: Mapping[str, Sequence[str]]) -> str:
    return json.dumps(dict(metadata), ensure_ascii=False, sort_keys=True)
