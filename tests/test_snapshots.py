"""A store is kept as it is, gone back to, compared, and written into one file."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest
from death_support import DeadError, dying
from support import Run

from memctl.ingest import Layout
from memctl.ingest.restoring import mark

NEW = "Новый причал построен в 2020 году. The new pier is made of larch.\n"


def _state(run: Run, at: Path | None = None) -> object:
    hits = [
        run("query", each, "--json", at=at).json["hits"] for each in ("storm", "причал", "чайки")
    ]
    return run("dump", at=at).out, [
        [(hit["document"], hit["score"]) for hit in each] for each in hits
    ]


@pytest.fixture
def changed(filled: Run, folder: Path) -> tuple[Run, object]:
    """A store that was changed since its snapshot ``one``, and what it was then."""
    before = _state(filled)
    assert filled("snapshot", "create", "one").code == 0
    (folder / "новое.txt").write_text(NEW, encoding="utf-8")
    (folder / "en/storm.txt").unlink()
    (folder / "en/tower.md").write_text("# Tower\n\nIt is 48 metres high.\n", encoding="utf-8")
    assert filled("ingest", folder, "--prune").code == 0
    assert filled("index", "build").code == 0
    assert _state(filled) != before
    return filled, before


def test_a_snapshot_answers_like_the_store_that_it_was(
    changed: tuple[Run, object], store: Path
) -> None:
    run, before = changed
    kept = store / "snapshots/one"
    assert _state(run, kept) == before
    assert run("verify", at=kept).code == 0
    refused = run("ingest", store.parent / "docs", at=kept)
    assert refused.code == 1
    assert "is a snapshot, which is only read" in refused.err


def test_vectors_are_shared_and_not_copied(filled: Run, store: Path) -> None:
    filled("snapshot", "create", "one")
    for name in ("vectors-0001.f16", "indexes/default/gen-0001/codes.faiss"):
        assert (store / name).samefile(store / "snapshots/one" / name)
    assert not (store / "catalog.sqlite").samefile(store / "snapshots/one/catalog.sqlite")


def test_a_restore_brings_back_what_was_and_keeps_what_is(
    changed: tuple[Run, object], store: Path, folder: Path
) -> None:
    run, before = changed
    now = _state(run)
    restored = run("snapshot", "restore", "one", "--json").json
    assert restored["kept"]["name"] == "before-one"
    assert _state(run) == before
    assert run("verify").code == 0
    assert run("snapshot", "restore", "before-one", "--no-keep").code == 0
    assert _state(run) == now
    assert run("verify").code == 0
    assert [each["name"] for each in run("snapshot", "list", "--json").json["snapshots"]] == [
        "one",
        "before-one",
    ]
    # What is added after it is no part of any snapshot, though they share the vector file.
    run("snapshot", "restore", "one")
    (folder / "ещё.txt").write_text("Ещё одна запись о маяке.\n", encoding="utf-8")
    run("ingest", folder)
    for name in ("one", "before-one"):
        assert run("verify", at=store / "snapshots" / name).code == 0
    assert _state(run, store / "snapshots/before-one") == now


def test_restoring_again_and_again_never_touches_a_snapshot(
    filled: Run, folder: Path, store: Path
) -> None:
    """A restore that has nothing to do, then one that has: both share and copy the same file."""
    filled("snapshot", "create", "one")
    before = _state(filled)
    for turn in range(3):
        assert filled("snapshot", "restore", "one", "--no-keep").code == 0
        assert filled("snapshot", "restore", "one", "--no-keep").code == 0
        assert not list(store.glob("*.new"))
        (folder / "новое.txt").write_text(f"{turn}. {NEW}", encoding="utf-8")
        assert filled("ingest", folder).code == 0
        assert filled("verify").code == 0, turn
        assert filled("snapshot", "restore", "one", "--no-keep").code == 0
        assert _state(filled) == before
        assert filled("verify").code == 0, turn


@pytest.mark.parametrize("words", [["restore", "one"], ["create", "two"], ["drop", "one"]])
def test_death_at_any_write_leaves_one_state_or_the_other(
    changed: tuple[Run, object],
    store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
) -> None:
    run, before = changed
    now, trial, writes, seen = _state(run), tmp_path / "trial", 0, set[str]()
    while True:
        shutil.copytree(store, trial, copy_function=os.link)
        for file in ("catalog.sqlite", "catalog.seal"):  # these are changed in place
            (trial / file).unlink()
            shutil.copyfile(store / file, trial / file)
        with dying(monkeypatch, writes) as left, suppress(DeadError):
            run("snapshot", *words, at=trial)
        found = _state(run, trial)
        assert found in (before, now), writes
        seen.add("before" if found == before else "now")
        assert run("gc", at=trial).code == 0, writes
        assert _state(run, trial) == found, writes
        assert run("verify", at=trial).code == 0, writes
        shutil.rmtree(trial)
        if left[0] >= 0:
            break
        writes += 1
    assert writes >= 5
    assert seen == ({"before", "now"} if words[0] == "restore" else {"now"})


@pytest.mark.parametrize("name", ["../out", "a/b", "", ".hidden", "снимок/…"])
def test_a_name_that_is_a_path_is_none(filled: Run, store: Path, name: str) -> None:
    for words in (["restore", name], ["drop", name]):
        refused = filled("snapshot", *words)
        assert refused.code == 2
        assert "no snapshot" in refused.err
    if name:
        assert filled("snapshot", "create", name).code == 2
    assert not (store / "snapshots").exists()


def test_names_may_be_russian_and_are_not_taken_twice(filled: Run) -> None:
    assert filled("snapshot", "create", "до-весны").code == 0
    again = filled("snapshot", "create", "до-весны")
    assert again.code == 2
    assert "already" in again.err
    assert "до-весны" in filled("snapshot", "list").out
    assert filled("snapshot", "drop", "до-весны").code == 0
    assert filled("snapshot", "list", "--json").json["snapshots"] == []


def test_a_mark_that_leads_nowhere_is_told(filled: Run, store: Path) -> None:
    mark(Layout(store), "../../elsewhere")
    for words in (["query", "storm"], ["gc"]):
        refused = filled(*words)
        assert refused.code == 1
        assert "restoring.json names a snapshot that is not there" in refused.err


def test_diff_says_what_is_different(
    changed: tuple[Run, object], store: Path, tmp_path: Path
) -> None:
    run, _ = changed
    settings = store / "memctl.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("seconds = 30", "seconds = 31"), "utf-8"
    )
    questions = tmp_path / "questions.jsonl"
    questions.write_text(
        '{"_id": "1", "text": "How high is the tower?"}\n'
        '{"_id": "2", "text": "Кто был смотрителем маяка?"}\n'
        '{"_id": "3", "text": "Когда построен новый причал?"}\n',
        encoding="utf-8",
    )
    found = run("diff", "one", "--questions", questions, "--json").json
    assert found["added"] == ["новое.txt"]
    assert found["removed"] == ["en/storm.txt"]
    assert found["changed"] == ["en/tower.md"]
    assert found["settings"] == [{"name": "limits.seconds", "old": 30, "new": 31}]
    assert {each["id"] for each in found["answers"]} == {"1", "3"}
    shown = run("diff", "one").out
    for line in ("+ новое.txt", "- en/storm.txt", "~ en/tower.md", "limits.seconds: 30 → 31"):
        assert line in shown
    assert "The two are alike." in run("diff", "one", "one").out
    assert run("diff", "two").code == 2


@pytest.fixture
def packed(filled: Run, tmp_path: Path) -> Path:
    file = tmp_path / "notes.memctl"
    assert filled("export", file).code == 0
    return file


def test_a_store_goes_through_one_file(filled: Run, packed: Path, tmp_path: Path) -> None:
    made = tmp_path / "made"
    read = filled("import", packed, "--json", at=made)
    assert read.json["indexes"] == ["default"]
    assert _state(filled, made) == _state(filled)
    assert filled("verify", at=made).code == 0
    assert filled("diff", made).out.endswith("The two are alike.\n")
    assert filled("import", packed, at=made).code == 1
    assert filled("export", packed).code == 2
    assert filled("export", packed, "--force").code == 0


def _rewritten(file: Path, changes: dict[str, bytes | None], *, told: bool) -> None:
    with ZipFile(file) as old:
        members = {name: old.read(name) for name in old.namelist()}
    manifest = json.loads(members["manifest.json"])
    for name, data in changes.items():
        if data is None:
            members.pop(name)
        else:
            members[name] = data
        if told and data is not None and name != "manifest.json":
            digest = hashlib.sha256(data).hexdigest()
            manifest["files"][name] = {"sha256": digest, "bytes": len(data)}
    if told:
        members["manifest.json"] = json.dumps(manifest).encode()
    with ZipFile(file, "w", ZIP_STORED) as new:
        for name, data in members.items():
            new.writestr(name, data)


HOSTILE: dict[str, tuple[dict[str, bytes | None], bool]] = {
    "a path that leads out": ({"../../evil.txt": b"x"}, True),
    "an absolute path": ({"/tmp/evil.txt": b"x"}, True),
    "a name of Windows": ({"..\\evil.txt": b"x"}, True),
    "an index of FAISS": ({"indexes/default/gen-0001/codes.faiss": b"IxFI"}, True),
    "a file that is not told": ({"synonyms.txt": b"a = b\n"}, False),
    "other vectors": ({"vectors-0001.f16": b"\0" * 3072}, False),
    "vectors of zeros": ({"vectors-0001.f16": b"\0" * 3072}, True),
    "no catalog": ({"catalog.sqlite": None}, False),
    "a catalog that is none": ({"catalog.sqlite": b"SQLite format 3\0" * 999}, True),
    "no manifest": ({"manifest.json": None}, False),
    "a manifest of a list": ({"manifest.json": b"[]"}, False),
    "a bomb": ({"memctl.toml": b"#" * 50_000_000}, False),
}


def test_a_file_that_is_not_there_is_told(filled: Run, tmp_path: Path) -> None:
    refused = filled("import", tmp_path / "none.memctl", at=tmp_path / "made")
    assert refused.code == 1
    assert "there is no file" in refused.err
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_whole_export_makes_no_store(
    filled: Run, packed: Path, tmp_path: Path, name: str
) -> None:
    changes, told = HOSTILE[name]
    _rewritten(packed, changes, told=told)
    before = set(tmp_path.rglob("*"))
    refused = filled("import", packed, at=tmp_path / "made")
    assert refused.code == 1
    assert "is no whole export of a store" in refused.err
    assert "Traceback" not in refused.err
    assert set(tmp_path.rglob("*")) == before


def test_every_byte_of_an_export_counts(filled: Run, packed: Path, tmp_path: Path) -> None:
    data = packed.read_bytes()
    for at in range(0, len(data), len(data) // 40):
        damaged = bytearray(data)
        damaged[at] ^= 4
        packed.write_bytes(damaged)
        made = tmp_path / f"made{at}"
        if filled("import", packed, at=made).code == 0:  # a date, or what nobody reads
            assert filled("diff", made).out.endswith("The two are alike.\n"), at
        else:
            assert not made.exists(), at


def test_readers_of_somebody_else_are_left_out(filled: Run, store: Path, tmp_path: Path) -> None:
    settings = store / "memctl.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(f'{text}".xyz" = "os:system"\n', encoding="utf-8")
    filled("export", tmp_path / "x.memctl")
    filled("import", tmp_path / "x.memctl", at=tmp_path / "made")
    assert "os:system" not in (tmp_path / "made/memctl.toml").read_text(encoding="utf-8")
    assert filled("query", "storm", at=tmp_path / "made").code == 0


@pytest.mark.parametrize(
    "name",
    [
        "catalog.sqlite",
        "catalog.seal",
        "vectors-0001.f16",
        "snapshot.json",
        "indexes/default/manifest.json",
        "lexical/manifest.json",
    ],
)
def test_verify_reads_the_snapshots_too(filled: Run, store: Path, name: str) -> None:
    filled("snapshot", "create", "one")
    assert filled("verify").code == 0
    file = store / "snapshots/one" / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.unlink()  # it may be shared
    file.write_bytes(data)
    found = filled("verify")
    assert found.code == 1
    assert "snapshot one" in found.out
    assert "memctl snapshot drop one" in found.out
    assert filled("verify", "--no-snapshots").code == 0
    file.unlink()
    assert filled("verify").code == 1


def test_the_shell_completes_names(filled: Run, store: Path) -> None:
    for name in ("весна", "весна-2", "one"):
        filled("snapshot", "create", name)
    done = subprocess.run(
        [Path(sys.executable).parent / "memctl"],
        env={
            **os.environ,
            "MEMCTL_STORE": str(store),
            "_MEMCTL_COMPLETE": "complete_bash",
            "COMP_WORDS": "memctl snapshot restore вес",
            "COMP_CWORD": "3",
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout.split() == ["весна", "весна-2"]
