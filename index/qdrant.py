"""Chunks with their vectors as points of Qdrant, on a server or in a folder, through its client."""

from __future__ import annotations

import os
import uuid
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from memctl.index.exchange import Exported, Row, ServerError, Sheet
from memctl.index.progress import Progress, Silent
from memctl.ingest import UsageError, Vectors, one_line

KEY = "QDRANT_API_KEY"
COLLECTION = "memctl"
_POINTS = 256  # a request: some 2 MB, where a server takes 32
_PAGE = 10_000  # ids a request
_SECONDS = 60  # for an answer
_NAMESPACE = uuid.UUID("5f0c2b43-4b7e-5d4c-9a53-6c1f3f0d8e21")  # of points; never to be changed


def library() -> Any:  # noqa: ANN401  a module
    """Return the module ``qdrant_client``.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import qdrant_client
    except ImportError as error:
        raise UsageError(
            "qdrant takes the package qdrant-client", hint="Run: pip install 'memctl-rag[qdrant]'"
        ) from error
    return qdrant_client


def point_id(document: str, chunk: int) -> str:
    """Return the id of the point of a chunk, the same in every export."""
    return str(uuid.uuid5(_NAMESPACE, f"{document}\n{chunk}"))


def to_folder(made: Sheet, out: Path) -> None:
    """Write a collection into the empty folder ``out`` for the local mode of the client.

    A folder with points is never opened: they are pickles there, which run code when loaded.
    """
    with _client(str(out)) as client:
        _Collection(client, COLLECTION, where=str(out)).put(made)


def to_server(
    made: Sheet, url: str, *, collection: str, prune: bool, progress: Progress | None = None
) -> int:
    """Put all points into a collection of the server at ``url``; return how many there are.

    Raises:
        ServerError: it cannot be reached or refuses them, or the collection is of other vectors.
        UsageError: the address is none, or would send the key in the clear.
    """
    shown = progress or Silent()
    key, clear = os.environ.get(KEY) or None, _in_the_clear(url)
    if key and clear:
        shown.tell(f"the key in {KEY} goes to {url} unencrypted; https would hide it")
    with _client(url, url=url, api_key=key) as client:
        there = _Collection(client, collection, where=url)
        there.put(made)
        others = there.others()
        if prune:
            there.remove(others)
        elif others:
            shown.tell(f"{len(others):,} other points are in {collection!r}; --prune removes them")
        return len(there.ids)


def _in_the_clear(url: str) -> bool:
    """Tell whether what is sent to ``url`` can be read on its way.

    Raises:
        UsageError: it is no address, or holds a password.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{url!r} is no address", hint="Write it as http://localhost:6333")
    if parts.username or parts.password:
        raise UsageError("the address holds a password", hint=f"Give the key in {KEY}.")
    return parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}


@contextmanager
def _client(where: str, *, url: str | None = None, api_key: str | None = None) -> Generator[Any]:
    """Open a client of the server at ``url``, or else of the folder ``where``."""
    module = library()
    from qdrant_client.http.exceptions import ApiException

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of unencrypted keys and large folders: told elsewhere
        try:
            client = (
                module.QdrantClient(path=where)
                if url is None
                else module.QdrantClient(
                    url=url, api_key=api_key, timeout=_SECONDS, check_compatibility=False
                )
            )
            try:
                yield client
            finally:
                client.close()
        except ApiException as error:
            raise _refused(where, error) from error


def _refused(where: str, error: Exception) -> ServerError:
    status, content = getattr(error, "status_code", None), getattr(error, "content", b"")
    if status is None:
        return ServerError(
            f"{where} does not answer: {one_line(str(getattr(error, 'source', error)))[:200]}",
            hint="Check the address, and that Qdrant runs there.",
        )
    said = one_line(content.decode("utf-8", "replace"))[:200]
    hint = f"Put a key that may write into {KEY}." if status in {401, 403} else ""
    return ServerError(
        f"{where} answered {status}: {said}",
        hint=hint or "Run it again: what is there already is replaced.",
    )


class _Collection:
    """A collection of points, made when it is not there."""

    def __init__(self, client: Any, name: str, *, where: str) -> None:  # noqa: ANN401  the client is no dependency
        self._client = client
        self._name = name
        self._where = where
        self.ids: set[str] = set()

    def put(self, made: Sheet) -> None:
        """Put all chunks in, each in place of what has its id."""
        from qdrant_client import models

        self._prepare(made.origin.dimension)
        for chunks, vectors in made.blocks:
            for ids, points, payloads in _batches(chunks, vectors):
                batch = models.Batch(ids=ids, vectors=points, payloads=payloads)
                self._client.upsert(self._name, batch, wait=True)
                self.ids.update(ids)

    def _prepare(self, dimension: int) -> None:
        from qdrant_client import models

        if not self._client.collection_exists(self._name):
            config = models.VectorParams(size=dimension, distance=models.Distance.COSINE)
            self._client.create_collection(self._name, vectors_config=config)
            return
        config = self._client.get_collection(self._name).config.params.vectors
        wanted = {models.Distance.COSINE, models.Distance.DOT}
        if getattr(config, "size", None) != dimension or config.distance not in wanted:
            raise ServerError(
                f"the collection {self._name!r} at {self._where} is not of {dimension} dimensions "
                "compared by cosine",
                hint="Name another --collection.",
            )

    def others(self) -> list[Any]:
        """Return the ids of the points that were not put in by this export."""
        found: list[Any] = []
        offset = None
        while True:
            page, offset = self._client.scroll(
                self._name, limit=_PAGE, offset=offset, with_payload=False, with_vectors=False
            )
            found.extend(point.id for point in page if str(point.id) not in self.ids)
            if offset is None:
                return found

    def remove(self, ids: list[Any]) -> None:
        """Remove points."""
        from qdrant_client import models

        for at in range(0, len(ids), _PAGE):
            selector = models.PointIdsList(points=ids[at : at + _PAGE])
            self._client.delete(self._name, selector, wait=True)


def _batches(
    chunks: list[Exported], vectors: Vectors
) -> Iterator[tuple[list[Any], list[list[float]], list[Row]]]:
    """Yield ids, vectors and payloads of one request each."""
    for at in range(0, len(chunks), _POINTS):
        part = chunks[at : at + _POINTS]
        ids = [point_id(each.stored.chunk.document, each.stored.ordinal) for each in part]
        yield ids, vectors[at : at + _POINTS].tolist(), [each.facts for each in part]
