"""Stores of every released format are read as they are, and brought up to date by a write."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from support import Run, alter

FORMATS = Path(__file__).with_name("formats")
NAMES = sorted(file.stem for file in FORMATS.glob("*.zip"))
TEXTS = {
    "harbour.txt": "The lighthouse keeper wrote down every ship",
    "rows.jsonl#r1": "The tide turns twice a day.",
    "rows.jsonl#r2": "Прилив меняется дважды в день.",
    "заметки/маяк.md": "Ёлка стояла у входа «до весны».",
}


@pytest.fixture(params=NAMES)
def old(request: pytest.FixtureRequest, store: Path) -> Path:
    with ZipFile(FORMATS / f"{request.param}.zip") as packed:
        packed.extractall(store)
    return store


def test_there_is_one_of_each_format() -> None:
    assert NAMES == ["2", "3", "4", "5"]


def _bytes(store: Path) -> dict[Path, str]:
    return {
        file: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in store.rglob("*")
        if file.is_file()
    }


def _found(run: Run) -> list[list[str]]:
    questions = ("lighthouse keeper", "маяк и его огни", "when does the tide turn", "ёлка у входа")
    asked = (run("query", question, "--json").json["hits"] for question in questions)
    return [[hit["document"] for hit in hits] for hits in asked]


def test_reading_changes_nothing_and_a_write_brings_it_up_to_date(
    old: Path, run: Run, tmp_path: Path
) -> None:
    before = _bytes(old)
    chunks = [json.loads(line) for line in run("dump").out.splitlines()]
    assert {each["document"] for each in chunks} == set(TEXTS)
    assert all(TEXTS[each["document"]] in each["text"] for each in chunks)
    found = _found(run)
    assert [hits[0] for hits in found[:2]] == ["harbour.txt", "заметки/маяк.md"]
    assert run("verify").code == 0
    assert _bytes(old) == before

    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "empty.txt").write_text("Новая строка.\n", encoding="utf-8")
    assert run("ingest", folder).code == 0
    alter(old, "UPDATE meta SET value = value WHERE key = 'format' AND value = '5'")
    assert run("verify").code == 0
    assert [hits[0] for hits in _found(run)][:2] == [hits[0] for hits in found][:2]
    assert run("index", "build").code == 0
    assert run("verify").code == 0


@pytest.mark.parametrize("version", ["1", "6", "99", "x"])
def test_another_format_is_refused_with_what_to_do(filled: Run, store: Path, version: str) -> None:
    alter(store, f"UPDATE meta SET value = '{version}' WHERE key = 'format'")
    found = filled("query", "storm")
    assert found.code == 1
    assert f"has format {version}, this memctl reads format 5" in found.err
    assert ("into a new store" in found.err) == (version == "1")


def test_a_repair_leaves_a_newer_store_as_it_is(filled: Run, store: Path) -> None:
    alter(store, "UPDATE meta SET value = '6' WHERE key = 'format'")
    before = _bytes(store)
    refused = filled("repair")
    assert refused.code == 1
    assert "has format 6, this memctl reads format 5" in refused.err
    assert _bytes(store) == before


def test_a_repair_brings_an_older_store_up_to_date(old: Path, run: Run) -> None:
    vectors = max(old.glob("vectors-*.f16"))
    assert run("repair").code == 0
    assert run("verify").code == 0
    data = bytearray(vectors.read_bytes())
    data[10] ^= 8
    vectors.write_bytes(data)
    assert run("verify").code == 1
    assert run("repair").code == 0
    assert run("verify").code == 0
