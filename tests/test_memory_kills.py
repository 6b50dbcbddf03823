"""An import into memory that is killed: all of it is there afterwards, or nothing."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from memory_support import facts
from support import Run

from memctl.memory import Book, Place

MEMCTL = (sys.executable, "-m", "memctl.cli")
TURNS = 400


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_import_leaves_all_or_nothing(
    run: Run, filled: Run, store: Path, tmp_path: Path, seed: int
) -> None:
    assert filled("status").code == 0  # a store that embeds by hashing
    chance = random.Random(seed)
    file = tmp_path / "chat.jsonl"
    rows = [
        {"role": "user", "content": f"I bought a lamp number {n}. Живу в Омске.", "session": n // 9}
        for n in range(TURNS)
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    words = [*MEMCTL, "memory", "import", str(file), "--user", "me", "--store", str(store)]
    for _ in range(4):
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 2.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        place = Place(store, "me")
        if place.book.exists() and place.book.stat().st_size:
            with Book.write(place) as book:  # what SQLite was doing is rolled back
                assert book.count("episodes") in {0, TURNS}
                assert book.unsound() == []
    assert run("memory", "import", file, "--user", "me").code == 0
    place = Place(store, "me")
    with Book.open(place) as book:
        assert book.count("episodes") == TURNS
        assert book.count("words") == book.count("windows") + book.count("facts")
        assert book.unsound() == []
    assert sum(fact.attribute == "city" for fact in facts(place)) == 1
