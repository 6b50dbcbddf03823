"""What the catalog's rows are, and how they are read."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from memctl.ingest.chunk import Chunk, Section, Sections
from memctl.ingest.schema import sound

# The number and the first character of each page of a document, in order.
PageStarts = tuple[tuple[int, int], ...]


Metadata = Mapping[str, tuple[str, ...]]


def filed(metadata: Metadata, file: str) -> Metadata:
    """Return ``metadata`` with ``folder``, the names of the folders that ``file`` lies in."""
    names = tuple(file.split("/")[:-1])
    rest = {name: values for name, values in metadata.items() if name != "folder"}
    return {**rest, "folder": names} if names else rest


def row_mark(path: str, sha256: str) -> str:
    """Return what stands for a document and its content where many are compared."""
    return hashlib.blake2b(f"{path}\n{sha256}".encode(), digest_size=8).hexdigest()


def pages_between(pages: PageStarts, start: int, end: int) -> tuple[int, ...]:
    """Return the numbers of the pages that the characters from ``start`` to ``end`` touch."""
    starts = [first for _, first in pages]
    touched = pages[max(bisect_right(starts, start) - 1, 0) : bisect_left(starts, end)]
    return tuple(number for number, _ in touched)


# Taken off the time of change of a file that was written so shortly before it was met that it may
# have been written again since: no file has such a time, and the next ingest reads the file again.
FRESH_NS = 6_000_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What the catalog knows of one file; ``code`` is empty when all of it was read.

    ``mtime_ns`` is less by ``FRESH_NS`` for a file that was written just before; -1 stands for
    this in catalogs of former versions.
    """

    path: str
    root: str
    _: KW_ONLY
    size: int
    mtime_ns: int
    ctime_ns: int
    sha256: str
    recipe: str
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What the catalog knows of one document, but for its text.

    ``pages`` holds the number and the first character of each page, in order.
    """

    path: str
    id: str
    _: KW_ONLY
    file: str
    title: str
    language: str
    sha256: str
    recipe: str
    characters: int
    pages: PageStarts
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    signature: bytes = b""


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """What is to be known of a document, or of a page of it, or of a part that is ``lost``."""

    file: str
    path: str
    _: KW_ONLY
    code: str
    reason: str
    page: int | None = None
    lost: bool = False

    @property
    def left_out(self) -> bool:
        """Whether it says that the text of a page is not in the document."""
        return self.page is not None and self.code in LEFT_OUT


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk as it lies in the catalog: with its vector row and what is known of its document.

    ``sha256`` and ``pages`` are the document's.
    """

    chunk: Chunk
    row: int
    _: KW_ONLY
    ordinal: int
    document_id: str
    title: str
    sha256: str
    pages: PageStarts

    def place(self) -> dict[str, object]:
        """Return where the chunk lies in its document, as commands and exports write it."""
        chunk = self.chunk
        return {
            "document": chunk.document,
            "document_id": self.document_id,
            "chunk": self.ordinal,
            "start": chunk.start,
            "end": chunk.end,
            "pages": list(chunk.pages),
            "headings": list(chunk.headings),
            "language": chunk.language,
        }


@dataclass(frozen=True, slots=True)
class Extent:
    """Rows of a vector file that were written at once; ``sha256`` is that of their bytes."""

    first: int
    count: int
    _: KW_ONLY
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a catalog holds; ``vectors`` counts rows, also those that no chunk uses now.

    ``files`` counts those that are known, ``failed`` those of them that were not read. ``parts``
    of files were not read, ``partial`` are files and documents that rows or pages were left out of.
    """

    files: int
    documents: int
    _: KW_ONLY
    chunks: int
    tokens: int
    vectors: int
    failed: int
    parts: int = 0
    partial: int = 0

    @property
    def read(self) -> int:
        """The number of files that were read, whole or in part."""
        return self.files - self.failed


# The code of a file that was read to its end, but for some of its rows.
BAD_ROWS = "bad_rows"
# The codes of notes which say, of a page, that its text is not in the document.
LEFT_OUT = ("garbled", "no_text")
# Code and reason of a part whose path another file's document has.
TAKEN = ("duplicate_path", "another file's document has this path; rename one of the two")
# The first column says whether the row is what was written; ``Lookup`` takes it off.
FILE = (
    f"SELECT {sound('files')}, path, root, size, mtime_ns, ctime_ns, sha256, recipe,"
    " coalesce(code, ''), coalesce(reason, '') FROM files"
)
DOCUMENT = (
    f"SELECT {sound('documents')}, path, id, file, title, language, sha256, recipe, characters,"
    " pages, metadata, signature FROM documents"
)
NOTE = f"SELECT {sound('notes')}, file, path, page, code, reason, lost FROM notes"
CHUNK = (
    f"SELECT {sound('chunks', 'c')} AND {sound('documents', 'd')}, d.path, c.start, c.end, c.text,"
    " c.tokens, c.pages, c.headings, c.language, c.row, c.ordinal, d.id, d.title, d.sha256,"
    " d.pages, c.context_start, c.context_end"
    " FROM chunks c JOIN documents d ON d.number = c.document"
)
EXTENT = f"SELECT {sound('extents')}, first, count, sha256 FROM extents"


def file_from(row: tuple[str, str, int, int, int, str, str, str, str]) -> FileRecord:
    """Make a record of a row of ``FILE``."""
    path, root, size, mtime_ns, ctime_ns, sha256, recipe, code, reason = row
    return FileRecord(
        path,
        root,
        size=size,
        mtime_ns=mtime_ns,
        ctime_ns=ctime_ns,
        sha256=sha256,
        recipe=recipe,
        code=code,
        reason=reason,
    )


def document_from(
    row: tuple[str, str, str, str, str, str, str, int, str, str, bytes],
) -> DocumentRecord:
    """Make a record of a row of ``DOCUMENT``."""
    path, id_, file, title, language, sha256, recipe, characters, pages = row[:9]
    metadata: dict[str, list[str]] = json.loads(row[9])
    return DocumentRecord(
        path,
        id_,
        file=file,
        title=title,
        language=language,
        sha256=sha256,
        recipe=recipe,
        characters=characters,
        pages=_pages(pages),
        metadata={name: tuple(values) for name, values in metadata.items()},
        signature=row[10],
    )


def note_from(row: tuple[str, str, int | None, str, str, int]) -> NoteRecord:
    """Make a record of a row of ``NOTE``."""
    file, path, page, code, reason, lost = row
    return NoteRecord(file, path, code=code, reason=reason, page=page, lost=bool(lost))


def chunk_from(
    found: tuple[str, int, int, str, int, str, str, str, int, int, str, str, str, str, int, int],
) -> StoredChunk:
    """Make a chunk of a row of ``CHUNK``."""
    path, start, end, text, tokens, pages, kept, language, row = found[:9]
    headings, sections = headings_from(kept)
    ordinal, document_id, title, sha256, page_starts, context_start, context_end = found[9:]
    chunk = Chunk(
        path,
        start,
        end=end,
        text=text,
        tokens=tokens,
        pages=tuple(json.loads(pages)),
        headings=headings,
        sections=sections,
        language=language,
        context=(context_start, context_end),
    )
    return StoredChunk(
        chunk,
        row,
        ordinal=ordinal,
        document_id=document_id,
        title=title,
        sha256=sha256,
        pages=_pages(page_starts),
    )


def headings_from(text: str) -> tuple[tuple[str, ...], Sections]:
    """Read the headings above a chunk, and its sections.

    Before format 5 the headings alone were kept, as a list.
    """
    kept: list[str] | dict[str, Any] = json.loads(text)
    if isinstance(kept, list):
        return tuple(kept), None
    within = kept.get("within")
    sections = None if within is None else tuple(Section(*each) for each in within)
    return tuple(kept["above"]), sections


def headings_json(chunk: Chunk) -> str:
    """Write the headings above a chunk, and its sections, as a catalog keeps them."""
    kept: dict[str, object] = {"above": chunk.headings}
    if chunk.sections is not None:
        kept["within"] = [[each.start, each.title] for each in chunk.sections]
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _pages(text: str) -> PageStarts:
    return tuple((number, first) for number, first in json.loads(text))
