"""Lessons from failed cases: kept only where other questions gain by them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chat_support import Chat
from support import Run

TOPICS = 14


@pytest.fixture
def asked(run: Run, tmp_path: Path) -> Path:
    """A store where some questions share no word with what answers them, and the questions."""
    folder = tmp_path / "docs"
    folder.mkdir()
    for n in range(TOPICS):
        (folder / f"wine{n}.md").write_text(
            f"# Vintage {n}\n\nRiesling merlot cellar number{n} oak barrel.\n", encoding="utf-8"
        )
        (folder / f"sea{n}.md").write_text(
            f"# Drinks and voyages {n}\n\nThe best drink of a sailor, drink {n}.\n",
            encoding="utf-8",
        )
    assert run("ingest", folder, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    rows = [
        {
            "_id": f"q{n}",
            "text": f"Which drink is the best drink for number{n} of the guests?",
            "evidence": [f"wine{n}.md"],
        }
        for n in range(TOPICS)
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return file


def test_lessons_that_help_others_are_kept(run: Run, asked: Path) -> None:
    dry = run("eval", "learn", asked, "--dry-run", "--json")
    assert dry.code == 0
    found = dry.json
    assert found["failed"] > 0
    assert found["kept"]
    assert found["after"] > found["before"]
    assert all(each["gain"] > 0 and each["tried"] > 0 for each in found["kept"])
    assert run("memory", "lesson", "list").code == 1  # nothing was kept
    assert run("eval", "learn", asked).code == 0
    listed = run("memory", "lesson", "list", "--json").json["lessons"]
    assert [each["advice"] for each in listed] == [each["advice"] for each in found["kept"]]
    assert all(each["advice"].startswith("look for: ") for each in listed)


def test_a_lesson_widens_the_search_of_an_answer(run: Run, asked: Path, chat: Chat) -> None:
    question = "Which drink is the best drink for number5 of the guests?"
    run("memory", "lesson", "add", question, "look for: riesling, merlot, cellar, oak")
    chat.text = "Nothing is known."
    run("ask", question, "-k", "8", "--llm", "openai:tiny")
    assert "wine" not in chat.prompt
    run("ask", question, "-k", "8", "--llm", "openai:tiny", "--memory")
    assert "wine" in chat.prompt
    assert "look for: riesling" in run("ask", question, "--memory").err
    del asked


def test_too_few_questions_are_an_error(run: Run, asked: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text(asked.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    result = run("eval", "learn", few)
    assert (result.code, "too few" in result.err) == (2, True)
