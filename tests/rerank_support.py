"""Hits to judge anew, and an endpoint on this machine that judges as it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from memctl.ingest import Chunk
from memctl.query import Hit, Stage

TEXTS = ("The lamp was broken in 1953.", "Маяк построили в 1911 году.", "Gulls live on the rocks.")


def hit(
    text: str,
    rank: int = 1,
    *,
    score: float = 0.0,
    title: str = "",
    ordinal: int = 1,
    document: str = "",
) -> Hit:
    """A hit whose chunk is all of its document."""
    name = document or f"{rank}.txt"
    chunk = Chunk(name, 0, end=len(text), text=text, tokens=max(len(text.split()), 1))
    return Hit(
        rank,
        score,
        chunk=chunk,
        ordinal=ordinal,
        document_id=name,
        title=title,
        sha256="0" * 64,
        row=rank - 1,
        stages=(Stage("fused", rank, score=score),),
    )


def hits(*texts: str) -> list[Hit]:
    """Hits in this order, the first with the highest score."""
    given = texts or TEXTS
    return [hit(text, n, score=float(len(given) - n)) for n, text in enumerate(given, start=1)]


@dataclass
class Service:
    """What was asked, and the answers to come: (status, JSON or bytes), the last one for ever."""

    url: str = ""
    answers: list[tuple[int, Any]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: Service

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name it has
        pass

    def do_POST(self) -> None:
        service = self.service
        service.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        service.paths.append(self.path)
        service.keys.append(self.headers.get("Authorization"))
        status, said = service.answers[0]
        if len(service.answers) > 1:
            service.answers.pop(0)
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True


@contextmanager
def serving() -> Generator[Service]:
    """A service at a free port of this machine."""
    service = Service()
    server = _Server(("127.0.0.1", 0), type("Bound", (_Handler,), {"service": service}))
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def results(scores: Sequence[float]) -> dict[str, Any]:
    """A good answer: the documents best first, as all services give them."""
    order = sorted(range(len(scores)), key=lambda place: -scores[place])
    return {
        "id": "rerank-1",
        "results": [
            {"index": place, "relevance_score": scores[place], "document": {"text": "…"}}
            for place in order
        ],
        "usage": {"total_tokens": 9},
    }
