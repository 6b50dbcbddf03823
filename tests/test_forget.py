"""What is forgotten is in no file of the store, and nothing else is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from death_support import DeadError, dying
from support import Run

from memctl.index.dense import DenseIndex
from memctl.index.forgetting import forget
from memctl.index.library import faiss
from memctl.index.proof import gather, search
from memctl.ingest import Layout, Store
from memctl.ingest.receipts import name_of, receipts
from memctl.query import How, Searcher

SECRETS = {
    "тайна.txt": "Пароль от сейфа zqxwvutsrq хранится у двоюродного дедушки Евлампия Никанорова.\n",
    "secret.md": "# Hidden plan\n\nThe treasure kjhgfdsaqwe lies below the flagstone of Ottery.\n",
}
NEEDLES = ("zqxwvutsrq", "Евлампия", "евлампи", "kjhgfdsaqwe", "flagstone", "Ottery")


@pytest.fixture
def secret(folder: Path, run: Run) -> Run:
    """A store with two secrets among other documents, and an index of it."""
    for name, text in SECRETS.items():
        (folder / name).write_text(text, encoding="utf-8")
    for number in range(40):
        text = f"Note {number} on rope, lamp and tide. Заметка {number} о канате и приливе.\n"
        (folder / f"note{number}.txt").write_text(text, encoding="utf-8")
    assert run("ingest", folder, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    return run


def _holding(store: Path) -> list[str]:
    spoken = [
        needle.encode(way) for needle in NEEDLES for way in ("utf-8", "utf-16-le", "utf-16-be")
    ]
    files = (file for file in store.rglob("*") if file.is_file())
    return [
        str(file.relative_to(store))
        for file in files
        if any(n in file.read_bytes() for n in spoken)
    ]


def test_no_byte_of_it_is_left_and_all_else_is_found(secret: Run, store: Path) -> None:
    assert _holding(store)
    before = json.loads(secret("query", "note 7 rope", "--json").out)["hits"][0]["document"]
    done = secret("forget", *SECRETS, "--prove", "--json").json
    assert done["documents"] == sorted(SECRETS)
    assert done["receipt"]["proved"] > 5
    assert _holding(store) == []
    for question in ("сейф Евлампий", "treasure flagstone"):
        hits = secret("query", question, "--json").json["hits"]
        assert not {hit["document"] for hit in hits} & set(SECRETS)
    assert json.loads(secret("query", "note 7 rope", "--json").out)["hits"][0]["document"] == before
    assert secret("verify").code == 0
    assert len(secret("list").out.splitlines()) == 46
    assert secret("status", "--json").json["indexes"][0]["behind"] is False


def test_the_files_that_are_still_there_are_named(secret: Run, folder: Path) -> None:
    shown = secret("forget", "secret.md")
    assert "secret.md is still there, and the next ingest would read it again" in shown.err
    assert secret("ingest", folder, "--json").json["files"]["added"] == 1


def test_snapshots_that_hold_it_are_named(secret: Run, store: Path) -> None:
    secret("snapshot", "create", "old")
    done = secret("forget", "secret.md", "--prove")
    assert "the snapshot old still holds it: memctl snapshot drop old" in done.err
    assert secret("forget", "тайна.txt", "--json").json["snapshots"] == ["old"]
    assert all(name.startswith("snapshots/old/") for name in _holding(store))
    secret("snapshot", "drop", "old")
    assert _holding(store) == []


@pytest.mark.parametrize("kind", ["flat", "sq8", "hnsw", "ivf-flat", "ivf-sq8"])
def test_no_centroid_and_no_code_keeps_a_vector(secret: Run, store: Path, kind: str) -> None:
    more = [] if "ivf" not in kind else ["--nlist", "40"]
    assert secret("index", "build", "--type", kind, *more, "--target-recall", "0.1").code == 0
    with Store.open(store) as opened:
        rows = [c.row for name in SECRETS for c in opened.catalog.chunks_of(name)]
        sought = gather(opened, list(SECRETS.values()), rows)
    forget(store, list(SECRETS), prove=True)
    with Store.open(store) as opened:
        assert search(opened, sought)[1] == []
        index = DenseIndex.open(opened)
        vectors = sought.vectors[0][1]
        if "ivf" in kind:
            inner = faiss().downcast_index(index.engine.parts[0])
            quantizer = faiss().downcast_index(inner.quantizer)
            centroids = quantizer.reconstruct_n(0, quantizer.ntotal)
            assert min(np.linalg.norm(centroids - each, axis=1).min() for each in vectors) > 0.01
        dead = opened.vectors.map(opened.rows)[rows]
        assert not dead.any()


def test_what_is_only_removed_is_found_by_the_proof(secret: Run, folder: Path, store: Path) -> None:
    """The proof can fail: removing is not forgetting, and an index may keep what it was made of."""
    secret("index", "build", "--type", "ivf-flat", "--nlist", "46", "--target-recall", "0.1")
    with Store.open(store) as opened:
        rows = [c.row for name in SECRETS for c in opened.catalog.chunks_of(name)]
        sought = gather(opened, list(SECRETS.values()), rows)
        assert search(opened, sought)[1] == []  # documents that are there may say it
    for name in SECRETS:
        (folder / name).unlink()
    secret("ingest", folder, "--prune")
    with Store.open(store) as opened:
        found = search(opened, sought)[1]
    assert str(store / "vectors-0001.f16") in found
    assert "the index default" in found
    assert secret("gc").code == 0
    (store / "left.tmp").write_bytes(SECRETS["тайна.txt"][16:].encode("utf-16-le"))
    with Store.open(store) as opened:
        assert str(store / "left.tmp") in search(opened, sought)[1]


def test_files_patterns_and_filters_name_documents(secret: Run) -> None:
    assert secret("forget", "rows.jsonl", "--json").json["documents"] == [
        "rows.jsonl#a1",
        "rows.jsonl#b2",
    ]
    assert len(secret("forget", "note1*.txt", "--json").json["documents"]) == 11
    done = secret("forget", "--filter", "lang:ru", "--filter", "file:ru/*", "--json").json
    assert done["documents"] == ["ru/маяк.md", "ru/чайки.txt"]
    for words, said in ((["nothing.txt"], "no document"), ([], "no document to forget")):
        refused = secret("forget", *words)
        assert refused.code == 2
        assert said in refused.err


def test_a_store_may_be_forgotten_whole(filled: Run, folder: Path) -> None:
    assert filled("forget", "*", "--prove").code == 0
    assert filled("verify").code == 0
    assert filled("list").out == ""
    assert filled("ingest", folder).code == 0
    assert filled("index", "build").code == 0
    assert filled("verify").code == 0


def test_what_was_asked_in_the_shell_is_forgotten_too(secret: Run, store: Path) -> None:
    history = Layout(store).history
    history.write_text("# 2026\n+где zqxwvutsrq\n\n# 2026\n+where is the lamp\n", encoding="utf-8")
    secret("forget", "тайна.txt", "--prove")
    assert "zqxwvutsrq" not in history.read_text(encoding="utf-8")
    assert "where is the lamp" in history.read_text(encoding="utf-8")


def test_receipts_say_that_and_not_what(secret: Run, store: Path) -> None:
    secret("forget", "тайна.txt", "--prove")
    secret("forget", "secret.md")
    layout = Layout(store)
    text = layout.receipts.read_text(encoding="utf-8")
    assert not any(word in text for word in (*NEEDLES, "тайна", "secret.md"))
    with Store.open(store) as opened:
        found = receipts(opened)
    assert [each.proved > 0 for each in found] == [True, False]
    assert found[1].names == (name_of(layout.receipts_key.read_bytes(), "secret.md"),)
    shown = secret("forget", "--receipts").out.splitlines()
    assert len(shown) == 2
    assert "proved" in shown[0]
    assert "not proved" in shown[1]


def _changed(lines: list[str], number: int) -> list[str]:
    return [
        *lines[:number],
        lines[number].replace('"chunks": 1', '"chunks": 2'),
        *lines[number + 1 :],
    ]


TAMPERED: dict[str, Callable[[list[str]], list[str]]] = {
    "a line is changed": lambda lines: _changed(lines, 1),
    "the first is gone": lambda lines: lines[1:],
    "the last is gone": lambda lines: lines[:-1],
    "all are gone": lambda _: [],
    "one is gone": lambda lines: [lines[0], lines[2]],
    "two have changed places": lambda lines: [lines[1], lines[0], lines[2]],
    "one stands twice": lambda lines: [*lines, lines[2]],
    "one is no JSON": lambda lines: [lines[0], "{", lines[2]],
}


@pytest.mark.parametrize("name", TAMPERED)
def test_receipts_that_were_tampered_with_are_told(secret: Run, store: Path, name: str) -> None:
    for number in range(3):
        secret("forget", f"note{number}.txt")
    file = Layout(store).receipts
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("".join(f"{line}\n" for line in TAMPERED[name](lines)), encoding="utf-8")
    assert secret("forget", "--receipts").code == 1
    assert secret("verify").code == 1
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    assert secret("verify").code == 0


def test_every_byte_of_the_receipts_counts(filled: Run, store: Path) -> None:
    filled("forget", "en/*")
    filled("forget", "ru/*")
    file = Layout(store).receipts
    whole = file.read_bytes()
    with Store.open(store) as opened:
        assert len(receipts(opened)) == 2
        for at in range(len(whole)):
            data = bytearray(whole)
            data[at] ^= 1
            file.write_bytes(data)
            with pytest.raises(ValueError, match=r"line|last"):
                receipts(opened)


def test_death_at_any_write_forgets_all_or_nothing_and_gc_finishes_it(
    secret: Run, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial, writes, seen = tmp_path / "trial", 0, set[bool]()
    while True:
        shutil.copytree(store, trial)
        with dying(monkeypatch, writes) as left, suppress(DeadError):
            secret("forget", *SECRETS, at=trial)
        listed = secret("list", at=trial).out.splitlines()
        gone = not set(SECRETS) & set(listed)
        assert gone or set(SECRETS) <= set(listed), writes
        seen.add(gone)
        assert secret("verify", at=trial).code == 0, writes
        hits = secret("query", "сейф Евлампий", "--json", at=trial).json["hits"]
        assert bool(set(SECRETS) & {hit["document"] for hit in hits}) != gone
        if gone:
            assert secret("gc", at=trial).code == 0, writes
            assert _holding(trial) == [], writes
            assert secret("verify", at=trial).code == 0, writes
        shutil.rmtree(trial)
        if left[0] >= 0:
            break
        writes += 3  # each step of two follows or precedes one that is tried
    assert writes > 20
    assert seen == {False, True}


def test_damaged_vectors_are_not_taken_over(filled: Run, store: Path) -> None:
    file = store / "vectors-0001.f16"
    data = bytearray(file.read_bytes())
    data[40] ^= 1
    file.write_bytes(data)
    for words in (["forget", "en/storm.txt"], ["index", "build", "--force"]):
        refused = filled(*words)
        assert refused.code == 1
        assert "damaged in rows" in refused.err
        assert "memctl repair" in refused.err
    assert "en/storm.txt" in filled("list").out
    assert filled("repair").code == 0
    assert filled("forget", "en/storm.txt", "--prove").code == 0
    assert filled("verify").code == 0


def test_gc_frees_what_nothing_holds(filled: Run, folder: Path, store: Path) -> None:
    (folder / "ru/чайки.txt").unlink()
    filled("ingest", folder, "--prune")
    (store / "catalog.partial").write_bytes(b"x" * 9000)
    (store / "indexes/default/building").mkdir()
    assert filled("gc", "--dry-run", "--json").json == {
        "schema": "memctl.gc/1",
        "unused_vectors": 1,
        "freed": 0,
    }
    before = [each["document"] for each in filled("query", "маяк", "--json").json["hits"]]
    assert filled("gc", "--json").json["freed"] > 9000
    assert not (store / "catalog.partial").exists()
    assert [each["document"] for each in filled("query", "маяк", "--json").json["hits"]] == before
    assert filled("verify").code == 0
    assert filled("gc", "--json").json == {
        "schema": "memctl.gc/1",
        "unused_vectors": 0,
        "freed": 0,
    }
    (folder / "ru/чайки.txt").write_text("Снова чайки на скалах.\n", encoding="utf-8")
    assert filled("ingest", folder).code == 0
    assert filled("index", "build").code == 0
    assert filled("verify").code == 0


def test_who_has_opened_a_store_goes_on_when_its_vectors_are_replaced(
    filled: Run, folder: Path, store: Path
) -> None:
    filled("snapshot", "create", "one")
    with Searcher.open(store) as searcher:
        how = How("hybrid", diversity=0.3)
        found = [hit.document for hit in searcher.search(["чайки на скалах"], 3, how=how)[0]]
        (folder / "ru/чайки.txt").write_text("Другое.\n", encoding="utf-8")
        filled("ingest", folder)
        filled("gc")
        filled("index", "build")
        after = [hit.document for hit in searcher.search(["смотритель маяка"], 3, how=how)[0]]
        assert "ru/маяк.md" in after
        filled("forget", "en/storm.txt")
        again = searcher.search(["storm and lamp"], 5, how=how)[0]
        assert "en/storm.txt" not in [hit.document for hit in again]
        filled("snapshot", "restore", "one")
        searcher.search(["чайки на скалах"], 3, how=how)
    with Searcher.open(store) as searcher:
        hits = searcher.search(["чайки на скалах"], 3, how=how)[0]
        assert [hit.document for hit in hits] == found
