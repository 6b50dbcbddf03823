"""No network that was not asked for, and a store for its owner alone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from support import Run

from memctl.ingest.environment import look

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")


def _memctl(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "memctl.cli", *map(str, words)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_the_files_of_a_store_are_for_its_owner_alone(
    folder: Path, run: Run, store: Path, umask: int
) -> None:
    before = os.umask(umask)
    try:
        run("ingest", folder, "--embedder", "hashing")
        run("index", "build")
        run("snapshot", "create", "one")
        run("forget", "en/storm.txt")
    finally:
        os.umask(before)
    modes = {path: path.lstat().st_mode for path in (store, *store.rglob("*"))}
    open_ = {str(path): stat.filemode(mode) for path, mode in modes.items() if mode & 0o077}
    assert open_ == {}
    assert len(modes) > 20


def test_offline_names_who_wanted_what(folder: Path, store: Path) -> None:
    options = ("--store", store, "--embedder", "openai:text-embedding-3-small")
    for words, environment in ((["--offline"], {}), ([], {"MEMCTL_OFFLINE": "1"})):
        found = _memctl(
            *words, "ingest", folder, *options, MEMCTL_OPENAI_API_KEY="x", **environment
        )
        assert found.returncode == 1
        assert "memctl.ingest.embedders.endpoint wants to reach api.openai.com" in found.stderr
        assert "Leave out --offline" in found.stderr
        assert not (store / "catalog.sqlite").exists()


def test_offline_all_that_is_local_works(folder: Path, store: Path) -> None:
    for words in (
        ["ingest", folder, "--embedder", "hashing"],
        ["index", "build"],
        ["query", "маяк"],
        ["ask", "How high is the tower?"],
    ):
        found = _memctl("--offline", *words, "--store", store)
        assert found.returncode in {0, 4}, found.stderr


@pytest.mark.parametrize(
    ("code", "forbidden"),
    [
        ("socket.create_connection(('192.0.2.1', 80), timeout=1)", "192.0.2.1"),
        ("socket.getaddrinfo('example.com', 80)", "example.com"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))", "192.0.2.1"),
        ("urllib.request.urlopen('http://example.com', timeout=1)", "example.com"),
        ("socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))", "2001:db8::1"),
        (
            "server = socket.create_server(('127.0.0.1', 0));"
            "socket.create_connection(server.getsockname())",
            "",
        ),
        ("socket.getaddrinfo('localhost', 80)", ""),
    ],
)
def test_every_way_out_is_closed(code: str, forbidden: str) -> None:
    script = (
        "import socket, urllib.request\n"
        "from memctl.ingest.offline import OfflineError, forbid_network\n"
        "forbid_network()\n"
        f"try:\n    {code}\nexcept OfflineError as error:\n    print(error)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert (f"wants to reach {forbidden}" in found.stdout) == bool(forbidden)


def test_the_machine_is_looked_at(filled: Run, store: Path, tmp_path: Path) -> None:
    names = {check.name for check in look(store)}
    assert {"python", "faiss-cpu", "model e5-small", "room for the store", "open files"} <= names
    machine = filled("doctor", "--json").json["machine"]
    assert all(each["advice"] == "" for each in machine)
    assert "There is no store at" in filled("doctor", at=tmp_path / "none").out


def test_what_is_amiss_with_the_machine_is_said(
    filled: Run, store: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"x / ext4 rw 0 0\ny {store} nfs4 rw 0 0\n", encoding="utf-8")
    monkeypatch.setattr("memctl.ingest.environment._MOUNTS", mounts)
    monkeypatch.setattr("memctl.ingest.environment._LITTLE", 1 << 80)
    monkeypatch.setattr("memctl.ingest.environment._PACKAGES", ("no-such-package",))
    (store / "restoring.json").touch()
    checks = {check.name: check.advice for check in look(store)}
    (store / "restoring.json").unlink()
    assert "Locks may not hold there" in checks["file system"]
    assert checks["room for the store"].startswith("Make room")
    assert "pip install" in checks["no-such-package"]
    assert "goes on with it" in checks["snapshot"]
    shown = filled("doctor").out
    assert "file system: nfs4" in shown
    assert "Machine is fit" not in shown


def test_logs_hold_no_document_text_but_for_debug(folder: Path, store: Path) -> None:
    options = ("--store", store)
    for level, told in (("info", False), ("warning", False), ("debug", True)):
        root = store / level
        talk = [
            _memctl("--log-level", level, *words, "--store", root).stderr
            for words in (
                ["ingest", folder, "--embedder", "hashing"],
                ["index", "build"],
                ["query", "чайки"],
            )
        ]
        assert ("около 4711 птиц" in talk[0]) == told
        assert ("около 4711 птиц" in talk[2]) == told
    assert _memctl("--log-level", "loud", "status", *options).returncode == 2
