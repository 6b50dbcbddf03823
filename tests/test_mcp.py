"""The server of the Model Context Protocol, asked by the SDK's own client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import TextContent, TextResourceContents
from support import Run

from memctl.cli.answering import Ways
from memctl.cli.mcp.desk import Desk

MEMCTL = (sys.executable, "-m", "memctl.cli")
TOKEN = "T0123456789abcdef"
Talk = Callable[[Client], Awaitable[None]]


@asynccontextmanager
async def _client(store: Path, *options: str) -> AsyncGenerator[Client]:
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "memctl.cli", "mcp", "--store", str(store), *options],
        env=dict(os.environ),
    )
    async with Client(stdio_client(parameters)) as client:
        yield client


def _talk(store: Path, talk: Talk, *options: str) -> None:
    async def run() -> None:
        async with _client(store, *options) as client:
            await talk(client)

    asyncio.run(run())


def _text(content: object) -> str:
    """Return what a part of an answer says."""
    assert isinstance(content, TextContent | TextResourceContents)
    return content.text


def _nothing(_: str) -> None:
    """Find no package."""


def test_tools_give_what_the_command_line_gives(filled: Run, store: Path) -> None:
    found = filled("query", "чайки весной", "-k", "3", "--json").json
    mended = filled("query", "Where is the keepr?", "-k", "1", "--json").json["mended"]
    asked = filled("ask", "Who built the gull tower?", "--json").json
    shown = filled("show", "en/tower.md", "--json").json

    async def talk(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == ["search", "ask", "get_document", "recall"]
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
        result = await client.call_tool("search", {"query": "чайки весной", "k": 3})
        assert not result.is_error
        del found["timings"]
        assert result.structured_content == found
        assert json.loads(_text(result.content[0])) == found
        result = await client.call_tool("ask", {"question": "Who built the gull tower?"})
        del asked["timings"]
        assert result.structured_content == asked
        assert "Anna Berg" in asked["answer"]
        result = await client.call_tool("ask", {"question": "Where is the keepr?"})
        assert result.structured_content is not None
        assert result.structured_content["mended"] == mended == {"keepr": "keeper"}
        result = await client.call_tool("get_document", {"document": "en/tower.md"})
        assert result.structured_content is not None
        for name in ("document", "title", "sha256", "chunks"):
            assert result.structured_content[name] == shown[name]
        assert result.structured_content["chunks_total"] == len(shown["chunks"])
        result = await client.call_tool("ask", {"question": "Who won the chess match in Oslo?"})
        assert not result.is_error
        assert result.structured_content is not None
        assert result.structured_content["abstained"]

    _talk(store, talk)


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("search", {}, "'query' is a required property"),
    ("search", {"query": ""}, "query"),
    ("search", {"query": "x" * 5000}, "maxLength: 4000"),
    ("search", {"query": "x", "k": 0}, "k"),
    ("search", {"query": "x", "k": 1e9}, "k"),
    ("search", {"query": "x", "k": "9"}, "k"),
    ("search", {"query": "x", "store": "/etc"}, "Additional properties"),
    ("search", {"query": "x", "filters": ["nothing"]}, "nothing"),
    ("search", {"query": "x", "filters": ["colour:red"]}, "no field 'colour'"),
    ("search", {"query": "x", "mode": "magic"}, "mode"),
    ("get_document", {"document": "../../etc/passwd"}, "no document"),
    ("get_document", {"document": "/etc/passwd"}, "no document"),
    ("ask", {"question": None}, "question"),
    ("ask", {"question": "🙂"}, "has no word"),
    ("search", {"query": "???"}, "has no word"),
    ("remember", {"text": "x"}, "no tool 'remember'"),
]


def test_what_is_wrong_is_an_error_and_no_empty_list(filled: Run, store: Path) -> None:
    async def talk(client: Client) -> None:
        for name, given, said in WRONG:
            result = await client.call_tool(name, given)
            text = _text(result.content[0])
            assert result.is_error, (name, given)
            assert said in text, (name, given, text)
            assert result.structured_content is None
            assert str(store) not in text
            assert "Traceback" not in text
        assert not (await client.call_tool("search", {"query": "storm"})).is_error

    assert filled("status").code == 0
    _talk(store, talk)


def test_documents_are_resources(filled: Run, folder: Path, store: Path) -> None:
    for number in range(120):
        (folder / f"записка {number:03}.txt").write_text(f"Записка {number}.\n", encoding="utf-8")
    filled("ingest", folder)

    async def talk(client: Client) -> None:
        names, cursor = list[str](), None
        while True:
            page = await client.list_resources(cursor=cursor)
            names += [each.name for each in page.resources]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(names) == len(set(names)) == 126
        assert "ru/маяк.md" in names
        page = await client.list_resources()
        read = await client.read_resource(page.resources[0].uri)
        text = _text(read.contents[0])
        assert "gull tower" in text or "storm" in text
        templates = await client.list_resource_templates()
        assert templates.resource_templates[0].uri_template == "memctl://document/{+document}"
        for uri in ("memctl://document/none.txt", "file:///etc/passwd", "memctl://document/%00"):
            with pytest.raises(MCPError):
                await client.read_resource(uri)

    _talk(store, talk)


@pytest.mark.parametrize(
    ("name", "holds"), [("ru/маяк.md", "Смотритель Пётр"), ("en/tower.md", "The gull tower")]
)
@pytest.mark.usefixtures("filled")
def test_a_document_is_read_by_its_path_on_disk(
    folder: Path, store: Path, name: str, holds: str
) -> None:
    desk = Desk(store, "default", Ways(""))
    path = str(folder.resolve() / name)
    try:
        told = desk.submit(lambda: desk.document(path)).result()
        assert told["document"] == name
        assert told["chunks_total"] == len(told["chunks"]) > 0
        assert holds in desk.submit(lambda: desk.text(path)).result()
    finally:
        desk.close()


def test_what_was_written_since_is_found(filled: Run, folder: Path, store: Path) -> None:
    async def talk(client: Client) -> None:
        result = await client.call_tool("search", {"query": "лиственница"})
        assert result.structured_content is not None
        assert "причал.txt" not in str(result.structured_content)
        text = "Причал сделан из лиственницы.\n"
        (folder / "причал.txt").write_text(text, encoding="utf-8")
        filled("ingest", folder)
        filled("index", "build")
        result = await client.call_tool("search", {"query": "лиственница", "k": 1})
        assert "причал.txt" in str(result.structured_content)
        filled("forget", "причал.txt")
        result = await client.call_tool("search", {"query": "лиственница"})
        assert not result.is_error
        assert "причал.txt" not in str(result.structured_content)

    _talk(store, talk)


def test_stdout_carries_the_protocol_alone(filled: Run, store: Path) -> None:
    assert filled("status").code == 0
    lines = [
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "x", "version": "1"},
            },
        },
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "search", "arguments": {"query": "storm"}},
        },
    ]
    garbage = ["", "{", "[]", '{"jsonrpc": "2.0"}', "\x00", '{"id": 3}', "[" * 5000]
    given = "".join(f"{each}\n" for each in [*map(json.dumps, lines), *garbage])
    done = subprocess.Popen(
        [sys.executable, "-m", "memctl.cli", "mcp", "--store", str(store)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert done.stdin is not None
    assert done.stdout is not None
    done.stdin.write(given)
    done.stdin.flush()
    answers: dict[int, Any] = {}
    while 2 not in answers:
        said = json.loads(done.stdout.readline())
        assert said["jsonrpc"] == "2.0"
        if "id" in said and said["id"] is not None:
            answers[said["id"]] = said
    rest, errors = done.communicate(timeout=30)
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in rest.splitlines())
    assert answers[1]["result"]["serverInfo"]["name"] == "memctl"
    assert "storm" in str(answers[2]["result"])
    assert done.returncode == 0, errors


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def served(filled: Run, store: Path) -> Generator[tuple[str, subprocess.Popen[bytes]]]:
    """A server over HTTP, by its address."""
    assert filled("status").code == 0
    port = _free_port()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "memctl.cli",
            "mcp",
            "--http",
            "--port",
            str(port),
            "--store",
            store,
        ],
        env={**os.environ, "MEMCTL_MCP_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp", process
    finally:
        process.kill()
        process.wait()


CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "search", "arguments": {"query": "storm"}},
}
HEADERS = {"Accept": "application/json, text/event-stream", "Authorization": f"Bearer {TOKEN}"}


def test_over_http_it_is_asked_with_the_token_and_from_here_alone(
    served: tuple[str, subprocess.Popen[bytes]],
) -> None:
    url, process = served

    async def talk() -> None:
        import httpx2

        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as http:
            transport = streamable_http_client(url, http_client=http)
            async with Client(transport) as client:
                result = await client.call_tool("search", {"query": "storm", "k": 1})
                assert result.structured_content is not None
                assert result.structured_content["hits"][0]["document"] == "en/storm.txt"

    asyncio.run(talk())
    port = url.split(":")[2].split("/")[0]
    with httpx.Client(timeout=20) as http:
        for wrong in (None, "x", TOKEN[:-1], f"{TOKEN}x"):
            headers = {**HEADERS, "Authorization": f"Bearer {wrong}"}
            if wrong is None:
                del headers["Authorization"]
            assert http.post(url, json=CALL, headers=headers).status_code == 401
        assert http.post(f"{url}?token={TOKEN}", json=CALL).status_code == 401
        for name, value in (
            ("Host", "evil.example"),
            ("Host", f"evil.example:{port}"),
            ("Host", "127.0.0.1.evil.example"),
            ("Origin", "http://evil.example"),
            ("Origin", "null"),
            ("Origin", "file://"),
        ):
            refused = http.post(url, json=CALL, headers={**HEADERS, name: value})
            assert refused.status_code == 403, (name, value)
            assert "access-control-allow-origin" not in refused.headers
        large = http.post(url, content=b"{" + b"x" * 4_000_000, headers=HEADERS)
        assert large.status_code == 413
        for body in (b"[" * 100_000, b"\xff\xfe", b"", b"{}", b'{"jsonrpc":"2.0","id":1}'):
            bad = http.post(
                url, content=body, headers={**HEADERS, "Content-Type": "application/json"}
            )
            assert 400 <= bad.status_code < 500, body[:10]
            assert "Traceback" not in bad.text
        for path in ("/../../etc/passwd", "/%2e%2e/etc/passwd", "/.env", "//etc/passwd"):
            lost = http.get(f"http://127.0.0.1:{port}{path}", headers=HEADERS)
            assert 400 <= lost.status_code < 500
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=15)
    assert process.returncode in {0, -signal.SIGTERM, 143}
    assert TOKEN.encode() not in said
    assert b"Traceback" not in said


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [(None, 0o600, "no token"), ("short", 0o600, "no token"), (TOKEN, 0o644, "others may read")],
)
def test_without_a_token_of_ones_own_it_does_not_start(
    filled: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str | None,
    mode: int,
    said: str,
) -> None:
    monkeypatch.delenv("MEMCTL_MCP_TOKEN", raising=False)
    words: list[str | Path] = ["mcp", "--http"]
    if text is not None:
        file = tmp_path / "token"
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)
        words += ["--token-file", file]
    refused = filled(*words)
    assert refused.code == 2
    assert said in refused.err
    assert TOKEN not in refused.err


def test_without_the_sdk_or_a_store_it_says_what_to_do(
    run: Run, filled: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert run("mcp", at=tmp_path / "none").code == 1
    monkeypatch.setattr("memctl.cli.mcp.command.find_spec", _nothing)
    refused = filled("mcp")
    assert refused.code == 2
    assert "pip install 'memctl-rag[mcp]'" in refused.err


def test_memory_is_recalled_and_only_with_write_changed(filled: Run, store: Path) -> None:
    filled("memory", "add", "I live in Oslo")
    told = filled("memory", "recall", "Where do I live?", "--json").json

    async def read(client: Client) -> None:
        found = await client.call_tool("recall", {"question": "Where do I live?"})
        fields = json.loads(_text(found.content[0]))
        assert fields["answer"] == told["answer"] == "Your city is Oslo."
        assert fields["citations"] == told["citations"]
        nothing = await client.call_tool("recall", {"question": "Какая у меня машина?"})
        assert not nothing.is_error
        assert json.loads(_text(nothing.content[0]))["abstained"] is True
        for tool, given in (("remember", {"text": "I am Bob"}), ("forget", {"facts": [1]})):
            refused = await client.call_tool(tool, given)
            assert refused.is_error
            assert "there is no tool" in _text(refused.content[0])
        wrong = await client.call_tool("recall", {"question": "Where?", "as_of": "soon"})
        assert wrong.is_error

    _talk(store, read)

    async def change(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert {"remember", "forget"} <= set(tools)
        annotations = tools["forget"].annotations
        assert annotations is not None
        assert (annotations.read_only_hint, annotations.destructive_hint) == (False, True)
        kept = await client.call_tool("remember", {"text": "Переехал в Омск"})
        (moved,) = json.loads(_text(kept.content[0]))["told"]
        assert moved["value"] == "Омск"
        gone = await client.call_tool("forget", {"facts": [moved["fact"]]})
        assert json.loads(_text(gone.content[0]))["proved"] > 0
        again = await client.call_tool("forget", {"facts": [moved["fact"]]})
        assert again.is_error

    _talk(store, change, "--write")


def test_a_store_without_a_memory_says_so(filled: Run, store: Path) -> None:
    assert filled("status").code == 0

    async def talk(client: Client) -> None:
        refused = await client.call_tool("recall", {"question": "Where do I live?"})
        assert refused.is_error
        assert "there is no memory" in _text(refused.content[0])
        assert str(store) not in _text(refused.content[0])

    _talk(store, talk)
