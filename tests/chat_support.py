"""A small endpoint that speaks as OpenAI's does, over real HTTP, with faults on demand."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "geheim-12345"  # that no message may hold
HANG = 30.0  # seconds, longer than any test waits


@dataclass
class Chat:
    """What it answers and what it was asked.

    ``plan`` holds the fault of each next request, ``ok`` when it is empty: 429, 500, 401, hang,
    drop, cut (in mid-stream), garbled, html, empty, whole (no stream), error (an event).
    """

    url: str = ""
    text: str = "It was built in 1911 [1]."
    size: int = 5  # characters of a piece
    finish: str = "stop"
    plan: list[str] = field(default_factory=list[str])
    bodies: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    keys: list[str | None] = field(default_factory=list[str | None])

    @property
    def prompt(self) -> str:
        """All that the last request said."""
        return "\n".join(message["content"] for message in self.bodies[-1]["messages"])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    chat: Chat

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name it has
        pass

    def do_POST(self) -> None:
        chat = self.chat
        chat.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        chat.keys.append(self.headers.get("Authorization"))
        fault = chat.plan.pop(0) if chat.plan else "ok"
        if fault.isdigit():
            headers = {"Retry-After": "0"} if fault == "429" else {}
            self._send(int(fault), b'{"error": {"message": "no, %s"}}' % fault.encode(), **headers)
        elif fault == "drop":
            self.close_connection = True
        elif fault == "hang":
            time.sleep(HANG)
        elif fault in {"html", "empty"}:
            self._send(200, b"<html>portal</html>" if fault == "html" else b"")
        elif fault == "whole" or not chat.bodies[-1].get("stream"):
            self._send(200, json.dumps(self._whole()).encode())
        else:
            self._stream(fault)

    def _whole(self) -> dict[str, Any]:
        message = {"role": "assistant", "content": self.chat.text}
        choice = {"index": 0, "finish_reason": self.chat.finish, "message": message}
        return {"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}

    def _stream(self, fault: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for event in self._events(fault):
            self.wfile.write(f"data: {event}\n\n".encode())
            self.wfile.flush()

    def _events(self, fault: str) -> Iterator[str]:
        chat = self.chat
        yield _event({"role": "assistant"})
        for start in range(0, len(chat.text), chat.size):
            if start * 2 >= len(chat.text) and fault in {"cut", "garbled", "error"}:
                if fault != "cut":
                    yield "{oh" if fault == "garbled" else '{"error": {"message": "out of memory"}}'
                return
            yield _event({"content": chat.text[start : start + chat.size]})
        yield _event({}, finish=chat.finish)
        usage = {"prompt_tokens": 7, "completion_tokens": 3}
        yield json.dumps({"choices": [], "usage": usage})
        yield "[DONE]"

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _event(delta: dict[str, str], finish: str | None = None) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has read enough is no error."""


@contextmanager
def chatting() -> Generator[Chat]:
    """An endpoint at a free port of this machine."""
    chat = Chat()
    server = _Server(("127.0.0.1", 0), type("Bound", (_Handler,), {"chat": chat}))
    chat.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield chat
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
