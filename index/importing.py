"""Take chunks with their vectors into a store, without embedding them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path

import numpy as np

from memctl.index.exchange import Origin, TableError
from memctl.index.incoming import Incoming, Reading
from memctl.index.progress import Progress, Silent
from memctl.index.sample import BLOCK
from memctl.index.tables import find
from memctl.ingest import Embedder, Store, UsageError, Vectors, writing_to
from memctl.ingest.embedders import get

_TRIED = 32  # texts that are embedded to see whether foreign vectors are the embedder's
_NEAREST = 0.8  # of them have to be nearest to their own vector
_ALIKE = 0.5  # and so much like it, in the mean


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in; ``unchanged`` documents were there before. ``embedder`` made the vectors."""

    documents: int
    chunks: int
    _: KW_ONLY
    unchanged: int
    vectors: int
    embedder: str


def import_table(
    source: Path,
    store: Path,
    *,
    embedder: str | None = None,
    ids: Path | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Add the documents of an export, or of a table of one's own, to a store, new or not.

    ``source`` is a folder or a file: ``vectors.npy`` with ``ids.jsonl`` (``ids`` names another), or
    a table of Parquet. Of an export all is as it was, and its vectors count as embedded: an ingest
    of the same folder embeds nothing. In a table of one's own each row, with an ``id`` and a
    ``text``, becomes a document; ``embedder`` says what made its vectors, and some texts are
    embedded to see that it did.

    All rows are checked before anything is written; they are committed together or not at all.

    Raises:
        TableError: the table is missing, damaged, or not what it should be.
        UsageError: it does not say what embedded it, or says another one.
        StoreError: the store has another embedder, or cannot be written.
        EmbedderError: the embedder is unknown or failed.
    """
    shown = progress or Silent()
    table = find(source, ids)
    origin = table.origin()
    chosen = _embedder(origin, embedder, source)
    reading = Reading(table, origin, name=source.resolve().name, dimension=chosen.dimension)
    shown.stage("checking", origin.chunks if origin else 0)
    total, tried = _check(reading, shown)
    if origin is None:
        _refuse_strange(tried, chosen, source)
    with Store.write(store, embedder=chosen.name) as opened:
        if opened.fingerprint != chosen.fingerprint:
            raise TableError(
                f"the store {store} is of {opened.fingerprint}, the vectors of "
                f"{chosen.fingerprint}",
                hint="Import into another --store.",
            )
        shown.stage("writing", total)
        adding = _Adding(opened)
        with opened.catalog.transaction():
            for document in reading.documents():
                adding.add(document)
                shown.advance(len(document.chunks))
            adding.flush()
        return adding.imported()


def _embedder(origin: Origin | None, named: str | None, source: Path) -> Embedder:
    """Return the embedder that is said to have made the vectors."""
    if origin is None:
        if named is None:
            raise UsageError(
                f"{source} does not say what its vectors were embedded with",
                hint="Name it, as in --embedder e5-small; see: memctl embedders",
            )
        return get(named)
    chosen = get(origin.embedder, dimension=origin.dimension)
    if named is not None and get(named).name != chosen.name:
        raise UsageError(
            f"{source} was embedded with {chosen.name!r}, not {named!r}",
            hint="Leave out --embedder.",
        )
    if chosen.fingerprint != origin.fingerprint:
        raise TableError(
            f"{source} was embedded with {origin.fingerprint}, here is {chosen.fingerprint}",
            hint="Install the version that embedded it, or ingest the documents again.",
        )
    return chosen


def _check(reading: Reading, progress: Progress) -> tuple[int, list[Incoming]]:
    """Read the whole table; return the number of its chunks, and some documents by chance."""
    random = np.random.default_rng(0)
    tried: list[Incoming] = []
    total = 0
    for number, document in enumerate(reading.documents()):
        total += len(document.chunks)
        progress.advance(len(document.chunks))
        at = number if number < _TRIED else int(random.integers(0, number + 1))
        tried[at : at + 1] = [document] if at < _TRIED else []  # reservoir sampling
    if not total:
        raise TableError(f"{reading.table.file} holds no rows", hint="Check the file.")
    return total, tried


def _refuse_strange(tried: list[Incoming], chosen: Embedder, source: Path) -> None:
    """Refuse vectors that ``chosen`` cannot have made: each must be the one that is like its text.

    Cosines alone do not tell: of some models those of any two texts are high.
    """
    given = np.stack([document.vectors[0] for document in tried])
    made = chosen.embed([document.chunks[0].text for document in tried], role="document")
    own = (made * given).sum(axis=1)
    nearest = own >= (made @ given.T).max(axis=1) - 1e-3
    if nearest.mean() < _NEAREST or own.mean() < _ALIKE:
        raise TableError(
            f"{source} is not of {chosen.name!r}: of {len(tried)} texts {int(nearest.sum())} are "
            f"nearest to their own vector, and the mean cosine is {own.mean():.2f}",
            hint="Name the embedder that made the vectors, and check that row i is of vector i.",
        )


class _Adding:
    """Adds documents within one transaction: vectors are written and synced before its commit."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._catalog = store.catalog
        self._first = self._rows = store.catalog.rows  # rows that are written
        self._keys: dict[bytes, int] = {}  # of the rows after these, in order
        self._vectors: list[Vectors] = []
        self._documents = self._chunks = self._unchanged = 0

    def add(self, document: Incoming) -> None:
        """Add a document; one that is there already stays as it is.

        Raises:
            TableError: another document has its path.
        """
        record = document.record
        known = self._catalog.document(record.path)
        if known is None:
            rows = [self._row(*pair) for pair in zip(document.keys, document.vectors, strict=True)]
            self._catalog.put_document(record, zip(document.chunks, rows, strict=True))
            self._documents += 1
            self._chunks += len(rows)
        elif (known.file, known.sha256, known.recipe) == (
            record.file,
            record.sha256,
            record.recipe,
        ):
            self._unchanged += 1
        else:
            raise TableError(
                f"the store holds another {record.path!r} already; nothing was imported",
                hint="Import into a new --store.",
            )

    def _row(self, key: bytes, vector: Vectors) -> int:
        """Return the row of the vector of a text, which may be there already."""
        row = self._keys.get(key)
        if row is None:
            row = self._catalog.row_of(key)
        if row is None:
            row = self._keys[key] = self._rows + len(self._keys)
            self._vectors.append(vector)
            if len(self._vectors) == BLOCK:
                self.flush()
        return row

    def flush(self) -> None:
        """Write the vectors that wait."""
        if self._vectors:
            with writing_to(self._store.layout.root):
                sha256 = self._store.vectors.append(np.stack(self._vectors), rows=self._rows)
            self._catalog.add_vectors(self._keys, first=self._rows, sha256=sha256)
            self._rows += len(self._keys)
            self._keys, self._vectors = {}, []

    def imported(self) -> Imported:
        """Return what was added."""
        return Imported(
            self._documents,
            self._chunks,
            unchanged=self._unchanged,
            vectors=self._rows - self._first,
            embedder=self._store.generation.embedder,
        )
