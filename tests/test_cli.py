from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import FILES, Run

from memctl.cli.render import score_words

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
COMMANDS = ["ingest", "index build", "index info", "query", "ask", "status", "list", "show", "dump"]


def memctl(*words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run memctl as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "memctl.cli", *map(str, words)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **env},
        check=False,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps_with_an_example(name: str) -> None:
    result = memctl(*name.split(), "--help", COLUMNS="200", TERM="dumb")
    assert result.returncode == 0
    assert f"Example: memctl {name.split()[0]}" in result.stdout


def test_no_command_at_all_shows_the_help() -> None:
    result = memctl()
    assert "memctl ingest FOLDER" in result.stdout + result.stderr


def test_the_version_is_that_of_the_distribution() -> None:
    assert re.fullmatch(r"memctl \d+\.\d+\.\d+\n", memctl("--version").stdout)


@pytest.mark.parametrize(
    "words",
    [
        ["query"],
        ["query", "  "],
        ["ask", ""],
        ["query", "x" * 5000],
        ["query", "x", "-k", "0"],
        ["query", "x", "-k", "99999999999999999999"],
        ["ingest", ""],
        ["nonsense"],
        ["ingest"],
    ],
)
def test_a_wrong_command_line_exits_with_2(filled: Run, words: list[str]) -> None:
    if words == ["nonsense"]:
        assert memctl(*words).returncode == 2
    else:
        assert filled(*words).code == 2


@pytest.mark.parametrize(
    ("words", "behind"),
    [
        (["query", "-2024 рост"], "memctl query -- '-2024 …'"),
        (["query", "-2024 growth"], "memctl query -- '-2024 …'"),
        (["query", "-кот"], "memctl query -- '-кот …'"),
        (["query", "-кот и собака"], "memctl query -- '-кот …'"),
        (["query", "-kotlin coroutines"], "memctl query -- '-kotlin …'"),
        (["ask", "-file:old/ roof"], "memctl ask -- '-file:old/ …'"),
        (["why", "-cat", "--doc", "x"], "memctl why -- '-cat …'"),
    ],
)
def test_a_word_with_a_minus_that_was_taken_for_an_option_says_how_to_ask(
    run: Run, words: list[str], behind: str
) -> None:
    refused = run(*words)
    assert refused.code == 2
    assert behind in " ".join(refused.err.replace("│", " ").split())


@pytest.mark.parametrize(
    ("words", "quoted"),
    [
        (["query", "кот", "весит"], "memctl query 'кот …'"),
        (["ask", "how", "high", "is", "it", "-k", "3"], "memctl ask 'how …'"),
        (["why", "кот", "весит", "--doc", "x"], "memctl why 'кот …'"),
    ],
)
def test_a_question_without_quotes_is_told_of_them(run: Run, words: list[str], quoted: str) -> None:
    refused = run(*words)
    assert refused.code == 2
    said = " ".join(refused.err.replace("│", " ").split())
    assert f"stands in quotes: {quoted}" in said


@pytest.mark.parametrize("words", [["query", "x", "--nosuch"], ["query", "x", "-k", "many"]])
def test_a_wrong_option_is_not_taken_for_a_word(run: Run, words: list[str]) -> None:
    refused = run(*words)
    assert refused.code == 2
    assert "minus" not in refused.err
    assert "quotes" not in refused.err


@pytest.mark.usefixtures("filled")
def test_a_question_that_begins_with_a_minus_is_asked_behind_two(store: Path) -> None:
    found = memctl("query", "--store", store, "--json", "--", "-маяк птицы на острове")
    documents = {hit["document"] for hit in json.loads(found.stdout)["hits"]}
    assert documents
    assert "ru/маяк.md" not in documents


@pytest.mark.parametrize(
    ("score", "shown"),
    [(4.1304, "4.130"), (0.1, "0.100"), (0.016393, "0.0164"), (-0.0004, "-0.0004"), (0.0, "0.000")],
)
def test_a_small_score_is_shown_with_its_digits(score: float, shown: str) -> None:
    assert score_words(score) == shown


@pytest.mark.parametrize("question", ["lamp file:en/storm.txt", "лампа file:ru/маяк.md"])
def test_a_hit_that_stands_alone_has_the_score_of_the_stage_that_found_it(
    filled: Run, question: str
) -> None:
    (line, *_) = filled("query", question).out.splitlines()
    (hit,) = filled("query", question, "--explain", "--json").json["hits"]
    assert hit["score"] == 0
    cosine = hit["explain"]["stages"]["dense"]["score"]
    assert line == f" 1  {hit['document']}  meaning {score_words(cosine)}"
    by_words = filled("query", question, "--mode", "lexical")
    assert re.fullmatch(r" 1  \S+  \d+\.\d+", by_words.out.splitlines()[0])


def test_scores_by_reciprocal_ranks_can_be_told_apart(filled: Run) -> None:
    found = filled("query", "маяк", "--fusion", "rrf(k=60)", "-k", "4")
    scores = re.findall(r"0\.0\d+", found.out)
    assert len(scores) == len(set(scores)) == 4


def test_errors_are_one_line_of_what_and_one_of_what_next(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    cases = [
        (run("query", "x"), "no store at", "memctl ingest"),
        (run("status", at=folder), "is not a memctl store", "memctl ingest"),
        (run("ingest", tmp_path / "missing"), "no file or folder", "Check"),
        (run("ingest", folder, "--embedder", "nano"), "unknown embedder 'nano'", "e5-small"),
    ]
    run("ingest", folder, "--embedder", "hashing")
    cases.append((run("query", "x"), "no index in", "memctl index build"))
    cases.append((run("index", "build", "--name", "a/b"), "'a/b' is no name", "Use letters"))
    for result, message, hint in cases:
        assert result.code in {1, 2}
        assert result.out == ""
        what, following = result.err.strip().splitlines()
        assert message in what
        assert hint in following


def test_an_error_with_json_is_one_object_too(run: Run) -> None:
    result = run("query", "x", "--json")
    assert result.code == 1
    assert result.json["schema"] == "memctl.error/1"
    assert "no store" in result.json["error"]["message"]


def test_an_unknown_setting_is_named_with_the_nearest_one(folder: Path, filled: Run) -> None:
    settings = Path(filled("status", "--json").json["store"]) / "memctl.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("overlap_tokens", "overlap_token"), encoding="utf-8")
    result = filled("ingest", folder)
    assert result.code == 1
    assert "overlap_token" in result.err
    assert "overlap_tokens" in result.err


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        (["index", "info"], "memctl.index/1"),
        (["query", "лампа"], "memctl.query/1"),
        (["status"], "memctl.status/1"),
        (["show", "ru/маяк.md"], "memctl.document/1"),
    ],
)
def test_json_is_one_object_with_its_schema(filled: Run, words: list[str], schema: str) -> None:
    assert filled(*words, "--json").json["schema"] == schema


def test_ingest_reports_in_json_what_it_did(folder: Path, run: Run) -> None:
    fields = run("ingest", folder, "--embedder", "hashing", "--json").json
    assert fields["files"] == {
        "added": 5,
        "changed": 0,
        "unchanged": 0,
        "moved": 0,
        "removed": 0,
        "failed": 0,
        "partial": 0,
        "refused": 0,
        "missing": 0,
        "left_out": 0,
    }
    assert fields["parts"] == {"failed": 0}
    assert fields["chunks"] == {"total": 6, "embedded": 6, "reused": 0}
    assert fields["failures"] == []


def test_dump_holds_every_document_whole(filled: Run) -> None:
    texts: dict[str, str] = {}
    for line in filled("dump").out.splitlines():
        row = json.loads(line)
        assert len(texts.get(row["document"], "")) == row["start"]
        texts[row["document"]] = texts.get(row["document"], "") + row["text"]
    assert texts["ru/маяк.md"] == FILES["ru/маяк.md"]
    assert len(texts) == 6


def test_list_has_a_document_a_line(filled: Run) -> None:
    assert filled("list").out.splitlines() == [
        "en/storm.txt",
        "en/tower.md",
        "rows.jsonl#a1",
        "rows.jsonl#b2",
        "ru/маяк.md",
        "ru/чайки.txt",
    ]
    rows = [json.loads(line) for line in filled("list", "--json").out.splitlines()]
    assert [row["document_id"] for row in rows][2:4] == ["a1", "b2"]


def test_show_names_what_is_not_there(filled: Run) -> None:
    result = filled("show", "nothing.txt")
    assert (result.code, "memctl list" in result.err) == (2, True)


def test_nothing_in_a_document_steers_the_terminal(folder: Path, run: Run) -> None:
    devil = (
        "Gulls \x1b[2J\x1b]52;c;eA==\x07 \x9b2J \u202egnp.exe [/bold] [link=http://x]tower[/link]"
    )
    (folder / "devil\x1b[31m.txt").write_text(devil + " gulls fly" * 20, encoding="utf-8")
    (folder / "bad\x1b]0;x\x07.xyz").write_text("x", encoding="utf-8")
    results = [
        run("ingest", folder, "--embedder", "hashing"),
        run("index", "build"),
        run("query", "gulls tower", "--full"),
        run("query", "gulls tower", "--json"),
        run("ask", "gulls tower?"),
        run("list"),
        run("dump"),
        run("status"),
    ]
    for result in results:
        assert not CONTROL.search(result.out + result.err)
    assert "[/bold]" in results[2].out


def test_a_question_with_control_characters_comes_back_escaped(filled: Run) -> None:
    result = filled("query", "a\x1b[2J\u202eb\x9b", "--json")
    assert not CONTROL.search(result.out)
    assert result.json["query"] == "a\x1b[2J\u202eb\x9b"


def test_an_ingest_that_is_interrupted_keeps_what_it_has_and_goes_on(
    tmp_path: Path, run: Run, store: Path
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(800):  # half a minute of embedding
        text = f"Entry {number} of the log. " + "The keeper lit the lamp at dusk. " * 30
        (folder / f"{number:03}.txt").write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "memctl.cli", "ingest", str(folder), "--store", str(store)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    _wait_for_vectors(store)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert "interrupted" in err
    fields = run("ingest", folder, "--dry-run", "--json").json
    assert fields["files"]["unchanged"] > 0 or fields["chunks"]["reused"] > 0


def _wait_for_vectors(store: Path) -> None:
    deadline = time.monotonic() + 60
    vectors = store / "vectors-0001.f16"
    while time.monotonic() < deadline:
        if vectors.exists() and vectors.stat().st_size > 0:
            return
        time.sleep(0.05)
    pytest.fail("the ingest did not begin within a minute")


# Commits after each text, and takes its time, so that a kill finds it half-way.
SLOWLY = """
import sys, time
from memctl.ingest import writer
from memctl.ingest.embedders.hashing import HashingEmbedder
writer._SECONDS, writer._SHARE, writer._BATCH = 0, 0, 1
at_once = HashingEmbedder.embed
def embed(self, texts, *, role):
    time.sleep(0.05)
    return at_once(self, texts, role=role)
HashingEmbedder.embed = embed
from memctl.cli.__main__ import main
sys.argv = ["memctl", *sys.argv[1:]]
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process group is killed")
def test_killed_half_way_a_store_keeps_what_it_has_and_ends_as_an_undisturbed_one(
    tmp_path: Path, run: Run, store: Path
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(40):
        text = f"Entry {number} of the log of the tower, in ink."
        (folder / f"{number:03}.txt").write_text(text, encoding="utf-8")
    words = ["ingest", str(folder), "--embedder", "hashing", "--store"]
    assert memctl(*words, tmp_path / "whole").returncode == 0
    for wanted in (1, 8, 16, 25):
        process = subprocess.Popen(
            [sys.executable, "-c", SLOWLY, *words, str(store)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while not (store / "catalog.sqlite").exists() or _listed(run) < wanted:
            assert process.poll() is None
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert wanted <= _listed(run) < 40
    assert memctl(*words, store).returncode == 0
    assert run("dump").out == run("dump", at=tmp_path / "whole").out
    assert (store / "vectors-0001.f16").read_bytes() == (
        tmp_path / "whole/vectors-0001.f16"
    ).read_bytes()


def _listed(run: Run) -> int:
    return len(run("list").out.splitlines())


def test_a_catalog_that_is_damaged_inside_is_an_error_without_a_traceback(
    filled: Run, store: Path
) -> None:
    file = store / "catalog.sqlite"
    data = bytearray(file.read_bytes())
    data[8192:] = b"\xff" * (len(data) - 8192)
    file.write_bytes(data)
    for words in (["status"], ["list"], ["dump"], ["query", "lamp"]):
        result = filled(*words)
        assert (result.code, "cannot be read" in result.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["query", "лампа", "--json"], 1, "cannot write the output: it is closed"),
        (["list"], 1, "cannot write the output: it is closed"),
        (["show", "nothing", "--json"], 2, "no document 'nothing'"),
    ],
)
def test_a_closed_output_is_an_error(
    filled: Run, store: Path, words: list[str], code: int, said: str
) -> None:
    del filled
    command = [sys.executable, "-m", "memctl.cli", *words, "--store", str(store)]
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *command], stderr=subprocess.PIPE, encoding="utf-8"
    )
    assert (done.returncode, said in done.stderr) == (code, True)
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_output_that_cannot_be_written_is_an_error(filled: Run, store: Path) -> None:
    del filled
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "memctl.cli", "list", "--store", str(store)],
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == 1
    assert "cannot write the output" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe of POSIX")
def test_a_reader_that_has_read_enough_ends_the_command_quietly(run: Run, tmp_path: Path) -> None:
    rows = "".join(f'{{"_id": "{n}", "text": "Row {n} of many rows."}}\n' for n in range(5000))
    (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")
    run("ingest", tmp_path / "rows.jsonl", "--embedder", "hashing")
    process = subprocess.Popen(
        [sys.executable, "-m", "memctl.cli", "dump", "--store", str(tmp_path / "store")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 141


def test_hints_name_the_store_that_was_given(run: Run, folder: Path, store: Path) -> None:
    run("ingest", folder, "--embedder", "hashing")
    assert f"Run: memctl index build --store {store}" in run("query", "lamp").err
    assert f"memctl index build --store {store}" in run("status").out


def test_a_report_that_cannot_be_written_stops_an_ingest_before_its_work(
    run: Run, folder: Path, store: Path
) -> None:
    result = run("ingest", folder, "--report", folder / "missing/report.jsonl")
    assert (result.code, store.exists()) == (2, False)


def test_a_dry_run_tells_what_prune_would_remove(run: Run, folder: Path) -> None:
    run("ingest", folder, "--embedder", "hashing")
    (folder / "en/storm.txt").unlink()
    assert "would be kept" in run("ingest", folder, "--dry-run").out
    assert "would be removed" in run("ingest", folder, "--dry-run", "--prune").out
    assert run("ingest", folder, "--dry-run", "--json").json["files"]["missing"] == 1
    assert "en/storm.txt" in run("list").out
