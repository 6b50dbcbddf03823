"""What can be made again is made again; what is lost is named; nothing is guessed."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support import FILES, Run, alter, replace_bytes

from memctl.ingest.schema import TABLES


def _flip(pattern: str) -> Callable[[Path], None]:
    def change(store: Path) -> None:
        file = max(store.glob(pattern), key=lambda each: each.stat().st_size)
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 0x10
        file.write_bytes(data)

    return change


def _remove(pattern: str) -> Callable[[Path], None]:
    return lambda store: next(store.glob(pattern)).unlink()


def _cut(store: Path) -> None:
    file = store / "vectors-0001.f16"
    file.write_bytes(file.read_bytes()[:-700])


MENDED: dict[str, tuple[Callable[[Path], None], str]] = {
    "a vector": (_flip("vectors-0001.f16"), "6 vectors of hashing, by embedding"),
    "the end of the vectors": (_cut, "6 vectors of hashing, by embedding"),
    "all vectors": (_remove("vectors-0001.f16"), "6 vectors of hashing, by embedding"),
    "an index": (_flip("indexes/default/gen-*/codes.faiss"), "the index default"),
    "its manifest": (_remove("indexes/default/manifest.json"), "the index default"),
    "a figure in its manifest": (_flip("indexes/default/manifest.json"), "the index default"),
    "the words": (_flip("lexical/gen-*/*.term"), "the index of words"),
    "their manifest": (_remove("lexical/manifest.json"), "the index of words"),
    "the seal": (_flip("catalog.seal"), "the seal of the catalog"),
    "no seal": (_remove("catalog.seal"), "the seal of the catalog"),
}


@pytest.mark.parametrize("name", MENDED)
def test_what_is_made_of_the_texts_is_made_again(filled: Run, store: Path, name: str) -> None:
    filled("index", "build", "--type", "flat")
    before = [filled("query", each, "--json").json["hits"] for each in ("storm", "чайки весной")]
    change, said = MENDED[name]
    change(store)
    assert filled("verify").code == 1
    repaired = filled("repair", "--json")
    assert repaired.code == 0
    assert any(said in each for each in repaired.json["mended"])
    assert repaired.json["lost"] == {"documents": [], "tables": []}
    assert filled("verify").code == 0
    after = [filled("query", each, "--json").json["hits"] for each in ("storm", "чайки весной")]
    assert after == before
    assert "Nothing was damaged" in filled("repair").out


def test_a_text_that_is_another_is_lost_and_read_again(
    filled: Run, folder: Path, store: Path
) -> None:
    replace_bytes(store / "catalog.sqlite", "около 4711".encode(), "около 4710".encode())
    repaired = filled("repair")
    assert repaired.code == 1
    assert "Lost    ru/чайки.txt" in repaired.out
    assert "memctl ingest FOLDER" in repaired.err
    assert filled("verify").code == 0
    assert "около 4710".encode() in (store / "catalog.damaged").read_bytes()
    assert "ru/чайки.txt" not in filled("list").out
    assert filled("ingest", folder, "--json").json["files"]["added"] == 1
    filled("index", "build")
    assert "4711" in filled("query", "чайки").out
    assert filled("verify").code == 0
    assert filled("gc").code == 0
    assert not (store / "catalog.damaged").exists()


@pytest.mark.parametrize("table", [table for table in TABLES if table != "meta"])
def test_each_row_that_is_damaged_costs_no_more_than_its_documents(
    filled: Run, folder: Path, store: Path, table: str
) -> None:
    with closing(sqlite3.connect(store / "catalog.sqlite")) as db, db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.create_function("row_sum", -1, lambda *_: 7, deterministic=True)  # a wrong sum
        rows = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        if not rows:
            pytest.skip(f"nothing in {table}")
        column = (
            "sha256"
            if table == "extents"
            else db.execute(f"SELECT name FROM pragma_table_info('{table}') LIMIT 1").fetchone()[0]
        )
        db.execute(
            f"UPDATE {table} SET {column} = {column} WHERE {column} ="
            f" (SELECT max({column}) FROM {table})"
        )
    assert filled("verify").code == 1
    repaired = filled("repair", "--json").json
    assert len(repaired["lost"]["documents"]) <= 2
    assert filled("verify").code == 0
    assert filled("ingest", folder).code == 0
    assert filled("index", "build").code == 0
    assert filled("verify").code == 0
    listed = filled("list").out.splitlines()
    assert len(listed) == len(FILES) + 1  # a file has two rows


def test_facts_that_are_lost_are_not_guessed(filled: Run, store: Path) -> None:
    alter(store, "DELETE FROM meta WHERE key = 'dimension'")
    before = (store / "catalog.sqlite").read_bytes()
    repaired = filled("repair")
    assert repaired.code == 1
    assert "it does not say" in repaired.err or "the facts of the store are lost" in repaired.err
    assert (store / "catalog.sqlite").read_bytes() == before


def test_torn_pages_cost_what_is_in_them_and_no_more(
    filled: Run, folder: Path, store: Path
) -> None:
    """Any page of the catalog but the first: what cannot be read is lost, the rest is whole."""
    for number in range(60):
        name = f"маяк {number}.txt" if number % 2 else f"light {number}.txt"
        (folder / name).write_text(f"{FILES['ru/чайки.txt']}{number} " * 90, encoding="utf-8")
    filled("ingest", folder)
    file = store / "catalog.sqlite"
    whole = file.read_bytes()
    documents = set(filled("list").out.splitlines())
    rng, told = random.Random(5), 0
    pages = range(1, len(whole) // 8192)
    for page in rng.sample(pages, 12):
        data = bytearray(whole)
        data[page * 8192 : (page + 1) * 8192] = rng.randbytes(8192)
        file.write_bytes(data)
        (store / "catalog.seal").unlink(missing_ok=True)
        repaired = filled("repair", "--json")
        if not repaired.out:  # the facts, or the tables themselves
            told += 1
            assert "memctl: " in repaired.err
            continue
        kept = set(filled("list").out.splitlines())
        assert kept <= documents
        assert len(documents) - len(kept) >= len(repaired.json["lost"]["documents"])
        assert filled("verify").code == 0, page
        filled("ingest", folder)
        assert set(filled("list").out.splitlines()) == documents, page
        assert filled("verify").code == 0, page
    assert told <= 3


def test_where_no_catalog_is_it_says_which_of_both(
    filled: Run, store: Path, tmp_path: Path
) -> None:
    assert "no store at" in filled("repair", at=tmp_path / "nowhere").err
    (store / "catalog.sqlite").unlink()
    lost = filled("repair")
    assert lost.code == 1
    assert "no catalog in" in lost.err
    assert "What it said is lost" in lost.err
    assert (store / "vectors-0001.f16").exists()
