from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from chat_support import Chat
from support import Run

SQUAD: dict[str, Any] = {
    "version": "1.1",
    "data": [
        {
            "title": "Gull_tower",
            "paragraphs": [
                {
                    "context": "Башню построила Анна Берг в 1911 году. Её высота 47 метров.",
                    "qas": [
                        {
                            "id": "s1",
                            "question": "Кто построил башню?",
                            "answers": [{"text": "Анна Берг", "answer_start": 16}],
                        },
                        {"id": "s2", "question": "Кто?", "answers": [], "is_impossible": True},
                    ],
                },
                {"context": "The rope holds two tons.", "qas": []},
            ],
        }
    ],
}
LOCOMO: list[dict[str, Any]] = [
    {
        "sample_id": "conv/1",
        "qa": [
            {"question": "Who sings?", "answer": 2022, "evidence": ["D1:1"], "category": 2},
            {"question": "Who flies?", "evidence": ["D1:2"], "category": 5},
        ],
        "conversation": {
            "session_1_date_time": "8 May, 2023",
            "session_1": [
                {"speaker": "Ann", "dia_id": "D1:1", "text": "I sing."},
                {"speaker": "Bob", "dia_id": "D1:2", "text": "I walk."},
            ],
        },
    }
]
GIGA: list[dict[str, Any]] = [
    {
        "id": 7,
        "question": "Какая у меня собака?",
        "ans": "Болонка",
        "question_type": "fact_equal_session",
        "ans_session_ids": [2],
        "sessions": [
            {"id": 1, "messages": [{"role": "user", "content": "Погода хорошая."}]},
            {"id": 2, "messages": [{"role": "user", "content": "У меня дома болонка."}]},
        ],
    },
    {
        "id": 8,
        "question": "Какая у меня машина?",
        "ans": "Нет данных",
        "question_type": "no_info",
        "sessions": [{"id": 1, "messages": [{"role": "user", "content": "Мой пёс — болонка."}]}],
    },
]


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_a_squad_file_is_found_by_where_its_answers_begin(run: Run, tmp_path: Path) -> None:
    source, out = tmp_path / "squad.json.gz", tmp_path / "out"
    source.write_bytes(gzip.compress(json.dumps(SQUAD).encode()))
    assert _imported(source, out)["documents"] == 2
    first, second = _rows(out / "questions.jsonl")
    assert first["evidence"] == [{"document": "000-000", "start": 16, "end": 25}]
    assert second["answerable"] is False
    _indexed(run, out)
    found = run("eval", "run", out / "questions.jsonl", "--measures", "passage:R@1,RR", "--json")
    assert found.json["measures"]["passage:R@1"]["value"] == 1.0
    assert found.json["measures"]["RR"]["questions"] == 1


@pytest.mark.parametrize(
    ("text", "file"),
    [
        (json.dumps(LOCOMO), "conv_1.jsonl"),
        ("\n".join(json.dumps(each, ensure_ascii=False) for each in GIGA), "7.jsonl"),
    ],
)
def test_the_questions_of_a_dialogue_ask_it_alone(
    run: Run, tmp_path: Path, text: str, file: str
) -> None:
    source, out = tmp_path / "set.json", tmp_path / "out"
    source.write_text(text, encoding="utf-8")
    _imported(source, out)
    first, second = _rows(out / "questions.jsonl")
    assert first["filter"] == [f"file:{file}"]
    assert len(first["answers"]) == len(first["evidence"]) == 1
    assert second["answerable"] is False
    assert second["evidence"] == []
    _indexed(run, out)
    done = run("eval", "run", out / "questions.jsonl", "--ask", "--json")
    assert done.json["measures"]["RR"]["value"] == 1.0
    hits = done.json["questions"][0]["hits"]
    assert {hit["document"].partition("#")[0] for hit in hits} == {file}


def _imported(source: Path, out: Path) -> Any:
    from typer.testing import CliRunner

    from memctl.cli.app import app

    done = CliRunner().invoke(app, ["eval", "import", str(source), str(out), "--json"])
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def _indexed(run: Run, out: Path) -> None:
    assert run("ingest", out / "corpus", "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0


@pytest.mark.parametrize("text", ["", "[]", "{oops", '{"a": 1}', '{"data": [{}]}', "\x00"])
def test_a_file_of_no_known_set_is_refused(tmp_path: Path, text: str) -> None:
    from typer.testing import CliRunner

    from memctl.cli.app import app

    source = tmp_path / "set.json"
    source.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, ["eval", "import", str(source), str(tmp_path / "out")])
    assert done.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_drafts_leave_out_what_they_ask_for_and_can_be_run(filled: Run, tmp_path: Path) -> None:
    out = tmp_path / "drafts.jsonl"
    assert filled("eval", "generate", out, "-n", "20").code == 0
    rows = _rows(out)
    asked = {row["question"]: row["answers"][0] for row in rows}
    assert asked["When? The gull tower was built in … by Anna Berg."] == "1911"
    assert asked["Сколько? Каждую весну прилетает около … птиц."] == "4711"
    done = filled("eval", "run", out, "--measures", "passage:R@10,R@10", "--json")
    assert done.code == 0
    assert done.json["measures"]["R@10"]["value"] == 1.0
    again = filled("eval", "generate", out)
    assert again.code == 2
    assert "is there already" in again.err
    other = tmp_path / "other.jsonl"
    assert filled("eval", "generate", other, "-n", "20").code == 0
    assert other.read_bytes() == out.read_bytes()


def test_a_model_drafts_only_what_the_passage_answers(
    filled: Run, tmp_path: Path, chat: Chat
) -> None:
    chat.text = "Q: Who built the gull tower?\nA: Anna Berg"
    out = tmp_path / "drafts.jsonl"
    assert filled("eval", "generate", out, "--llm", "openai:m").code == 0
    (row,) = _rows(out)  # of all the passages one says it
    assert row["evidence"][0]["document"] == "en/tower.md"
    assert "Anna Berg" in row["evidence"][0]["quote"]
    chat.text = "I cannot."
    none = filled("eval", "generate", tmp_path / "none.jsonl", "--llm", "openai:m")
    assert none.code == 2
    assert not (tmp_path / "none.jsonl").exists()


def test_a_judge_marks_answers_several_times(filled: Run, tmp_path: Path, chat: Chat) -> None:
    questions = tmp_path / "q.jsonl"
    row = {"_id": "a", "question": "Who built the gull tower?", "answers": ["Anna Berg"]}
    questions.write_text(json.dumps({**row, "evidence": ["en/tower.md"]}), encoding="utf-8")
    chat.text = "1"
    done = filled("eval", "run", questions, "--judge", "openai:m", "--judge-runs", "2", "--json")
    assert done.code == 0
    assert done.json["measures"]["Judge"]["value"] == 0.5
    assert done.json["judge"]["runs"] == [0.5, 0.5]
    assert "one digit" in done.json["judge"]["prompt"]
    assert "Anna Berg" in chat.prompt
    chat.text = "good"
    wrong = filled("eval", "run", questions, "--judge", "openai:m", "--no-cache")
    assert wrong.code == 1
    assert "said no mark for question a" in wrong.err


def test_a_written_answer_costs_tokens_and_money(filled: Run, tmp_path: Path, chat: Chat) -> None:
    questions = tmp_path / "q.jsonl"
    row = {"_id": "a", "question": "Who built the gull tower?", "answers": ["Anna Berg"]}
    questions.write_text(json.dumps({**row, "evidence": ["en/tower.md"]}), encoding="utf-8")
    chat.text = "The gull tower was built in 1911 by Anna Berg [1]."
    words = ("--llm", "openai:m", "--price", "1000000/0", "--json")
    done = filled("eval", "run", questions, *words)
    assert done.code == 0
    usage = done.json["usage"]
    assert usage["cost"] == usage["prompt_tokens"] > 0
    assert done.json["measures"]["Containment"]["value"] == 1.0
    assert done.json["timings"]["answer-p50"] > 0
