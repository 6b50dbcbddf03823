from __future__ import annotations

import json
import textwrap
import unicodedata
from pathlib import Path

import pytest
from pdf_support import pdf
from support import Run

from memctl.ingest.nearnames import near_name

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


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("крыша.pdf", ("Крышу чинили в мае. " * 40, "Счёт пришёл в июне. " * 40)),
        ("roof.pdf", ("The roof was mended in May. " * 40, "The bill came in June. " * 40)),
    ],
)
def test_a_page_of_a_document_is_shown_alone(
    run: Run, tmp_path: Path, name: str, texts: tuple[str, str]
) -> None:
    (tmp_path / "notes").mkdir()
    pages = ["\n".join(textwrap.wrap(text, 80)) for text in texts]
    (tmp_path / "notes" / name).write_bytes(pdf(*pages))
    run("ingest", tmp_path / "notes", "--embedder", "hashing")
    whole = run("show", name, "--json").json["chunks"]
    for page in (1, 2):
        shown = run("show", f"{name}#{page}", "--json").json
        assert shown["document"] == name
        assert shown["chunks"] == [each for each in whole if page in each["pages"]]
        assert texts[page - 1].split(".")[0] in run("show", f"{name}#{page}").out
    assert len(run("show", f"{name}#2", "--json").json["chunks"]) < len(whole)
    missing = run("show", f"{name}#3")
    assert missing.code == 2
    assert "has no page 3 with text" in missing.err


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("кот барсик.md", "дом/кот_барсик.md"),
        ("vpn_2023.md", "work/vpn.md"),
        ("vpn.md", "work/vpn.md"),
        ("VPN.MD", "work/vpn.md"),
        ("home/vpn.md", "work/vpn.md"),
        ("rows.jsonl", "rows.jsonl#a1"),
        ("дом/йогурт", "дом/йогурт.md"),
    ],
)
def test_a_wrong_name_is_told_the_near_one(
    run: Run, tmp_path: Path, wrong: str, meant: str
) -> None:
    for name in ("дом/кот_барсик.md", "дом/йогурт.md", "work/vpn.md"):
        (tmp_path / "notes" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "notes" / name).write_text(f"О том: {name}.\n", encoding="utf-8")
    (tmp_path / "notes" / "rows.jsonl").write_text('{"_id": "a1", "text": "A rope."}\n')
    run("ingest", tmp_path / "notes", "--embedder", "hashing")
    shown = run("show", wrong)
    assert shown.code == 2
    assert f"Did you mean {meant!r}?" in shown.err
    if wrong != "rows.jsonl":  # what a file holds is forgotten by its name
        assert f"Did you mean {meant!r}?" in run("forget", wrong, "--yes").err
    assert "memctl list" in run("show", "zzzzqqqq").err
    assert "memctl list" in run("forget", "щщщщъъъъ", "--yes").err


def test_a_near_name_is_the_whole_one_before_one_in_a_folder() -> None:
    names = ["a/vpn.md", "vpn.md", "b/vpn.md", "b/йогурт.md"]
    assert near_name("vpn.md", names) == "vpn.md"
    assert near_name("vpm.md", names) == "vpn.md"
    assert near_name("vpn.md", names[:1] + names[2:]) == "a/vpn.md"
    assert near_name(unicodedata.normalize("NFD", "йогурт.md"), names) == "b/йогурт.md"
    assert near_name("ЙОГУРТЫ.md", names) == "b/йогурт.md"
    assert not near_name("щъ", names)
    assert not near_name("vpn.md", [])
