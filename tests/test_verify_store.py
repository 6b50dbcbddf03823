from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support import Run


def _sql(statement: str) -> Callable[[Path], None]:
    def change(store: Path) -> None:
        with closing(sqlite3.connect(store / "catalog.sqlite")) as db, db:
            db.create_function("folded", 1, str)
            db.execute("PRAGMA foreign_keys = OFF")
            assert db.execute(statement).rowcount

    return change


def _zeroed(store: Path) -> None:
    with (store / "vectors-0001.f16").open("r+b") as stream:
        stream.write(bytes(64))


def _flipped(pattern: str) -> Callable[[Path], None]:
    def change(store: Path) -> None:
        file = max(store.glob(pattern), key=lambda each: each.stat().st_size)
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 0xFF
        file.write_bytes(data)

    return change


def _gone(pattern: str) -> Callable[[Path], None]:
    return lambda store: next(store.glob(pattern)).unlink()


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a word of a text": (
        _sql("UPDATE chunks SET text = replace(text, '1911', '1912')"),
        "its text is not the one that was embedded",
    ),
    "буква текста": (
        _sql("UPDATE chunks SET text = replace(text, 'чайки', 'чайка')"),
        "its text is not the one that was embedded",
    ),
    "a title": (_sql("UPDATE documents SET title = 'Ropes' WHERE id = 'a1'"), "not the one that"),
    "a span": (_sql("UPDATE chunks SET start = start + 1, end = end + 1"), "lies outside"),
    "a length": (_sql("UPDATE documents SET characters = 9"), "of 9 characters"),
    "a row": (_sql("UPDATE chunks SET row = 99"), "its row 99 is none of"),
    "two rows": (_sql("UPDATE chunks SET row = 1 - row WHERE row < 2"), "not the one that"),
    "a number": (_sql("UPDATE chunks SET ordinal = 7"), "is numbered 7"),
    "a chunk": (_sql("DELETE FROM chunks WHERE row = 0"), "it has no chunks"),
    "a document": (_sql("DELETE FROM documents WHERE id = 'b2'"), "refers to no row of documents"),
    "a file": (_sql("DELETE FROM files WHERE path = 'en/storm.txt'"), "is not known"),
    "a vector": (_zeroed, "row 0 is no unit vector"),
    "an index": (_flipped("indexes/default/gen-*/*"), "index default"),
    "a file of an index": (_gone("indexes/default/gen-*/*"), "index default"),
    "a manifest": (_flipped("indexes/default/manifest.json"), "index default"),
    "the index of words": (_flipped("lexical/gen-*/*.store"), "index of words"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_found_and_named(filled: Run, store: Path, name: str) -> None:
    whole = filled("verify")
    assert whole.code == 0
    assert "All is as it was written: 6 chunks" in whole.out
    change, said = FAULTS[name]
    change(store)
    found = filled("verify")
    assert found.code == 1
    assert said in found.out
    as_json = filled("verify", "--json")
    assert as_json.code == 1
    assert not as_json.json["ok"]
    assert as_json.json["faults"]


def test_a_broken_catalog_is_told_in_a_line(filled: Run, store: Path) -> None:
    file = store / "catalog.sqlite"
    data = bytearray(file.read_bytes())
    data[8192:16384] = os.urandom(8192)
    file.write_bytes(data)
    found = filled("verify")
    assert found.code == 1
    assert "Traceback" not in found.err + found.out
    assert "catalog.sqlite" in found.err + found.out


def test_verify_changes_nothing_and_needs_no_index(filled: Run, store: Path) -> None:
    before = {file: file.read_bytes() for file in store.rglob("*") if file.is_file()}
    assert filled("verify").code == 0
    assert {file: file.read_bytes() for file in store.rglob("*") if file.is_file()} == before
    for file in [*store.glob("lexical/manifest.json"), *store.glob("indexes/*/manifest.json")]:
        file.unlink()
    assert filled("verify").code == 0
