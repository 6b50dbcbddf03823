from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pdf_support import IMAGE, drawn, shown
from support import Run

from memctl.ingest import Store
from memctl.ingest.checkup import examine

STORY = (
    "Смотритель маяка считал чаек, которые гнездились на северных скалах. Весной 1911 года их было "
    "больше, чем в любой другой год, и он записал число в книгу. The keeper went down to the sea "
    "when the storm was over and looked for the boat that he had left there in the evening. "
) * 4
GARBLED = " ".join(STORY)


@pytest.fixture
def patient(tmp_path: Path) -> Path:
    """A folder with a bit of everything."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "story.txt").write_text(STORY, encoding="utf-8")
    (folder / "копия.txt").write_text(STORY, encoding="utf-8")
    (folder / "version.txt").write_text(STORY + "А потом пришёл пароход.", encoding="utf-8")
    (folder / "garbled.txt").write_text(GARBLED, encoding="utf-8")
    (folder / "empty.txt").write_text(" \n", encoding="utf-8")
    (folder / "cut.pdf").write_bytes(b"%PDF-1.7\n")
    (folder / "what.xyz").write_bytes(b"\x00\x01")
    return folder


def findings(result: dict[str, Any]) -> dict[str, str]:
    return {finding["path"]: finding["code"] for finding in result["findings"]}


def test_what_was_not_read_is_listed_with_what_to_do_about_it(run: Run, patient: Path) -> None:
    run("ingest", patient, "--embedder", "hashing")
    result = run("doctor", "--json")
    assert result.code == 0
    assert result.json["schema"] == "memctl.doctor/1"
    assert findings(result.json) == {
        "cut.pdf": "bad_format",
        "empty.txt": "no_text",
        "garbled.txt": "garbled",
        "what.xyz": "unsupported",
    }
    assert all(each["lost"] and each["advice"] for each in result.json["findings"])
    assert result.json["codes"] == {
        "bad_format": 1,
        "garbled": 1,
        "no_text": 1,
        "unsupported": 1,
    }


def test_a_garbled_document_is_not_embedded(run: Run, patient: Path) -> None:
    run("ingest", patient, "--embedder", "hashing")
    assert run("list").out.splitlines() == ["story.txt", "version.txt", "копия.txt"]


def test_what_stands_twice_is_told_from_what_is_nearly_the_same(run: Run, patient: Path) -> None:
    run("ingest", patient, "--embedder", "hashing")
    (group,) = run("doctor", "--json").json["duplicates"]
    assert (group["document"], group["same"]) == ("story.txt", ["копия.txt"])
    (near,) = group["similar"]
    assert near["document"] == "version.txt"
    assert 0.8 <= near["similarity"] < 1


def test_the_longest_documents_come_with_the_number_of_their_chunks(
    run: Run, patient: Path
) -> None:
    run("ingest", patient, "--embedder", "hashing")
    lines = run("dump").out.splitlines()
    chunks = [json.loads(line)["document"] for line in lines]
    longest = run("doctor", "--json").json["longest"]
    assert longest[0]["document"] == "story.txt"
    assert {each["document"]: each["chunks"] for each in longest} == {
        path: chunks.count(path) for path in chunks
    }


def test_strict_exits_with_5_only_where_something_was_not_read(run: Run, patient: Path) -> None:
    run("ingest", patient, "--embedder", "hashing")
    assert run("doctor", "--strict").code == 5
    assert run("doctor", "--strict", "--json").json["documents"] == 3
    for name in ("cut.pdf", "empty.txt", "garbled.txt", "what.xyz"):
        (patient / name).unlink()
    run("ingest", patient, "--prune")
    assert run("doctor", "--strict").code == 0  # what stands twice is no loss


def test_for_a_person_it_keeps_to_80_columns_and_steers_nothing(run: Run, patient: Path) -> None:
    (patient / ("long " * 30 + "\x1b[2Jname.xyz")).write_bytes(b"\x00")
    run("ingest", patient, "--embedder", "hashing")
    out = run("doctor").out
    assert max(len(line) for line in out.splitlines()) <= 80
    assert "\x1b" not in out
    for words in ("Not read: garbled (1)", "Not read: unsupported (2)", "= копия.txt", "Longest"):
        assert words in out
    assert re.search(r"0\.\d\d version\.txt", out)


def test_a_store_without_findings_says_so(run: Run, folder: Path) -> None:
    run("ingest", folder, "--embedder", "hashing")
    out = run("doctor").out
    assert "All was read, and nothing stands twice." in out
    assert "Not read" not in out


def test_pages_with_the_same_note_are_one_finding(run: Run, tmp_path: Path) -> None:
    text = shown("The tower was built in the year 1911.")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.pdf").write_bytes(drawn(text, IMAGE, IMAGE, text, IMAGE))
    run("ingest", tmp_path / "docs", "--embedder", "hashing")
    with Store.open(tmp_path / "store") as opened:
        (finding,) = examine(opened.catalog).findings
    assert (finding.code, finding.pages, finding.lost) == ("no_text", (2, 3, 5), True)
    assert "a.pdf, pages 2–3, 5: an image and no text on it" in run("doctor").out


def test_without_a_store_it_says_what_to_do(run: Run) -> None:
    result = run("doctor")
    assert result.code == 0  # the machine was looked at
    assert "Next: memctl ingest FOLDER" in result.out
