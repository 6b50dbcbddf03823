"""A preview shows the chunks that an ingest would make, and leaves nothing behind."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import Run

from memctl.cli.output import width
from memctl.ingest import Preview, Skipped, Store

TEXT = (
    "# Маяк на острове\n\nМаяк построили в 1911 году. Смотритель Пётр Ильич прожил там тридцать "
    "лет, и каждую ночь поднимался по лестнице в двести двенадцать ступеней.\n\n## The lamp\n\n"
    "The lamp of the tower shines for forty kilometres. In the storm of 1953 it broke. Nobody was "
    "hurt, but the keeper left the island for ever.\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "маяк.md"
    made.write_text(TEXT, encoding="utf-8")
    return made


def test_a_preview_shows_what_an_ingest_then_stores(run: Run, store: Path, folder: Path) -> None:
    del folder
    (store.parent / "docs" / "long.txt").write_text(TEXT * 9, encoding="utf-8")
    shown = run("ingest", "--preview", store.parent / "docs" / "long.txt", "--json")
    assert not store.exists()
    assert run("ingest", store.parent / "docs", "--embedder", "hashing").code == 0
    kept = run("show", "long.txt", "--json")
    assert shown.json["schema"] == "memctl.preview/1"
    (document,) = shown.json["documents"]
    assert len(document["chunks"]) > 3
    fields = ("chunk", "start", "end", "pages", "language", "text")
    assert [[c[name] for name in fields] for c in document["chunks"]] == [
        [c[name] for name in fields] for c in kept.json["chunks"]
    ]


def test_a_preview_goes_by_the_settings_of_the_store(run: Run, store: Path, file: Path) -> None:
    store.mkdir()
    (store / "memctl.toml").write_text(
        'format = 1\n[chunking]\nmethod = "parents"\nmax_tokens = 64\nchild_tokens = 24\n',
        encoding="utf-8",
    )
    found = run("ingest", "--preview", file, "--json").json
    assert (found["method"], found["max_tokens"]) == ("parents", 64)
    (document,) = found["documents"]
    assert max(chunk["tokens"] for chunk in document["chunks"]) <= 24
    assert any(chunk["context"] != [chunk["start"], chunk["end"]] for chunk in document["chunks"])


def test_another_method_can_be_tried_and_the_store_keeps_its_own(
    run: Run, store: Path, file: Path, folder: Path
) -> None:
    assert run("ingest", folder, "--embedder", "hashing").code == 0
    before = {each.name: each.read_bytes() for each in store.iterdir() if each.is_file()}
    for method in ("structure", "tokens", "sentences", "semantic", "parents"):
        found = run("ingest", "--preview", file, "--chunking", method, "--json").json
        (document,) = found["documents"]
        assert found["method"] == method
        assert "".join(chunk["text"] for chunk in document["chunks"]) == TEXT
    assert {each.name: each.read_bytes() for each in store.iterdir() if each.is_file()} == before
    with Store.open(store) as opened:
        assert opened.settings.chunking.method == "structure"


def test_overlap_is_left_out_where_the_tried_method_has_none(
    run: Run, store: Path, file: Path
) -> None:
    store.mkdir()
    (store / "memctl.toml").write_text(
        "format = 1\n[chunking]\nmax_tokens = 64\noverlap_tokens = 20\n", encoding="utf-8"
    )
    assert run("ingest", "--preview", file, "--chunking", "sentences").code == 0


def test_a_wrong_method_is_told(run: Run, file: Path) -> None:
    result = run("ingest", "--preview", file, "--chunking", "sentence")
    assert result.code == 1
    assert "chunking.method is 'sentence'" in result.err
    assert "Did you mean 'sentences'?" in result.err


def test_a_preview_is_of_one_file(run: Run, file: Path, tmp_path: Path) -> None:
    assert run("ingest", "--preview", file, file).code == 2
    assert run("ingest", "--preview", tmp_path).code == 2
    assert run("ingest", "--preview", tmp_path / "none.md").code == 1
    assert run("ingest", file, "--chunking", "tokens").code == 2


def test_what_cannot_be_read_is_told_with_its_code(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "broken.docx"
    file.write_bytes(b"PK\x03\x04 and no more")
    result = run("ingest", "--preview", file)
    assert (result.code, result.out) == (1, "")
    assert "broken.docx" in result.err
    assert "[bad_format]" in result.err
    found = run("ingest", "--preview", file, "--json")
    assert (found.code, found.json["documents"]) == (1, [])
    assert [each["code"] for each in found.json["failures"]] == ["bad_format"]


def test_the_rows_of_a_file_are_shown_each(run: Run, folder: Path) -> None:
    result = run("ingest", "--preview", folder / "rows.jsonl")
    assert [line for line in result.out.splitlines() if "rows.jsonl#" in line] == [
        "rows.jsonl#a1 Rope",
        "rows.jsonl#b2",
    ]


def test_a_preview_can_be_left_before_its_end(folder: Path, store: Path) -> None:
    reading = Preview.of(folder / "rows.jsonl", store).read()
    first = next(reading)
    assert not isinstance(first, Skipped)
    assert first.id == "a1"
    reading.close()


def test_text_of_a_document_is_no_markup_and_steers_nothing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "evil.txt"
    file.write_bytes("[bold]not bold[/bold] \x1b[31mred \u202eflip \x9b1m :smile:\n".encode())
    out = run("ingest", "--preview", file).out
    assert "[bold]not bold[/bold]" in out
    assert ":smile:" in out
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", out)


def test_no_line_is_wider_than_the_terminal(run: Run, tmp_path: Path) -> None:
    file = tmp_path / f"{'очень-' * 12}длинное имя.md"
    file.write_text("# " + "Раздел о насосах " * 8 + "\n\n" + TEXT * 4, encoding="utf-8")
    lines = run("ingest", "--preview", file, "--chunking", "sentences").out.splitlines()
    assert max(map(len, lines)) <= width() == 80


def shown_on_a_terminal(file: Path, store: Path, **env: str) -> str:
    """Return what a terminal gets."""
    main, other = pty.openpty()
    command = [sys.executable, "-m", "memctl.cli", "ingest", "--preview", str(file)]
    words = [*command, "--store", str(store), "--chunking", "sentences"]
    clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        words, stdout=other, stderr=subprocess.DEVNULL, env={**clean, "TERM": "xterm", **env}
    )
    os.close(other)
    data = b""
    try:
        while part := os.read(main, 4096):
            data += part
    except OSError:  # the terminal is gone when the process is
        pass
    os.close(main)
    assert process.wait() == 0
    return data.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")
def test_neighbours_have_two_colours_on_a_terminal_and_none_with_no_color(
    file: Path, store: Path
) -> None:
    coloured = shown_on_a_terminal(file, store)
    turns = re.findall(r"\x1b\[(35|36)m", coloured)
    assert {"35", "36"} == set(turns)
    assert turns[0] == "36"
    assert "\x1b" not in shown_on_a_terminal(file, store, NO_COLOR="1")
