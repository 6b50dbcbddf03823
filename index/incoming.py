"""Rows of a table as documents with chunks: of an export as they were, of others one a row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from itertools import groupby

from memctl.index.exchange import CHANGED, Origin, Row, TableError, chunk_of, document_of
from memctl.index.tables import Table, checked
from memctl.ingest import Chunk, DocumentRecord, Vectors, clean, detect, one_line
from memctl.ingest.amounts import counted
from memctl.ingest.minhash import signature
from memctl.ingest.text import shown
from memctl.ingest.tokens import count
from memctl.ingest.vectors import STORED
from memctl.ingest.writer import embedding_text

_RECIPE = "import-1"  # of documents that no reader of memctl has read


_WRONG = (KeyError, TypeError, ValueError)

Numbered = tuple[int, Row, Vectors]  # a row of a table, from 1, and its vector


@dataclass(frozen=True, slots=True)
class Incoming:
    """A document with its chunks and a vector, float32 (dimension), and a key for each."""

    record: DocumentRecord
    chunks: list[Chunk]
    _: KW_ONLY
    vectors: list[Vectors]
    keys: list[bytes]


@dataclass(frozen=True, slots=True)
class Reading:
    """A table and how to read it: ``name`` is the file that foreign rows are taken to be of."""

    table: Table
    origin: Origin | None
    _: KW_ONLY
    name: str
    dimension: int

    def documents(self) -> Iterator[Incoming]:
        """Yield the documents in the order of the table.

        Raises:
            TableError: a row or a vector is not what it should be, or an export was cut.
        """
        seen: set[bytes] = set()
        done = 0
        for _, group in groupby(self._rows(), _document_name):
            rows = list(group)
            done += len(rows)
            document = self._own(rows) if _is_own(rows[0][1]) else self._foreign(*rows[0])
            path = document.record.path
            mark = hashlib.blake2b(path.encode("utf-8"), digest_size=16).digest()
            if mark in seen:
                raise TableError(
                    f"{self.table.file} holds {path!r} twice", hint="Give each text its own id."
                )
            seen.add(mark)
            yield document
        if self.origin is not None and done != self.origin.chunks:
            raise TableError(
                f"{self.table.file} holds {counted(done, 'chunk')} of {self.origin.chunks:,}",
                hint=CHANGED,
            )

    def _rows(self) -> Iterator[Numbered]:
        """Yield number, row and vector, numbered from 1."""
        first = 1
        for rows, given in self.table.blocks():
            vectors = checked(given, first, file=self.table.file, dimension=self.dimension)
            yield from zip(range(first, first + len(rows)), rows, vectors, strict=True)
            first += len(rows)

    def _own(self, rows: list[Numbered]) -> Incoming:
        """Return a document as an export wrote it."""
        chunks = [self._own_chunk(at, row, nth) for nth, (at, row, _) in enumerate(rows, start=1)]
        try:
            record = document_of([row for _, row, _ in rows], signature=signature(_joined(chunks)))
        except _WRONG as error:
            raise self._wrong(rows[0][0], _reason(error)) from error
        return self._incoming(record, chunks, [vector for _, _, vector in rows])

    def _own_chunk(self, at: int, row: Row, ordinal: int) -> Chunk:
        try:
            chunk = chunk_of(row)
        except _WRONG as error:
            raise self._wrong(at, _reason(error)) from error
        if row.get("chunk") != ordinal:
            raise self._wrong(at, f"is not chunk {ordinal} of {chunk.document!r}, which is due")
        if clean(chunk.text) != chunk.text:
            raise self._wrong(at, "has a text that memctl never writes")
        return chunk

    def _foreign(self, at: int, row: Row, vector: Vectors) -> Incoming:
        """Return the document that one row is."""
        name, text = self._id(at, row), row.get("text")
        if not isinstance(text, str) or not text.strip():
            raise self._wrong(at, "has no text")
        title = row.get("title")
        title = one_line(title) if isinstance(title, str) else ""
        digest = hashlib.sha256(f"{title}\0{text}".encode()).hexdigest()
        text = clean(text)
        said = row.get("language")
        language = said if isinstance(said, str) and said.isalpha() else detect(text)
        path = f"{self.name}#{name}"
        record = DocumentRecord(
            path,
            name,
            file=self.name,
            title=title,
            language=language,
            sha256=digest,
            recipe=_RECIPE,
            characters=len(text),
            pages=(),
            metadata=_metadata(row.get("metadata")),
            signature=signature(text),
        )
        chunk = Chunk(
            path, 0, end=len(text), text=text, tokens=max(count(text), 1), language=language
        )
        return self._incoming(record, [chunk], [vector])

    def _incoming(
        self, record: DocumentRecord, chunks: list[Chunk], vectors: list[Vectors]
    ) -> Incoming:
        """Give each vector the key by which an ingest finds it, if it may.

        One that memctl has not made must not be found: it may be made in another way.
        """
        texts = [embedding_text(chunk, record.title).encode("utf-8") for chunk in chunks]
        if self.origin is None:
            made = [b"import\0" + vector.astype(STORED).tobytes() for vector in vectors]
            texts = [before + text for before, text in zip(made, texts, strict=True)]
        keys = [hashlib.sha256(text).digest() for text in texts]
        return Incoming(record, chunks, vectors=vectors, keys=keys)

    def _id(self, at: int, row: Row) -> str:
        for field in ("id", "_id", "document_id", "document"):
            value = row.get(field)
            if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
                return shown(str(value))
        raise self._wrong(at, "has no id")

    def _wrong(self, at: int, reason: str) -> TableError:
        return TableError(f"row {at:,} of {self.table.file} {reason}", hint="Mend the row.")


def _is_own(row: Row) -> bool:
    """Tell whether a row is a chunk as memctl exports it, whoever made its vector."""
    return "context" in row and "page_starts" in row


def _document_name(item: Numbered) -> object:
    """Return what the rows of one document have in common."""
    return item[1].get("document") if _is_own(item[1]) else item[0]


def _reason(error: Exception) -> str:
    reason = f"it has no {error}" if isinstance(error, KeyError) else str(error)
    return f"is not as an export has it: {reason}"


def _joined(chunks: list[Chunk]) -> str:
    """Return the text that chunks, in order, tile or cover."""
    parts: list[str] = []
    end = 0
    for chunk in chunks:
        if chunk.start > end:
            raise ValueError("the text before it is missing")
        parts.append(chunk.text[end - chunk.start :])
        end = max(end, chunk.end)
    return "".join(parts)


def _metadata(said: object) -> dict[str, tuple[str, ...]]:
    """Return metadata as documents have them, of whatever a table holds."""
    pairs = said.items() if isinstance(said, dict) else ()
    return {
        str(name).lower(): tuple(
            clean(str(each)) for each in (values if isinstance(values, list) else [values])
        )
        for name, values in pairs
        if values not in (None, [])
    }
