"""Dialogues from files: three formats, what is wrong with them, and nothing twice."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from support import Run

from memctl.ingest import UsageError
from memctl.memory import read_dialogues


def message(role: str, content: object, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


def giga(*dialogues: tuple[str, list[list[dict[str, Any]]]]) -> str:
    rows = [
        {
            "id": name,
            "sessions": [{"id": n, "messages": messages} for n, messages in enumerate(sessions, 1)],
        }
        for name, sessions in dialogues
    ]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


TWO = giga(
    ("7", [[message("user", "Я живу в Казани")], [message("user", "Переехал в Омск")]]),
    ("8", [[message("user", "I live in Oslo"), message("assistant", "Nice!")]]),
)


def test_each_person_has_a_memory_of_their_own(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "d.jsonl"
    file.write_text(TWO, encoding="utf-8")
    done = run("memory", "import", file, "--format", "gigamemory", "--json")
    assert [each["user"] for each in done.json["users"]] == ["7", "8"]
    assert "Омск" in run("memory", "recall", "Где я живу?", "--user", "7").out
    assert "Oslo" in run("memory", "recall", "Where do I live?", "--user", "8").out
    several = run("memory", "recall", "Where do I live?")
    assert several.code == 2
    assert "several users: 7, 8" in several.err


def test_the_same_file_twice_changes_nothing(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "d.jsonl"
    file.write_text(TWO, encoding="utf-8")
    words = ("memory", "import", file, "--format", "gigamemory", "--json")
    run(*words)
    before = run("memory", "facts", "--all", "--user", "7", "--json").json
    again = run(*words).json["users"]
    assert [(each["turns"], each["known"]) for each in again] == [(0, 2), (0, 2)]
    assert run("memory", "facts", "--all", "--user", "7", "--json").json == before


def test_a_file_that_has_grown_adds_what_is_new(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "d.jsonl"
    file.write_text(giga(("7", [[message("user", "Я живу в Казани")]])), encoding="utf-8")
    words = ("memory", "import", file, "--format", "gigamemory", "--json")
    run(*words)
    file.write_text(TWO, encoding="utf-8")
    (seven, _) = run(*words).json["users"]
    assert (seven["turns"], seven["known"]) == (1, 1)


def test_one_user_cannot_be_several_people(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "d.jsonl"
    file.write_text(TWO, encoding="utf-8")
    words = ("memory", "import", file, "--format", "gigamemory", "--user", "me")
    refused = run(*words)
    assert (refused.code, "--dialogue" in refused.err) == (2, True)
    assert run(*words, "--dialogue", "8").code == 0
    assert "Oslo" in run("memory", "recall", "Where do I live?").out


def test_two_people_under_one_id_are_kept_apart_and_named(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "d.jsonl"
    one = [[message("user", "I live in Oslo")]]
    other = [[message("user", "I live in Rome")]]
    file.write_text(giga(("1", one), ("1", other), ("1", one)), encoding="utf-8")
    done = run("memory", "import", file, "--format", "gigamemory")
    assert "two dialogues are called '1'" in " ".join(done.err.split())
    assert "stands in the file twice" in " ".join(done.err.split())
    assert "Oslo" in run("memory", "recall", "Where do I live?", "--user", "1").out
    assert "Rome" in run("memory", "recall", "Where do I live?", "--user", "1 (2)").out


@pytest.mark.parametrize("name", ["c.json", "c.json.gz"])
def test_locomo_as_it_was_published_and_as_rows(tmp_path: Path, name: str) -> None:
    published = [
        {
            "sample_id": "conv-1",
            "qa": [],
            "conversation": {
                "speaker_a": "Ann",
                "session_1_date_time": "1:56 pm on 8 May, 2023",
                "session_1": [{"speaker": "Ann", "dia_id": "D1:1", "text": "I live in Oslo."}],
                "session_10_date_time": "1 pm on 9 June, 2023",
                "session_10": [{"speaker": "Bob", "dia_id": "D10:1", "text": "Hi!"}],
            },
        }
    ]
    text = json.dumps(published)
    file = tmp_path / name
    file.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    (dialogue,) = read_dialogues(file, "locomo")
    assert [(t.speaker, t.said_at, t.session, t.id) for t in dialogue.turns] == [
        ("Ann", "2023-05-08", "1", "D1:1"),
        ("Bob", "2023-06-09", "10", "D10:1"),
    ]
    rows = tmp_path / "rows.jsonl"
    row = {
        "_id": "conv-1/D1:1",
        "text": "[1:56 pm on 8 May, 2023] Ann: I live in Oslo.",
        "conv": "conv-1",
        "session": 1,
        "speaker": "Ann",
        "date": "1:56 pm on 8 May, 2023",
    }
    rows.write_text(json.dumps(row) + "\n", encoding="utf-8")
    (dialogue,) = read_dialogues(rows, "locomo")
    (turn,) = dialogue.turns
    assert (turn.text, turn.speaker, turn.id) == ("I live in Oslo.", "Ann", "conv-1/D1:1")


def test_chats_of_several_shapes(tmp_path: Path) -> None:
    file = tmp_path / "chat.jsonl"
    lines = [
        message("user", "Я живу в Казани", date="2024-05-01"),
        {"messages": [message("human", "I am a nurse"), message("ai", "Hi")], "id": "s2"},
        message("user", [{"type": "text", "text": "Я врач"}], timestamp=1714521600),
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    file.write_text("\ufeff" + text, encoding="utf-8")
    (dialogue,) = read_dialogues(file, "chat")
    assert [(t.role, t.text, t.said_at) for t in dialogue.turns] == [
        ("user", "Я живу в Казани", "2024-05-01"),
        ("user", "I am a nurse", ""),
        ("assistant", "Hi", ""),
        ("user", "Я врач", "2024-05-01"),
    ]


def test_an_export_of_chatgpt(tmp_path: Path) -> None:
    def node(parent: str | None, role: str, text: str) -> dict[str, Any]:
        content = {"content_type": "text", "parts": [text]}
        told = {"author": {"role": role}, "content": content, "create_time": 1714521600.5}
        return {"parent": parent, "message": told}

    nodes = {
        "a": {"parent": None, "message": None},
        "b": node("a", "user", "I live in Oslo"),
        "c": node("b", "assistant", "Nice"),
        "d": node("b", "assistant", "another branch"),
    }
    file = tmp_path / "conversations.json"
    row = {"title": "t", "conversation_id": "x", "mapping": nodes, "current_node": "c"}
    file.write_text(json.dumps([row]), encoding="utf-8")
    (dialogue,) = read_dialogues(file, "chat")
    assert [(t.role, t.text) for t in dialogue.turns] == [
        ("user", "I live in Oslo"),
        ("assistant", "Nice"),
    ]
    assert dialogue.turns[0].said_at == "2024-05-01"


def test_what_is_wrong_is_named_and_nothing_is_lost(tmp_path: Path) -> None:
    messages = [
        message("robot", "I live in Rome"),
        message("user", "I live in Oslo", date="2024-05-01"),
        {"role": "user"},
        "no message",
        message("user", "I am a nurse", date="2023-05-01"),
        message("user", "x" * 300_000),
        message("user", " "),
        message("user", "I like tea", date="32.13.2021"),
        message("user", "I like jam", date="5/8/2023"),
    ]
    file = tmp_path / "d.jsonl"
    file.write_text(giga(("1", [messages])), encoding="utf-8")  # type: ignore[list-item]
    (dialogue,) = read_dialogues(file, "gigamemory")
    told = "\n".join(dialogue.faults)
    assert "message 1 has the role 'robot'" in told
    assert "message 3 has no text" in told
    assert "message 4 is no object" in told
    assert "300,000 characters" in told
    assert "dates go back at" in told
    assert "message 7 has no text" in told
    assert "no day is meant by '32.13.2021' and 1 more: at most the year is kept" in told
    assert len(dialogue.turns) == 6
    assert len(dialogue.turns[3].text) == 300_000
    assert [turn.said_at for turn in dialogue.turns[4:]] == ["2021", "2023"]


def test_a_row_without_text_does_not_refuse_the_others(tmp_path: Path) -> None:
    file = tmp_path / "d.jsonl"
    rows = [message("user", "I live in Oslo"), {"role": "user", "content": 42}]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    (dialogue,) = read_dialogues(file, "chat")
    assert [turn.text for turn in dialogue.turns] == ["I live in Oslo"]
    assert dialogue.faults == ["session 1, message 2 has no text"]


@pytest.mark.parametrize(
    ("text", "form", "told"),
    [
        ("", "chat", "holds nothing"),
        ("{nonsense", "chat", "is no JSON"),
        ('{"role": "user", "content": "a"}\n{nonsense\n', "chat", "line 2 is no JSON"),
        ("[1, 2]", "chat", "holds a list with 1"),
        ('"text"', "chat", "neither objects nor a list"),
        ('{"a": 1}\n', "chat", "neither a text nor messages"),
        ('{"a": 1}\n', "gigamemory", "has no sessions"),
        ('{"a": 1}\n', "locomo", "has no conversation"),
        ('{"id": "1", "sessions": []}\n', "gigamemory", "holds no dialogue"),
    ],
)
def test_a_file_that_is_none_is_an_error_with_a_next_step(
    tmp_path: Path, text: str, form: str, told: str
) -> None:
    file = tmp_path / "d.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=told) as error:
        read_dialogues(file, form)  # type: ignore[arg-type]
    assert error.value.hint


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"\x1f\x8bnonsense", b"\xcf\xf0\xe8"])
def test_bytes_that_are_no_text_are_an_error(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "d.jsonl"
    file.write_bytes(data)
    with pytest.raises(UsageError, match="cannot read"):
        read_dialogues(file, "chat")
    with pytest.raises(UsageError, match="cannot read"):
        read_dialogues(tmp_path / "none.jsonl", "chat")


def test_a_turn_of_ten_megabytes_is_kept_whole(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "chat.jsonl"
    text = "I live in Oslo. " + "word " * 2_000_000
    file.write_text(json.dumps(message("user", text)) + "\n", encoding="utf-8")
    from memctl.memory import Book, Place
    from memctl.memory.attributes import built_in
    from memctl.memory.extractor import Patterns
    from memctl.memory.writing import write

    (dialogue,) = read_dialogues(file, "chat")
    place = Place(tmp_path / "store", "me")
    with Book.write(place, embedder="hashing") as book:
        write(
            book,
            dialogue.turns,
            embedder=book.embedder(),
            grammar=built_in(),
            extractor=Patterns(built_in()),
        )
        (episode,) = book.episodes()
        assert len(episode.text) == len(text)
    assert "Oslo" in run("memory", "recall", "Where do I live?").out
