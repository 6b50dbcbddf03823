from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import Run, alter, replace_bytes


def _sql(statement: str) -> Callable[[Path], None]:
    return lambda store: alter(store, statement)


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


def test_verify_changes_nothing(filled: Run, store: Path) -> None:
    before = {file: file.read_bytes() for file in store.rglob("*") if file.is_file()}
    assert filled("verify").code == 0
    assert {file: file.read_bytes() for file in store.rglob("*") if file.is_file()} == before


def test_a_flipped_bit_of_the_catalog_is_refused_before_anything_is_read(
    filled: Run, store: Path
) -> None:
    replace_bytes(store / "catalog.sqlite", b"4711", b"4710")
    for words in (["query", "чайки"], ["list"], ["ingest", str(store.parent / "docs")]):
        found = filled(*words)
        assert found.code == 1
        assert "catalog.sqlite cannot be read: it is not what was written" in found.err
        assert "memctl repair" in found.err


def test_a_row_is_compared_with_its_sum_where_the_catalog_is_too_large_to_be(
    filled: Run, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memctl.ingest.seal._COMPARED", 0)
    replace_bytes(store / "catalog.sqlite", b"4711", b"4710")
    assert filled("query", "storm", "--mode", "lexical", "-k", "1").code == 0
    found = filled("query", "чайки", "--mode", "lexical")
    assert found.code == 1
    assert "a row is not what was written" in found.err
    assert "4710" not in found.out + found.err
    verified = filled("verify")
    assert "1 row of the table chunks not as written" in verified.out
    assert "not those of its seal" in verified.out


def test_an_older_catalog_in_place_of_the_newer_is_told(
    filled: Run, store: Path, folder: Path
) -> None:
    old = (store / "catalog.sqlite").read_bytes()
    (folder / "ru/новое.txt").write_text("Новый причал построен.\n", encoding="utf-8")
    assert filled("ingest", str(folder)).code == 0
    (store / "catalog.sqlite").write_bytes(old)
    assert "it is older than its seal" in filled("verify").out
    assert filled("query", "причал").code == 1


def test_the_state_after_a_kill_is_no_fault(filled: Run, store: Path) -> None:
    alter(store, "UPDATE meta SET value = '7' WHERE key = 'revision'")
    assert filled("verify").code == 0
    assert filled("query", "чайки").code == 0


def test_every_bit_of_the_head_of_the_catalog_counts(filled: Run, store: Path) -> None:
    file = store / "catalog.sqlite"
    whole = file.read_bytes()
    for at in (*range(18, 100, 3), 24, 27, 92, 95):
        data = bytearray(whole)
        data[at] ^= 1
        file.write_bytes(data)
        assert filled("verify").code == 1, at
        assert filled("query", "чайки").code == 1, at
    file.write_bytes(whole)
    assert filled("verify").code == 0


def test_a_catalog_is_read_on_a_medium_that_cannot_be_written(
    filled: Run, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = filled("query", "чайки").out
    connect = sqlite3.connect

    def read_only(address: str, *args: Any, **kwargs: Any) -> sqlite3.Connection:
        if "/store/catalog.sqlite" in address:
            address = address.replace("mode=rw", "mode=ro")
        return connect(address, *args, **kwargs)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    assert filled("query", "чайки").out == whole
    _leave_half_done(store)
    assert filled("query", "чайки").out == whole
    assert filled("verify").code == 0


def _leave_half_done(store: Path) -> None:
    """Leave the catalog as a writer does that is killed while it writes pages."""
    script = (
        "import os, sqlite3, sys\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.create_function('row_sum', -1, lambda *_: 0, deterministic=True)\n"
        "db.execute('PRAGMA cache_size = 1')\n"
        "db.execute('BEGIN')\n"
        "db.execute('UPDATE chunks SET text = text || hex(zeroblob(20000))')\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(store / "catalog.sqlite")], check=False)
    assert (store / "catalog.sqlite-journal").stat().st_size
