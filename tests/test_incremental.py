from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from support import FILES, HASHING, edit, laid_texts

from memctl.ingest import DocumentRecord, Options, Store, Vectors, estimate, ingest
from memctl.ingest.embedders.hashing import HashingEmbedder
from memctl.ingest.parsed import Parsed
from memctl.ingest.records import NoteRecord
from memctl.ingest.writer import Writer


def test_a_renamed_or_moved_file_takes_its_documents_along_and_is_not_parsed_again(
    folder: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([folder], store, options=HASHING)
    (folder / "en/storm.txt").rename(folder / "en/gale.txt")
    (folder / "старое").mkdir()
    (folder / "rows.jsonl").rename(folder / "старое/rows.jsonl")
    monkeypatch.setattr(Writer, "add", _not_called)
    summary = ingest([folder], store)
    assert (summary.moved, summary.unchanged, summary.embedded) == (2, 3, 0)
    assert (summary.added, summary.missing, summary.removed) == (0, 0, 0)
    texts = laid_texts(store)
    assert texts["en/gale.txt"] == FILES["en/storm.txt"]
    assert sorted(name for name in texts if "#" in name) == [
        "старое/rows.jsonl#a1",
        "старое/rows.jsonl#b2",
    ]
    assert len(texts) == 6


def _not_called(*_: object) -> None:
    raise AssertionError("nothing was to be parsed")


def test_a_store_is_the_same_whether_files_were_moved_before_or_after(
    folder: Path, store: Path, tmp_path: Path
) -> None:
    edit(folder / "en/list.csv", "name,height\ntower,47\n")
    ingest([folder], store, options=HASHING)
    (folder / "en").rename(folder / "ru/english")
    (folder / "rows.jsonl").rename(folder / "en.jsonl")
    ingest([folder], store)
    ingest([folder], tmp_path / "anew", options=HASHING)
    assert _documents(store) == _documents(tmp_path / "anew")
    assert laid_texts(store) == laid_texts(tmp_path / "anew")


def _documents(store: Path) -> list[DocumentRecord]:
    with Store.open(store) as opened:
        return list(opened.catalog.documents())


def test_a_copy_is_no_move_and_one_old_file_is_moved_to_one_new_name(
    folder: Path, store: Path
) -> None:
    ingest([folder], store, options=HASHING)
    (folder / "en/copy.txt").write_bytes((folder / "en/storm.txt").read_bytes())
    assert (ingest([folder], store).added, len(laid_texts(store))) == (1, 7)
    twin = (folder / "ru/чайки.txt").read_bytes()
    (folder / "ru/чайки.txt").unlink()
    (folder / "ru/1.txt").write_bytes(twin)
    (folder / "ru/2.txt").write_bytes(twin)
    summary = ingest([folder], store)
    assert (summary.moved, summary.added, summary.embedded) == (1, 1, 0)
    texts = laid_texts(store)
    assert texts["ru/1.txt"] == texts["ru/2.txt"] == FILES["ru/чайки.txt"]


def test_a_file_that_gets_another_suffix_is_read_by_its_new_reader(
    folder: Path, store: Path
) -> None:
    ingest([folder], store, options=HASHING)
    (folder / "en/tower.md").rename(folder / "en/tower.txt")
    summary = ingest([folder], store, options=Options(prune=True))
    assert (summary.moved, summary.added, summary.removed) == (0, 1, 1)
    assert laid_texts(store)["en/tower.txt"] == FILES["en/tower.md"]


def test_each_document_says_in_which_folders_it_lies(folder: Path, store: Path) -> None:
    ingest([folder], store, options=HASHING)
    (folder / "ru").rename(folder / "en/ru")
    ingest([folder], store)
    with Store.open(store) as opened:
        documents = {each.path: each.metadata.get("folder") for each in opened.catalog.documents()}
    assert documents["en/storm.txt"] == ("en",)
    assert documents["en/ru/чайки.txt"] == ("en", "ru")
    assert documents["rows.jsonl#a1"] is None


def test_a_folder_under_a_new_name_is_known_by_size_and_times(
    folder: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _age(folder)
    ingest([folder], store, options=HASHING)
    moved = tmp_path / "moved"
    folder.rename(moved)
    monkeypatch.setattr(Writer, "end_file", _not_called)
    assert ingest([moved], store).unchanged == 5
    with Store.open(store) as opened:
        assert opened.catalog.roots() == {str(moved)}


def _age(folder: Path) -> None:
    """Let the files be old enough for their times to be believed."""
    for file in folder.rglob("*.*"):
        os.utime(file, (1_700_000_000, 1_700_000_000))


class _Counting(HashingEmbedder):
    """Remembers what it embedded."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def embed(self, texts: Sequence[str], *, role: str) -> Vectors:  # noqa: ARG002  part of the seam
        self.seen.extend(texts)
        return super().embed(texts, role="document")


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch) -> _Counting:
    """The embedder of every store, which remembers what it embedded."""
    made = _Counting()

    def embedder(store: Store) -> _Counting:  # noqa: ARG001  a method
        return made

    monkeypatch.setattr(Store, "embedder", embedder)
    return made


def test_no_text_is_embedded_twice_whatever_happens_to_its_file(
    folder: Path, store: Path, embedder: _Counting
) -> None:
    ingest([folder], store, options=HASHING)
    (folder / "en").rename(folder / "new")
    ingest([folder], store)
    os.utime(folder / "new/storm.txt")
    (folder / "copy.txt").write_bytes((folder / "new/storm.txt").read_bytes())
    ingest([folder], store, options=Options(prune=True))
    (folder / "copy.txt").rename(folder / "copy.md")
    ingest([folder], store)
    assert len(embedder.seen) == 6
    assert len(set(embedder.seen)) == 6


def test_rows_that_are_as_they_were_are_not_cut_again(
    folder: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"_id": f"r{n}", "text": f"Запись {n} вахтенного журнала."} for n in range(50)]
    file = folder / "log.jsonl"
    _write_rows(file, rows)
    ingest([folder], store, options=HASHING)
    before = laid_texts(store)
    rows[7]["text"] = "Запись исправлена."
    del rows[20]
    rows.append({"_id": "new", "text": "A new row."})
    _write_rows(file, rows)
    cut: list[str] = []
    add = Writer.add

    def counted(self: Writer, name: str, parsed: Parsed) -> None:
        cut.append(parsed.path)
        add(self, name, parsed)

    monkeypatch.setattr(Writer, "add", counted)
    found = estimate([folder], store)
    assert (found.chunks, found.reused) == (50, 48)
    summary = ingest([folder], store)
    assert cut == ["log.jsonl#r7", "log.jsonl#new"]
    assert (summary.changed, summary.embedded) == (1, 2)
    after = laid_texts(store)
    assert before.keys() - after.keys() == {"log.jsonl#r20"}
    assert after["log.jsonl#r7"] == "Запись исправлена."
    assert {name for name in after if before.get(name) != after[name]} == set(cut)


def test_rows_that_change_places_or_texts_are_each_the_right_one(
    folder: Path, store: Path, tmp_path: Path
) -> None:
    rows = [{"_id": f"r{n}", "text": f"Entry {n} of the log."} for n in range(5)]
    file = folder / "log.jsonl"
    _write_rows(file, rows)
    ingest([folder], store, options=HASHING)
    rows[0]["text"], rows[1]["text"] = rows[1]["text"], rows[0]["text"]
    _write_rows(file, rows[::-1])
    assert ingest([folder], store).embedded == 0
    ingest([folder], tmp_path / "anew", options=HASHING)
    assert laid_texts(store) == laid_texts(tmp_path / "anew")


def test_a_note_on_a_row_stays_while_the_row_does(folder: Path, store: Path) -> None:
    ingest([folder], store, options=HASHING)
    with Store.write(store) as opened, opened.catalog.transaction():
        opened.catalog.put_notes("en/storm.txt", [_lost("en/storm.txt")])
    first = ingest([folder], store)
    assert [(each.path, each.code) for each in first.failures] == [("en/storm.txt#2", "time")]
    (folder / "en/storm.txt").rename(folder / "en/gale.txt")
    ingest([folder], store)
    second = ingest([folder], store)
    assert [(each.path, each.code) for each in second.failures] == [("en/gale.txt#2", "time")]


def _lost(file: str) -> NoteRecord:
    return NoteRecord(file, f"{file}#2", code="time", reason="too long", lost=True)


def _write_rows(file: Path, rows: Sequence[dict[str, str]]) -> None:
    edit(file, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def test_an_estimate_says_how_long_it_will_take(folder: Path, store: Path) -> None:
    found = estimate([folder], store, options=HASHING)
    assert found.seconds is not None
    assert 0 < found.seconds < 600
    assert estimate([folder], store, options=Options("openai:any")).seconds is None
