from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import Run

from memctl.index import ServerError, export, export_to_server
from memctl.index.qdrant import point_id
from memctl.ingest import Store, UsageError

client = pytest.importorskip("qdrant_client", reason="qdrant-client is not installed")
KEY = "secret-0123456789"


def _chunks(store: Path) -> dict[str, tuple[str, list[float]]]:
    """Text and vector of each chunk, by the id of its point."""
    with Store.open(store) as opened:
        found = list(opened.catalog.chunks())
        vectors = opened.vectors.map(opened.rows)[[each.row for each in found]].astype(np.float32)
        ids = [point_id(each.chunk.document, each.ordinal) for each in found]
        texts = [each.chunk.text for each in found]
        return dict(zip(ids, zip(texts, vectors.tolist(), strict=True), strict=True))


def test_a_folder_of_qdrant_finds_each_chunk_by_its_vector(
    filled: Run, store: Path, tmp_path: Path
) -> None:
    result = filled("index", "export", tmp_path / "points", "--to", "qdrant", "--json")
    assert result.json["chunks"] == 6
    opened = client.QdrantClient(path=str(tmp_path / "points"))
    for name, (text, vector) in _chunks(store).items():
        (point,) = opened.query_points("memctl", query=vector, limit=1, with_payload=True).points
        assert (point.id, point.payload["text"]) == (name, text)
        assert point.score == pytest.approx(1, abs=1e-3)
        assert {"document", "chunk", "pages", "language", "metadata"} <= point.payload.keys()
    assert opened.count("memctl").count == 6
    opened.close()
    with pytest.raises(UsageError, match="not empty"):
        export(store, tmp_path / "points", form="qdrant")


def test_the_id_of_a_point_is_that_of_its_chunk_for_ever() -> None:
    assert point_id("ru/маяк.md", 2) == "d4f7951a-be04-5d77-a9b8-5670c44fd16c"
    assert len({point_id("a", 11), point_id("a1", 1), point_id("a", 1)}) == 3


@dataclass
class Qdrant:
    """What a server of one collection was asked, and what it holds."""

    url: str = ""
    points: dict[str, dict[str, Any]] = field(default_factory=dict)
    size: int = 0
    keys: set[str | None] = field(default_factory=set)
    requests: list[int] = field(default_factory=list)
    fail_at: int = 0


class Handler(BaseHTTPRequestHandler):
    """Answers as Qdrant's REST interface does, as far as an export asks."""

    protocol_version = "HTTP/1.1"
    qdrant: Qdrant

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name it has
        pass

    def _answer(self) -> None:
        held = self.qdrant
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "{}")
        held.keys.add(self.headers.get("api-key"))
        if held.keys == {"wrong"}:
            self._reply({"status": {"error": "no\x1b[31m such key"}}, 403)
        elif "/points" in self.path:
            self._points(body)
        elif self.command == "PUT":
            held.size = body["vectors"]["size"]
            self._reply(result=True)
        else:
            exists = self.path.endswith("/exists")
            self._reply({"exists": bool(held.size)} if exists else _info(held.size))

    def _points(self, body: dict[str, Any]) -> None:
        held = self.qdrant
        if "/scroll" in self.path:
            self._reply({"points": [{"id": name} for name in held.points]})
            return
        if "/delete" in self.path:
            for name in body["points"]:
                del held.points[name]
        else:
            batch = body["batch"]
            held.requests.append(len(batch["ids"]))
            if len(held.requests) == held.fail_at:
                self._reply({"status": {"error": "no room"}}, 507)
                return
            held.points.update(zip(batch["ids"], batch["payloads"], strict=True))
        self._reply({"operation_id": 1, "status": "completed"})

    def _reply(self, result: object, status: int = 200) -> None:
        body = json.dumps({"result": result, "status": "ok", "time": 0.0}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = _answer  # noqa: N815  the names that the server calls


def _info(size: int) -> dict[str, Any]:
    hnsw = {"m": 16, "ef_construct": 100, "full_scan_threshold": 10_000}
    optimizers = {
        "deleted_threshold": 0.2,
        "vacuum_min_vector_number": 1000,
        "default_segment_number": 0,
        "flush_interval_sec": 5,
    }
    return {
        "status": "green",
        "optimizer_status": "ok",
        "segments_count": 1,
        "config": {
            "params": {"vectors": {"size": size, "distance": "Cosine"}},
            "hnsw_config": hnsw,
            "optimizer_config": optimizers,
        },
        "payload_schema": {},
    }


@pytest.fixture
def qdrant(monkeypatch: pytest.MonkeyPatch) -> Generator[Qdrant]:
    monkeypatch.delenv("QDRANT_API_KEY", raising=False)
    held = Qdrant()
    handler = type("Bound", (Handler,), {"qdrant": held})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    held.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield held
    server.shutdown()
    server.server_close()


def test_a_server_is_given_every_chunk_once_however_often_it_is_exported(
    filled: Run, store: Path, qdrant: Qdrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QDRANT_API_KEY", KEY)
    monkeypatch.setattr("memctl.index.qdrant._POINTS", 4)
    words = ("index", "export", "--to", "qdrant", "--url", qdrant.url, "--collection", "notes")
    for _ in range(2):
        result = filled(*words)
        assert result.code == 0
        assert KEY not in result.out + result.err
    assert qdrant.requests == [4, 2, 4, 2]
    held = {name: payload["text"] for name, payload in qdrant.points.items()}
    assert held == {name: text for name, (text, _) in _chunks(store).items()}
    assert qdrant.keys == {KEY}


def test_points_of_chunks_that_are_gone_stay_until_they_are_pruned(
    filled: Run, folder: Path, qdrant: Qdrant
) -> None:
    words = ("index", "export", "--to", "qdrant", "--url", qdrant.url)
    assert filled(*words).code == 0
    (folder / "ru/чайки.txt").unlink()
    filled("ingest", folder, "--prune")
    result = filled(*words)
    assert "1 other points are in 'memctl'; --prune removes them" in result.err
    assert len(qdrant.points) == 6
    assert filled(*words, "--prune").code == 0
    assert len(qdrant.points) == 5
    assert not any("чайки" in payload["text"] for payload in qdrant.points.values())


def test_what_a_server_refuses_is_told(
    filled: Run, store: Path, qdrant: Qdrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    del filled
    with pytest.raises(ServerError, match="does not answer"):
        export_to_server(store, "http://127.0.0.1:9", collection="memctl")
    qdrant.fail_at = 1
    with pytest.raises(ServerError, match=r"answered 507: .*no room"):
        export_to_server(store, qdrant.url, collection="memctl")
    qdrant.size = 7
    with pytest.raises(ServerError, match="is not of 256 dimensions"):
        export_to_server(store, qdrant.url, collection="memctl")
    monkeypatch.setenv("QDRANT_API_KEY", "wrong")
    qdrant.keys.clear()
    with pytest.raises(ServerError, match="answered 403") as caught:
        export_to_server(store, qdrant.url, collection="memctl")
    assert "\x1b" not in caught.value.message
    assert "QDRANT_API_KEY" in caught.value.hint


@pytest.mark.parametrize("url", ["localhost:6333", "file:///etc", "http://me:pass@host"])
def test_an_address_that_is_none_is_refused(filled: Run, store: Path, url: str) -> None:
    del filled
    with pytest.raises(UsageError, match="address"):
        export_to_server(store, url, collection="memctl")


def test_a_folder_and_an_address_are_not_named_at_once(filled: Run, tmp_path: Path) -> None:
    for words in ((), (tmp_path / "x", "--url", "http://localhost"), ("--url", "http://localhost")):
        result = filled("index", "export", *words)
        assert (result.code, result.out) == (2, "")
        assert re.match("memctl: a new folder is needed", result.err)
    assert uuid.UUID(point_id("a", 1)).version == 5
