"""A migration that dies at any step leaves the old embedder serving, or the new one, whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from migration_support import check_vectors, hits, narrow, served
from support import Run

from memctl.index.cutover import accept, discard, rollback
from memctl.index.migration import migrate
from memctl.ingest import Layout, Store, StoreError, VectorFile
from memctl.ingest.catalog import Catalog
from memctl.ingest.vectors import Vectors

NEW = "Новый маяк выше старого. The new one is taller.\n"


class DeadError(BaseException):
    """The process is gone: nothing is written after it."""


class Fate:
    """Lets so many writes happen, then none for ever."""

    def __init__(self, writes: int) -> None:
        self.left = writes

    def step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise DeadError


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, fate: Fate) -> Generator[None]:
    """Have every write to disk ask ``fate`` first; vectors are torn, transactions rolled back."""

    def asking(function: Callable[..., object]) -> Callable[..., object]:
        def asked(*args: object, **kwargs: object) -> object:
            fate.step()
            return function(*args, **kwargs)

        return asked

    whole, transaction = VectorFile.put, Catalog.transaction

    def put(self: VectorFile, vectors: Vectors, lines: list[int], **where: int) -> bytes:
        fate.step()
        try:
            fate.step()
        except DeadError:
            half = len(lines) // 2
            garbage = np.full_like(vectors[:half], 0.3)
            whole(self, garbage, lines[:half], **where)
            raise
        return whole(self, vectors, lines, **where)

    @contextmanager
    def begun(self: Catalog) -> Generator[None]:
        fate.step()
        with transaction(self):
            yield
            fate.step()
        fate.step()

    with monkeypatch.context() as patch:
        patch.setattr(VectorFile, "put", put)
        patch.setattr(Catalog, "transaction", begun)
        patch.setattr(os, "fsync", asking(os.fsync))
        patch.setattr(shutil, "rmtree", asking(shutil.rmtree))
        for name in ("replace", "rename", "unlink", "touch"):
            patch.setattr(Path, name, asking(getattr(Path, name)))
        yield


def _migrated(store: Path) -> None:
    migrate(store, "narrow")
    accept(store)


def _begin(run: Run, folder: Path, steps: str) -> None:
    """Bring the store to where the steps that are to be killed begin."""
    if steps in {"rollback", "discard"}:
        run("index", "migrate", "--embedder", "narrow")
        run("index", "migrate", "--accept")
    if steps == "late":
        run("index", "migrate", "--embedder", "narrow")
    if steps in {"late", "rollback"}:
        (folder / "new.txt").write_text(NEW, encoding="utf-8")
        run("ingest", folder)


STEPS: dict[str, Callable[[Path], object]] = {
    "migrate": _migrated,
    "late": accept,
    "rollback": rollback,
    "discard": discard,
}


@pytest.mark.parametrize("steps", STEPS)
def test_death_at_any_write_leaves_one_embedder_whole_and_the_rest_to_go_on_with(
    filled: Run,
    folder: Path,
    store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    steps: str,
) -> None:
    narrow(monkeypatch)
    _begin(filled, folder, steps)
    done = tmp_path / "done"
    shutil.copytree(store, done)
    STEPS[steps](done)
    ends = {"old": hits(store), "new": hits(done)}
    wanted = _made(done)
    seen: set[str] = set()
    writes, fate = -1, Fate(-1)
    while fate.left < 0:
        writes += 1
        trial = tmp_path / "trial"
        shutil.copytree(store, trial)
        fate = Fate(writes)
        with dying(monkeypatch, fate), suppress(DeadError):
            STEPS[steps](trial)
        found = hits(trial)
        assert found in ends.values(), (steps, writes)
        seen.add("new" if found == ends["new"] else "old")
        check_vectors(trial)
        _finish(trial, steps)
        assert _made(trial) == wanted, (steps, writes)
        shutil.rmtree(trial)
    assert writes >= 5
    assert seen == ({"new"} if ends["old"] == ends["new"] else {"old", "new"})


def _made(store: Path) -> dict[str, bytes]:
    """The files that serve, whichever generation of the index they are of, but for the manifest.

    That tells what the build took.
    """
    files = {Path(name).name: data for name, data in served(store).items()}
    del files["manifest.json"]
    return files


def _finish(store: Path, steps: str) -> None:
    """Do again what was killed, where it was not done."""
    with Store.open(store) as opened:
        serving, beside = opened.generation.embedder, opened.beside()
    if steps == "rollback" and serving == "narrow":
        rollback(store)
    elif steps == "discard" and beside is not None:
        discard(store)
    elif steps in {"migrate", "late"} and serving == "hashing":
        migrate(store, "narrow")
        accept(store)
    else:  # the settings, or files to remove, may be left
        with pytest.raises(StoreError, match="nothing"):
            _settle(store)


def _settle(store: Path) -> None:
    from memctl.index.shadow import writing

    with writing(store):
        raise StoreError("nothing more")


def test_a_full_disk_stops_it_and_what_was_embedded_is_kept(
    filled: Run, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = narrow(monkeypatch)
    before, found = served(store), hits(store)
    full = OSError(28, "No space left on device")

    def refuse(*_: object, **__: object) -> None:
        raise full

    for where in ("memctl.ingest.vectors.VectorFile.put", "memctl.index.files.FileFact"):
        with monkeypatch.context() as patch:
            patch.setattr(where, refuse)
            result = filled("index", "migrate", "--embedder", "narrow")
        assert result.code == 1
        assert "No space left on device" in result.err
        assert (served(store), hits(store)) == (before, found)
    assert len(made) == 12  # once for each disk: only what was written is not made again
    assert filled("index", "migrate").code == 0
    assert filled("index", "migrate", "--accept").code == 0
    assert len(made) == 12


def test_an_interruption_keeps_what_was_embedded(
    run: Run, tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rows.jsonl"
    lines = [f'{{"_id": "{n}", "text": "строка {n} of the log"}}' for n in range(200)]
    file.write_text("\n".join(lines), encoding="utf-8")
    run("ingest", file, "--embedder", "hashing")
    run("index", "build")
    made = narrow(monkeypatch)

    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("memctl.ingest.refill._SECONDS", 0.0)
        patch.setattr("memctl.ingest.refill._SHARE", 0)
        patch.setattr("memctl.ingest.refill._Filling._advance_catalog", pressed)
        assert run("index", "migrate", "--embedder", "narrow").code == 130
    made.clear()
    assert run("index", "migrate").code == 0
    assert run("index", "migrate", "--accept").code == 0
    assert len(made) == len(set(made))
    check_vectors(store)


# Embeds slowly, and notes each text whose vector it has made.
NOTING = """
import os, sys, time
sys.path.insert(0, sys.argv.pop(1))
from migration_support import Narrow
from memctl.ingest.embedders.registry import KINDS, Kind
log = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
at_once = Narrow.embed
def embed(self, texts, *, role):
    if role == "document":
        time.sleep(0.003 * len(texts))
        os.write(log, b"." * len(texts))
    return at_once(self, texts, role=role)
Narrow.embed = embed
KINDS["narrow"] = Kind("narrow", "narrow", make=lambda _, __: Narrow())
from memctl.cli.__main__ import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process group is killed")
def test_a_killed_process_has_kept_all_but_its_last_batches(
    run: Run, tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow(monkeypatch)
    file, log = tmp_path / "rows.jsonl", tmp_path / "log"
    lines = [f'{{"_id": "{n}", "text": "строка {n} of the log"}}' for n in range(1200)]
    file.write_text("\n".join(lines), encoding="utf-8")
    run("ingest", file, "--embedder", "hashing")
    run("index", "build")
    found = hits(store)
    here = str(Path(__file__).parent)
    words = ["index", "migrate", "--embedder", "narrow", "--store", str(store)]
    command = [sys.executable, "-c", NOTING, here, str(log), *words]
    lacking = 1200
    for wanted in (500, 1100):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        while process.poll() is None and (not log.exists() or log.stat().st_size < wanted):
            pass
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert hits(store) == found
        left = run("status", "--json").json["beside"]["lacking"]
        assert 0 < left < lacking
        lacking = left
    assert run("index", "migrate", "--json").json["embedded"] == lacking
    assert run("index", "migrate", "--accept").code == 0
    check_vectors(store)
    with Store.open(store) as opened:
        assert opened.layout == Layout(store, 2)
