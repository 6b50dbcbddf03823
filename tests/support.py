"""A small folder in two languages, and how a command ended."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memctl.ingest import Options, Store
from memctl.ingest.schema import row_sum

FILES = {
    "en/tower.md": (
        "# The gull tower\n\nThe gull tower was built in 1911 by Anna Berg.\n\n"
        "## Height\n\nIt is 47 metres high and has 212 steps.\n"
    ),
    "en/storm.txt": "The storm of 1953 broke the lamp. Nobody was hurt, but the keeper left.\n",
    "ru/маяк.md": (
        "# Маяк на острове\n\nМаяк построили в 1911 году. Смотритель Пётр Ильич прожил там "
        "тридцать лет.\n\n## Лампа\n\nЛампа светит на 40 километров.\n"
    ),
    "ru/чайки.txt": "На скалах живут чайки. Каждую весну прилетает около 4711 птиц.\n",
    "rows.jsonl": (
        '{"_id": "a1", "title": "Rope", "text": "A rope of hemp holds two tons."}\n'
        '{"_id": "b2", "text": "Лодка стоит у причала с мая по октябрь."}\n'
    ),
}


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]

HASHING = Options("hashing")


def alter(store: Path, statement: str) -> None:
    """Change the catalog as memctl never would: its rows have right sums afterwards."""
    with closing(sqlite3.connect(store / "catalog.sqlite")) as db, db:
        db.create_function("row_sum", -1, row_sum, deterministic=True)
        db.execute("PRAGMA foreign_keys = OFF")
        assert db.execute(statement).rowcount


def replace_bytes(file: Path, old: bytes, new: bytes) -> None:
    """Change bytes that stand in a file, as a bad disk does."""
    data = file.read_bytes()
    assert old in data
    assert len(old) == len(new)
    file.write_bytes(data.replace(old, new))


def laid_texts(store: Path) -> dict[str, str]:
    """Lay the chunks of each document at their offsets."""
    with Store.open(store) as opened:
        laid: dict[str, str] = {}
        for stored in opened.catalog.chunks():
            chunk = stored.chunk
            assert len(laid.get(chunk.document, "")) == chunk.start
            laid[chunk.document] = laid.get(chunk.document, "") + chunk.text
        return laid


def edit(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
