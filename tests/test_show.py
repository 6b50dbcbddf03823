from __future__ import annotations

import json
from pathlib import Path

from support import Run

MAIL = "From: Анна <anna@example.org>\nSubject: Крыша\nDate: Sat, 22 Nov 2008 15:04:59 +0300\n"
FRONT = "---\ntitle: The roof\ntags: [house, repairs]\n---\n\nIt leaks.\n"


def test_a_document_is_shown_with_what_it_says_of_itself(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    (folder / "дом").mkdir(parents=True)
    (folder / "дом" / "roof.md").write_text(FRONT, encoding="utf-8")
    (folder / "roof.eml").write_text(
        MAIL + "Content-Type: text/plain; charset=utf-8\n\nКрыша течёт.\n", encoding="utf-8"
    )
    run("ingest", folder, "--embedder", "hashing")
    note = run("show", "дом/roof.md", "--json").json
    assert note["metadata"]["tags"] == ["house", "repairs"]
    assert note["metadata"]["folder"] == ["дом"]
    assert "tags: house, repairs" in run("show", "дом/roof.md").out
    listed = {
        row["document"]: row["metadata"]
        for row in map(json.loads, run("list", "--json").out.splitlines())
    }
    assert listed["roof.eml"]["from"] == ["Анна <anna@example.org>"]
    assert listed["roof.eml"]["date"] == ["2008-11-22T15:04:59+03:00"]


def test_what_is_to_be_known_of_a_document_is_shown_with_it(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    good = "Башня стоит на мысу с 1911 года.\n".encode() * 20
    (folder / "tower.txt").write_bytes(good + b"\xff\n")
    run("ingest", folder, "--embedder", "hashing")
    (note,) = run("show", "tower.txt", "--json").json["notes"]
    assert note["code"] == "encoding"
    assert "[encoding]" in run("show", "tower.txt").out
