"""The folder, the store and the commands that most tests begin with."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from chat_support import KEY, Chat, chatting
from hypothesis import settings
from support import FILES, Result, Run
from typer.testing import CliRunner

from memctl.cli.app import app

# The model is built once for all tests and for the processes that they start, away from the
# user's own cache.
os.environ.setdefault("MEMCTL_CACHE", str(Path(__file__).parent.parent / "build" / "cache"))
# A busy machine is no failure.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of five files that hold six documents."""
    root = tmp_path / "docs"
    for name, text in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where a store will be."""
    return tmp_path / "store"


@pytest.fixture
def run(store: Path) -> Run:
    """Run a command on the store, in this process."""

    def call(*words: str | Path, at: Path | None = None) -> Result:
        argv = [*map(str, words), "--store", str(at or store)]
        result = CliRunner().invoke(app, argv)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Result(result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture
def filled(folder: Path, run: Run) -> Run:
    """Run commands on a store that holds the folder, embedded by hashing, and an index of it."""
    assert run("ingest", folder, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    return run


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Generator[Chat]:
    """An endpoint of a language model, asked with a key and without a pause between tries."""
    monkeypatch.setattr("memctl.ingest.embedders.endpoint._PAUSE", 0.0)
    with chatting() as found:
        monkeypatch.setenv("MEMCTL_OPENAI_BASE_URL", found.url)
        monkeypatch.setenv("MEMCTL_OPENAI_API_KEY", KEY)
        yield found
