"""An embedding endpoint on this machine that fails as it is told to."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from memctl.ingest.embedders import Embedder, endpoint, get

WIDTH = 8
KEY = "sk-SECRET-0123456789"
TEXTS = ["the gull tower", "маяк у моря", "third"]
VARIABLES = [
    f"{owner}OPENAI_{name}" for owner in ("", "MEMCTL_") for name in ("BASE_URL", "API_KEY")
]

Answer = Callable[["Handler", list[str]], None]


def vector(text: str) -> list[float]:
    """Eight numbers that only ``text`` has."""
    return [byte / 255 + 0.01 for byte in hashlib.sha256(text.encode()).digest()[:WIDTH]]


@dataclass
class Provider:
    """What was asked, and what will be answered: the plan first, then good answers for ever."""

    url: str = ""
    plan: list[Answer] = field(default_factory=list)
    inputs: list[list[str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """Answers one request as the plan of its server says."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    provider: Provider

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name it has
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.provider.bodies.append(body)
        self.provider.inputs.append(body["input"])
        self.provider.keys.append(self.headers.get("Authorization"))
        self.provider.paths.append(self.path)
        answer = self.provider.plan.pop(0) if self.provider.plan else good
        answer(self, body["input"])

    def reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def good(handler: Handler, texts: list[str]) -> None:
    """Answer as the endpoint of the path does, OpenAI's or Ollama's."""
    if handler.path.endswith("/api/embed"):
        handler.reply(200, json.dumps({"embeddings": [vector(text) for text in texts]}).encode())
    else:
        handler.reply(200, json.dumps({"data": items(texts)}).encode())


def items(texts: list[str]) -> list[dict[str, Any]]:
    """The list of vectors that a good answer holds."""
    return [{"index": place, "embedding": vector(text)} for place, text in enumerate(texts)]


def status(code: int, message: str = "no", **headers: str) -> Answer:
    """Answer with an error."""

    def answer(handler: Handler, texts: list[str]) -> None:  # noqa: ARG001  of one form
        body = json.dumps({"error": {"message": message}}).encode()
        handler.reply(
            code, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )

    return answer


def altered(change: Callable[[list[dict[str, Any]]], object]) -> Answer:
    """Answer with a good list of vectors after ``change``, which works in place."""

    def answer(handler: Handler, texts: list[str]) -> None:
        found = items(texts)
        change(found)
        handler.reply(200, json.dumps({"data": found}).encode())

    return answer


def replied(code: int, body: bytes) -> Answer:
    """Answer with these bytes."""

    def answer(handler: Handler, texts: list[str]) -> None:  # noqa: ARG001  of one form
        handler.reply(code, body)

    return answer


def drop(handler: Handler, texts: list[str]) -> None:  # noqa: ARG001  of one form
    """Close the connection without an answer."""
    handler.close_connection = True


def drip(handler: Handler, texts: list[str]) -> None:  # noqa: ARG001  of one form
    """Send a byte now and then, until nobody listens."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" ")
            time.sleep(0.02)
    except OSError:
        handler.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that left."""


@contextmanager
def serving() -> Generator[Provider]:
    """A provider at a free port of this machine."""
    provider = Provider()
    handler = type("Bound", (Handler,), {"provider": provider})
    server = _Server(("127.0.0.1", 0), handler)
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def provided(monkeypatch: pytest.MonkeyPatch) -> Generator[Provider]:
    """A provider that the environment names, for OpenAI with a key and for Ollama; a fixture."""
    for name in (*VARIABLES, "OLLAMA_HOST", "MEMCTL_PROVIDER_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    with serving() as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{provider.url}/v1/")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OLLAMA_HOST", provider.url)
        yield provider


def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the embedder slept, which takes no time; a fixture."""
    pauses: list[float] = []
    monkeypatch.setattr(endpoint, "sleep", pauses.append)
    return pauses


def openai() -> Embedder:
    return get("openai:some-model")


def unit(texts: list[str]) -> np.ndarray:
    """The unit vectors that a good answer gives."""
    made = np.array([vector(text) for text in texts])
    return made / np.linalg.norm(made, axis=1, keepdims=True)
