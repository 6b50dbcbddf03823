"""The server over HTTP: on this machine alone, for who has the token, asked by no web page."""

from __future__ import annotations

import hmac
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memctl.ingest import UsageError

if TYPE_CHECKING:
    from mcp.server import Server
    from starlette.types import ASGIApp, Receive, Scope, Send

VARIABLE = "MEMCTL_MCP_TOKEN"
_HOST = "127.0.0.1"
_BODY = 1_000_000  # bytes of a request
_HEAD = 16_384
_AT_ONCE = 128  # connections
_SHORTEST = 16  # characters of a token


def token(file: Path | None) -> str:
    """Return the token, from a file that only its owner may read, or from the environment.

    Raises:
        UsageError: there is none, it is too short, or others may read the file.
    """
    found = os.environ.get(VARIABLE, "") if file is None else _read(file)
    if len(found) < _SHORTEST:
        raise UsageError(
            f"no token of {_SHORTEST} characters or more to ask by",
            hint=f"Put one into a file of your own for --token-file, or into {VARIABLE}: "
            "(umask 077; openssl rand -hex 32 > token)",
        )
    return found


def _read(file: Path) -> str:
    try:
        if os.name != "nt" and stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise UsageError(f"others may read {file}", hint=f"Run: chmod 600 {file}")
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}: {error}", hint="Check --token-file.") from error


def run(server: Server[Any], *, port: int, secret: str) -> None:
    """Serve until the process is told to end.

    Raises:
        OSError: the port is taken.
    """
    import uvicorn

    app = server.streamable_http_app(host=_HOST, json_response=True, max_request_body_size=_BODY)
    config = uvicorn.Config(
        Guarded(app, secret),
        host=_HOST,
        port=port,
        access_log=False,
        log_level="warning",
        limit_concurrency=_AT_ONCE,
        h11_max_incomplete_event_size=_HEAD,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=8,
        server_header=False,
        http="h11",
    )
    uvicorn.Server(config).run()


class Guarded:
    """Lets requests through that have the token, and come from no web page of elsewhere."""

    def __init__(self, app: ASGIApp, secret: str) -> None:
        self._app = app
        self._expected = f"Bearer {secret}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with 403 or 401 what must not come through."""
        if scope["type"] == "http":
            given = dict(scope["headers"])
            if not _is_here(given.get(b"host", b"")) or not _may_ask(given.get(b"origin")):
                await _refuse(send, 403, b"this host or origin may not ask")
                return
            if not hmac.compare_digest(given.get(b"authorization", b""), self._expected):
                await _refuse(send, 401, b"the token is missing or wrong")
                return
        await self._app(scope, receive, send)


def _is_here(host: bytes) -> bool:
    """Tell whether a host is this machine: a name that leads here from elsewhere is another."""
    name, _, port = host.decode("latin-1").rpartition(":")
    if not port.isdecimal():
        name = host.decode("latin-1")
    return name in {_HOST, "localhost", "[::1]"}


def _may_ask(origin: bytes | None) -> bool:
    """Tell whether a request comes from no web page, or from one of this machine."""
    if origin is None:
        return True
    scheme, _, host = origin.partition(b"://")
    return scheme in {b"http", b"https"} and _is_here(host)


async def _refuse(send: Send, status: int, text: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
