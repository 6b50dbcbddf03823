from __future__ import annotations

import re
from pathlib import Path

import pytest
from support import Run
from typer.testing import CliRunner

from memctl.cli.app import app
from memctl.cli.completion import index_types
from memctl.index.spec import TYPES


def _labels(out: str) -> list[str]:
    return [line.split()[0] for line in out.splitlines() if line[:1].strip()]


def test_a_build_that_has_nothing_to_do_says_so(filled: Run, folder: Path) -> None:
    assert "generation 1 (up to date)" in filled("index", "build").out
    assert "(up to date)" not in filled("index", "build", "--force").out
    (folder / "new.txt").write_text("Маяк горит снова.", encoding="utf-8")
    filled("ingest", str(folder))
    assert "(behind the corpus)" in filled("index", "info").out
    assert "(up to date)" not in filled("index", "build").out
    assert "(up to date)" in filled("index", "info").out


def test_chunks_that_share_a_vector_are_told(filled: Run, folder: Path) -> None:
    assert "6 vectors, " in filled("index", "info").out
    for name in ("one.txt", "two.txt"):
        (folder / name).write_text("Two files say the same.", encoding="utf-8")
    filled("ingest", str(folder))
    filled("index", "build")
    assert "7 vectors of 8 chunks (equal texts share one), " in filled("index", "info").out


@pytest.mark.parametrize("columns", [60, 80])
def test_what_is_said_of_an_index_fits_the_terminal(
    filled: Run, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for words in (("info",), ("build", "--force"), ("tune",)):
        lines = filled("index", *words).out.splitlines()
        assert 40 < max(map(len, lines)) <= columns
    assert _labels(filled("index", "info").out) == ["Index", "Holds", "Finds", "Takes"]


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["--type", "hsnw"], "unknown index type 'hsnw'", "Did you mean 'hnsw'?"),
        (["--questions", "nofile"], "cannot read nofile", "Check --questions."),
        (
            ["--type", "hnsw", "--max-memory", "1k"],
            "hnsw of 6 vectors takes 3.2 kB of memory, more than the 1.0 kB of --max-memory",
            "Give --max-memory 4K, or choose --type flat: slower, but mapped from disk, 48 bytes.",
        ),
        (
            ["--type", "sq8", "--max-memory", "0.04K"],
            "sq8 of 6 vectors takes 48 bytes of memory",
            "Give --max-memory 1K.",
        ),
        (["--type", "pq-fs"], "pq-fs learns from 16 vectors at least, there are 6", "--type flat"),
    ],
)
def test_what_cannot_be_built_is_told_with_the_next_step(
    filled: Run, words: list[str], message: str, hint: str
) -> None:
    result = filled("index", "build", *words)
    assert result.code == 2
    assert message in result.err
    assert hint in result.err
    assert "docs/" not in result.err


def test_a_part_that_the_type_has_not_is_an_error_with_the_types_that_have_it(filled: Run) -> None:
    refused = filled("index", "build", "--type", "flat", "--opq")
    assert refused.code == 2
    assert "the type flat has no use for --opq" in refused.err
    assert "choose --type opq-ivf-pq" in refused.err
    refused = filled("index", "build", "--type", "flat", "--pq-m", "8")
    assert refused.code == 2
    assert "choose a type that has it: pq-fs, ivf-pq, ivf-pq-fs, opq-ivf-pq." in refused.err


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("memctl index build --type opq", ["opq-ivf-pq"]),
        ("memctl index build --type a", ["auto"]),
        ("memctl index build --refine fp", ["fp16"]),
        ("memctl index plot --types flat,hn", ["flat,hnsw"]),
    ],
)
def test_the_shell_offers_the_values_of_an_option(typed: str, offered: list[str]) -> None:
    asked = {
        "_MEMCTL_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
    }
    result = CliRunner().invoke(app, [], prog_name="memctl", env=asked)
    assert result.stdout.split() == offered


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("memctl show ru/", ["ru/маяк.md", "ru/чайки.txt"]),
        ("memctl show en/t", ["en/tower.md"]),
        ("memctl show [x*?", []),
        ("memctl forget rows", ["rows.jsonl#a1", "rows.jsonl#b2"]),
        ("memctl why x --doc ru/м", ["ru/маяк.md"]),
        ("memctl query x --filter fo", ["folder:"]),
        ("memctl ask x --filter la", ["lang:"]),
        ("memctl query x --index d", ["default"]),
        ("memctl query x --fusion r", ["rrf"]),
        ("memctl query x --llm o", ["openai:", "ollama:"]),
        ("memctl ingest x --embedder h", ["hashing"]),
        ("memctl index migrate --embedder on", ["onnx:"]),
        ("memctl ingest x --chunking se", ["sentences", "semantic"]),
    ],
)
@pytest.mark.usefixtures("filled")
def test_the_shell_offers_what_is_in_the_store(store: Path, typed: str, offered: list[str]) -> None:
    asked = {
        "_MEMCTL_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
        "MEMCTL_STORE": str(store),
    }
    assert CliRunner().invoke(app, [], prog_name="memctl", env=asked).stdout.split() == offered
    nowhere = CliRunner().invoke(
        app, [], prog_name="memctl", env={**asked, "MEMCTL_STORE": str(store / "nowhere")}
    )
    assert set(nowhere.stdout.split()) <= set(offered)
    assert nowhere.stderr == ""


def test_every_type_is_offered_and_named_in_the_help() -> None:
    named = CliRunner().invoke(app, ["index", "build", "--help"], env={"COLUMNS": "200"}).stdout
    for each in index_types(""):
        assert each in named
    assert {*TYPES, "auto"} - {*index_types("")} == {"factory"}


def test_one_of_anything_is_told_as_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("Маяк.", encoding="utf-8")
    run("ingest", tmp_path / "one.txt", "--embedder", "hashing")
    built = run("index", "build")
    status = run("status")
    assert "exact search: 1 vector, few" in built.err
    assert "flat, 1 vector, up to date" in status.out
    assert "1 text in ru" in status.out
    for said in (built.out + built.err, status.out, run("show", "one.txt").out):
        assert not re.search(r"\b1 (?!byte)[a-z]+s\b", said), said
