from __future__ import annotations

import json
import subprocess
from pathlib import Path
from shutil import which
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from support import Run, edit

LINES: list[dict[str, Any]] = [
    {
        "_id": "tower",
        "question": "Who built the gull tower?",
        "answers": ["Anna Berg"],
        "evidence": [{"document": "en/tower.md", "quote": "tower was built in 1911 by\nANNA Berg"}],
        "tags": ["en"],
    },
    {
        "_id": "чайки",
        "question": "Сколько птиц прилетает весной?",
        "answers": ["4711"],
        "evidence": [{"document": "ru/чайки.txt", "quote": "Каждую весну прилетает"}],
        "answerable": True,
        "tags": ["ru"],
    },
    {
        "_id": "pётр",
        "question": "Сколько лет прожил на маяке Петр Ильич?",
        "answers": ["тридцать лет"],
        "evidence": [{"document": "ru/маяк.md", "quote": "Смотритель Петр Ильич прожил"}],
        "tags": ["ru"],
    },
    {"_id": "rope", "text": "How much does hemp hold?", "evidence": ["a1"], "tags": ["en"]},
    {"_id": "egg", "question": "How long to boil an egg?", "answerable": False},
]


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return _written(tmp_path / "questions.jsonl", LINES)


def _written(file: Path, lines: list[dict[str, Any]]) -> Path:
    text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in lines)
    file.write_text(text, encoding="utf-8")
    return file


def test_questions_are_asked_and_measured(filled: Run, questions: Path) -> None:
    done = filled("eval", "run", questions, "--ask", "--json", "--no-cache")
    assert done.code == 0
    found = done.json
    assert found["schema"] == "memctl.eval/1"
    assert [each["_id"] for each in found["questions"]] == [each["_id"] for each in LINES]
    assert found["measures"]["nDCG@10"]["questions"] == 4
    assert found["measures"]["R@100"]["value"] == 1.0
    assert found["measures"]["Containment"]["questions"] == 3
    assert found["questions"][1]["evidence"] == {"ru/чайки.txt": 1}
    assert found["questions"][1]["hits"][0]["right"] is True
    assert "4711" in found["questions"][1]["answer"]
    assert set(found["tags"]) == {"en", "ru"}
    assert found["timings"]["p50"] > 0


def test_two_runs_are_the_same_but_for_their_timings(
    filled: Run, questions: Path, tmp_path: Path
) -> None:
    texts: list[str] = []
    for name in ("a.json", "b.json"):
        file = tmp_path / name
        done = filled("eval", "run", questions, "--ask", "--no-cache", "--out", file)
        assert done.code == 0
        texts.append(file.read_text("utf-8"))
    first, second = (text.split('"timings"')[0] for text in texts)
    assert first == second
    assert len(first.splitlines()) > len(LINES)  # a question a line


def test_a_second_run_is_answered_from_the_cache_until_something_changes(
    filled: Run, questions: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MEMCTL_CACHE", str(tmp_path / "cache"))
    first = filled("eval", "run", questions, "--json")
    second = filled("eval", "run", questions, "--json")
    assert "cache" not in first.err
    assert "Nothing changed" in second.err
    assert first.json == second.json
    assert "cache" not in filled("eval", "run", questions, "--mode", "lexical").err
    edit(folder / "en/storm.txt", "The storm of 1953 broke the lamp. All was mended in a week.\n")
    assert filled("ingest", folder).code == 0
    assert filled("index", "build").code == 0
    assert "cache" not in filled("eval", "run", questions).err


def test_demands_decide_the_exit_code(filled: Run, questions: Path) -> None:
    assert filled("eval", "run", questions, "--fail-under", "R@100>=1,nDCG@10>0.1").code == 0
    missed = filled("eval", "run", questions, "--fail-under", "R@100>=1,nDCG@10>1")
    assert missed.code == 3
    assert "nDCG@10>1 is demanded" in missed.err
    assert "R@100>=1 is" not in missed.err
    none = filled("eval", "run", questions, "--tag", "en", "--fail-under", "AbstR>=0.5")
    assert none.code == 1
    assert "cannot be told" in none.err


def test_a_lost_document_is_a_regression_that_says_where_it_was_lost(
    filled: Run, folder: Path, tmp_path: Path
) -> None:
    texts = ["Сколько птиц прилетает?", "Где живут чайки?", "чайки на скалах", "каждую весну"]
    texts += ["прилетает птиц", "весной чайки", "скалы и чайки", "птиц около 4711"]
    lines = [
        {"_id": f"q{number}", "question": text, "evidence": ["ru/чайки.txt"]}
        for number, text in enumerate(texts)
    ]
    questions, base = _written(tmp_path / "q.jsonl", lines), tmp_path / "base.json"
    assert filled("eval", "run", questions, "--out", base).code == 0
    same = filled("eval", "run", questions, "--baseline", base, "--json")
    assert same.code == 0
    assert {each["verdict"] for each in same.json["comparison"]["measures"].values()} == {"same"}
    (folder / "ru/чайки.txt").unlink()
    assert filled("ingest", folder, "--prune").code == 0
    assert filled("index", "build").code == 0
    assert filled("eval", "run", questions).code == 2  # of what was never there no one knows
    report, summary = tmp_path / "junit.xml", tmp_path / "summary.md"
    worse = filled("eval", "run", questions, "--baseline", base, "--out", report, "--out", summary)
    assert worse.code == 3
    assert "nDCG@10 got worse" in worse.err
    assert "no document of this name was ingested" in " ".join(worse.out.split())
    suite = ET.fromstring(report.read_text("utf-8"))[0]
    assert int(suite.get("failures", "0")) >= 1
    assert "чайки" in summary.read_text("utf-8")
    lenient = filled("eval", "run", questions, "--baseline", base, "--fail-on", "never")
    assert lenient.code == 0


def test_a_baseline_of_other_questions_is_refused(
    filled: Run, questions: Path, tmp_path: Path
) -> None:
    base = tmp_path / "base.json"
    assert filled("eval", "run", questions, "--out", base).code == 0
    fewer = _written(tmp_path / "fewer.jsonl", LINES[:3])
    refused = filled("eval", "run", fewer, "--baseline", base)
    assert refused.code == 2
    assert "is missing from this run" in refused.err
    text = base.read_text("utf-8")
    base.write_text(text.replace('"nDCG@10": 1.0', '"nDCG@10": NaN'), encoding="utf-8")
    assert filled("eval", "run", questions, "--baseline", base).code == 2
    base.write_text("{}", encoding="utf-8")
    assert filled("eval", "run", questions, "--baseline", base).code == 2


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([{"question": "x"}], "line 1 of"),
        ([{"_id": "a", "question": "x"}, {"_id": "a", "question": "y"}], "again in line 2"),
        ([{"_id": "a", "question": "x", "evidence": ["nowhere.md"]}], "'nowhere.md'"),
        ([{"_id": "a", "question": "x", "evidence": [{"page": 1}]}], "names no document"),
        (
            [{"_id": "a", "question": "x", "evidence": [{"document": "a1", "page": 0}]}],
            '"page" of the evidence is 0',
        ),
        (
            [{"_id": "a", "question": "x", "evidence": [{"document": "a1", "quote": "cat"}]}],
            "the quote is not in 'a1'",
        ),
        ([{"_id": "a", "question": "x", "answers": "y"}], '"answers" is no list'),
        ([{"_id": "a", "question": "x"}], "no question has evidence"),
        ([], "no questions in"),
    ],
)
def test_broken_questions_are_refused_by_line(
    filled: Run, tmp_path: Path, lines: list[dict[str, Any]], said: str
) -> None:
    refused = filled("eval", "run", _written(tmp_path / "q.jsonl", lines))
    assert refused.code == 2
    assert said in refused.err


def test_wrong_json_is_named_by_its_line(filled: Run, tmp_path: Path) -> None:
    good = "".join(f'{{"_id": "q{number}", "question": "x"}}\n' for number in range(916))
    (tmp_path / "q.jsonl").write_text(good + "{oops\n", encoding="utf-8")
    refused = filled("eval", "run", tmp_path / "q.jsonl")
    assert refused.code == 2
    assert "line 917 of" in refused.err


def test_a_beir_folder_and_trec_topics_say_the_same(filled: Run, tmp_path: Path) -> None:
    beir = tmp_path / "beir"
    beir.mkdir()
    rows = [{"_id": str(n), "text": each} for n, each in enumerate(["hemp rope", "лодка причал"])]
    _written(beir / "queries.jsonl", [*rows, {"_id": "unused", "text": "x"}])
    qrels = "query-id\tcorpus-id\tscore\n0\ta1\t1\n1\tb2\t2\n"
    (beir / "qrels.tsv").write_text(qrels, encoding="utf-8")
    topics = tmp_path / "topics.xml"
    topics.write_text(
        "<top>\n<num> Number: 0\n<title> hemp rope\n</top>\n"
        "<top>\n<num>1</num>\n<title>лодка причал</title>\n</top>\n",
        encoding="utf-8",
    )
    (tmp_path / "qrels").write_text("0 0 a1 1\n1 0 b2 2\n", encoding="utf-8")
    one = filled("eval", "run", beir, "--json")
    two = filled("eval", "run", topics, "--qrels", tmp_path / "qrels", "--json")
    assert one.code == two.code == 0
    assert one.json["measures"] == two.json["measures"]
    assert one.json["measures"]["nDCG@10"]["questions"] == 2
    (beir / "qrels.tsv").write_text(f"{qrels}7\ta1\t1\n", encoding="utf-8")
    unknown = filled("eval", "run", beir)
    assert unknown.code == 2
    assert "line 4 of" in unknown.err


def test_a_run_that_was_written_measures_the_same(
    filled: Run, questions: Path, tmp_path: Path
) -> None:
    run, qrels = tmp_path / "run.trec", tmp_path / "judged.qrels"
    topics = tmp_path / "topics.tsv"
    topics.write_text(
        "".join(f"{each['_id']}\t{each.get('question', each.get('text'))}\n" for each in LINES),
        encoding="utf-8",
    )
    done = filled("eval", "run", questions, "--json", "--out", run, "--out", qrels)
    again = filled("eval", "run", topics, "--qrels", qrels, "--run", run, "--json")
    assert done.code == again.code == 0
    assert again.json["measures"] == done.json["measures"]
    run.write_text(run.read_text("utf-8").split("\n", 1)[1].replace("rope Q0", "x Q0"), "utf-8")
    lacking = filled("eval", "run", topics, "--qrels", qrels, "--run", run)
    assert lacking.code == 2
    assert "lacks 1 of 4 questions, such as 'rope'" in lacking.err


def test_the_page_shows_no_markup_of_documents(filled: Run, folder: Path, tmp_path: Path) -> None:
    (folder / "bad.txt").write_text("<script>alert(1)</script> hemp <b>rope</b>\n", "utf-8")
    assert filled("ingest", folder).code == 0
    assert filled("index", "build").code == 0
    questions = _written(
        tmp_path / "q.jsonl", [{"_id": "<i>", "question": "<b>hemp</b> rope", "evidence": ["a1"]}]
    )
    page = tmp_path / "page.html"
    assert filled("eval", "run", questions, "--out", page, "--ask").code == 0
    text = page.read_text("utf-8")
    assert "<script" not in text
    assert "<b>hemp" not in text
    assert "&lt;script&gt;" in text
    assert "<svg" in text


@pytest.mark.parametrize(
    "words",
    [
        ("--measures", "foo"),
        ("--out", "report.pdf"),
        ("--fail-under", "nDCG"),
        ("--price", "1", "--ask"),
        ("--tag", "fr"),
        ("--baseline", "nowhere.json"),
        ("--run", "nowhere.trec"),
        ("--measures", "passage:R@5", "--tag", "none"),
    ],
)
def test_a_wrong_command_line_is_told(filled: Run, questions: Path, words: tuple[str, ...]) -> None:
    refused = filled("eval", "run", questions, *words)
    assert refused.code == 2
    assert refused.err.startswith("memctl: ")


BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := which(name))),
    None,
)


@pytest.mark.skipif(BROWSER is None, reason="there is no browser")
def test_a_browser_shows_the_page(filled: Run, questions: Path, tmp_path: Path) -> None:
    base, page, image = tmp_path / "base.json", tmp_path / "page.html", tmp_path / "page.png"
    assert filled("eval", "run", questions, "--ask", "--out", base).code == 0
    words = ("--ask", "--mode", "lexical", "--baseline", base, "--fail-on", "never")
    assert filled("eval", "run", questions, *words, "--out", page).code == 0
    browser = [
        str(BROWSER),
        *("--headless", "--no-sandbox", "--disable-gpu", "--window-size=1000,1400"),
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    dom = subprocess.run(
        [*browser, "--dump-dom", page.as_uri()], capture_output=True, check=True, timeout=120
    ).stdout.decode("utf-8")
    assert "<h1>Evaluation of questions.jsonl</h1>" in dom
    assert dom.count('class="bar"') >= 10
    assert 'class="curve"' in dom
    assert "Сколько птиц прилетает весной?" in dom
    subprocess.run(
        [*browser, f"--screenshot={image}", page.as_uri()],
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert _inks(image) > 20


def _inks(image: Path) -> int:
    """Return how many colours an image has: a blank page has one."""
    from matplotlib.image import imread

    pixels = imread(image)
    return len(np.unique(pixels.reshape(-1, pixels.shape[-1]), axis=0))
