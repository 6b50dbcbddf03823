"""The commands of memory: what they print, their codes, and wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from memory_support import place_in, told
from support import Run


@pytest.fixture
def known(tmp_path: Path) -> None:
    """A memory in both languages."""
    told(
        place_in(tmp_path),
        [
            ("2023-01-10", "I live in Boston and my dog's name is Rex"),
            ("2023-05-01", "Я играю в теннис и работаю врачом"),
            ("2024-02-01", "I moved to Denver"),
        ],
    )


@pytest.mark.usefixtures("known")
def test_recall_has_the_shape_of_an_answer(run: Run) -> None:
    result = run("memory", "recall", "Where do I live?", "--json")
    fields = result.json
    assert result.code == 0
    assert fields["schema"] == "memctl.answer/1"
    assert fields["answer"] == "Your city is Denver."
    assert fields["abstained"] is False
    (citation,) = fields["citations"]
    assert citation["document"] == "me#3:3"
    assert citation["quote"] == "I moved to Denver"[2:]
    assert fields["claims"][0]["citations"] == [1]
    assert [fact["value"] for fact in fields["facts"]] == ["Denver"]
    assert fields["episodes"][0]["rank"] == 1


@pytest.mark.usefixtures("known")
def test_abstaining_exits_with_4(run: Run) -> None:
    result = run("memory", "recall", "What is my blood type?", "--json")
    assert result.code == 4
    assert result.json["abstained"] is True
    russian = run("memory", "recall", "Какая у меня группа крови?")
    assert (russian.code, "ничего не известно" in russian.out) == (4, True)


@pytest.mark.usefixtures("known")
def test_as_of_and_history(run: Run) -> None:
    assert "Boston" in run("memory", "recall", "Where do I live?", "--as-of", "2023-06").out
    shown = run("memory", "recall", "Where do I live?", "--history").out
    assert "Boston" in shown
    assert "Denver" in shown
    history = run("memory", "history", "city", "--json").json["facts"]
    assert [(fact["value"], fact["state"]) for fact in history] == [
        ("Boston", "ended"),
        ("Denver", "current"),
    ]
    assert "learned 2023-01-10" in run("memory", "history", "city").out


@pytest.mark.usefixtures("known")
def test_facts_are_listed_by_what_and_of_whom(run: Run) -> None:
    assert "Denver" in run("memory", "facts").out
    assert "Boston" not in run("memory", "facts").out
    assert "Boston" in run("memory", "facts", "--all").out
    dogs = run("memory", "facts", "--about", "dog", "--json").json["facts"]
    assert [(fact["attribute"], fact["value"]) for fact in dogs] == [("name", "Rex")]
    (job,) = run("memory", "facts", "job", "--json").json["facts"]
    assert job["value"] == "врач"
    assert run("memory", "facts", "--pin", str(job["number"])).code == 0
    assert run("memory", "facts", "job", "--json").json["facts"][0]["pinned"] is True


def test_add_explains_what_it_did_and_undo_takes_it_back(run: Run) -> None:
    first = run("memory", "add", "Я живу в Казани", "--explain", "--date", "2024-01-01")
    assert "surprise" in first.out
    assert "importance" in first.out
    again = run("memory", "add", "Переехал в Омск", "--json").json
    (moved,) = again["told"]
    assert (moved["outcome"], moved["value"]) == ("stored", "Омск")
    assert moved["surprise"]["conflict"] == 1.0
    assert len(moved["superseded"]) == 1
    assert "Омск" in run("memory", "recall", "Где я живу?").out
    assert run("memory", "undo").code == 0
    assert "Казань" in run("memory", "recall", "Где я живу?").out
    assert run("memory", "undo").code == 0
    assert run("memory", "recall", "Где я живу?").code == 4
    empty = run("memory", "undo")
    assert (empty.code, "nothing to undo" in empty.err) == (2, True)


def test_the_same_note_twice_is_known(run: Run) -> None:
    run("memory", "add", "I am a nurse", "--date", "2024-01-01")
    assert "Known already" in run("memory", "add", "I am a nurse", "--date", "2024-01-01").out


@pytest.mark.usefixtures("known")
def test_a_batch_answers_in_order(run: Run, tmp_path: Path) -> None:
    batch, out = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    asked = [{"_id": "a", "text": "Where do I live?"}, {"id": "b", "question": "Кем я работаю?"}]
    batch.write_text("\n".join(json.dumps(row) for row in asked), encoding="utf-8")
    assert run("memory", "recall", "--batch", batch, "--out", out).code == 0
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(row["_id"], row["answer"]) for row in rows] == [
        ("a", "Your city is Denver."),
        ("b", "Ваша профессия — врач."),
    ]


@pytest.mark.usefixtures("known")
def test_what_is_used_is_counted(run: Run) -> None:
    run("memory", "recall", "Where do I live?")
    run("memory", "recall", "Where do I live?")
    (city,) = run("memory", "facts", "city", "--json").json["facts"]
    assert city["used"] == 2


@pytest.mark.usefixtures("known")
def test_an_export_is_read_back(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "e.jsonl"
    assert run("memory", "export", "-o", out).code == 0
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert {row["kind"] for row in rows} == {"episode", "fact", "journal"}
    other = tmp_path / "other"
    assert run("memory", "import", out, "--user", "copy", at=other).code == 0
    assert "Denver" in run("memory", "recall", "Where do I live?", at=other).out


@pytest.mark.usefixtures("known")
def test_stats_count_and_find_damage(run: Run, tmp_path: Path) -> None:
    (each,) = run("memory", "stats", "--json").json["users"]
    assert (each["user"], each["episodes"], each["sessions"]) == ("me", 3, 3)
    assert each["damaged"] == []
    file = place_in(tmp_path).book
    data = file.read_bytes()
    assert data.count(b"I moved to Denver") > 0
    file.write_bytes(data.replace(b"I moved to Denver", b"I moved to Dakota"))
    damaged = run("memory", "stats")
    assert damaged.code == 1
    assert "not what was written: episodes 3" in " ".join(damaged.err.split())


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('{"text": "Where do I live?"}', "line 1 of q.jsonl has no _id"),
        ('{"_id": "a", "text": 42}', "line 1 of q.jsonl has no text"),
        ('{"_id": "a", "text": "x"}\n{"_id": "a", "text": "y"}', "'a' stands twice"),
        ("nonsense", "line 1 of q.jsonl is not JSON"),
        ("", "no questions in q.jsonl"),
    ],
)
def test_a_batch_names_the_line_that_is_wrong(
    run: Run, tmp_path: Path, lines: str, told: str
) -> None:
    batch, out = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    batch.write_text(lines, encoding="utf-8")
    result = run("memory", "recall", "--batch", batch, "--out", out)
    assert result.code == 2
    assert told in " ".join(result.err.replace(f"{tmp_path}/", "").split())
    assert not out.exists()


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("who", ["dog", "Собака", "Rex", "rex"])
def test_somebody_is_named_by_a_word_or_a_name(run: Run, who: str) -> None:
    assert "Rex" in run("memory", "facts", "--about", who).out
    assert "Rex" in run("memory", "history", "name", "--about", who).out


@pytest.mark.usefixtures("known")
def test_nobody_is_an_error_with_what_was_meant(run: Run) -> None:
    result = run("memory", "facts", "--about", "brothr")
    assert result.code == 2
    assert "Did you mean 'brother'?" in " ".join(result.err.split())


@pytest.mark.usefixtures("known")
def test_a_store_of_memories_alone_is_verified(run: Run) -> None:
    result = run("verify")
    assert result.code == 0
    assert "memories" in result.out


@pytest.mark.usefixtures("known")
def test_stats_tell_what_was_done_last_and_whether_all_is_sound(run: Run) -> None:
    out = run("memory", "stats").out
    assert "last: import of" in out
    assert "sound" in out


@pytest.mark.usefixtures("known")
def test_facts_tell_since_and_until(run: Run) -> None:
    assert "no more, until 2024-02-01" in run("memory", "facts", "--all").out


@pytest.mark.usefixtures("known")
def test_an_attribute_is_named_in_either_language(run: Run) -> None:
    assert "Denver" in run("memory", "facts", "Город").out
    assert "Boston" in run("memory", "history", "город").out
    assert "Nothing is known" in run("memory", "facts", "zodiac").err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("recall", "Where do I live?"), 1, "there is no memory of 'me'"),
        (("recall",), 2, "the question is empty"),
        (("recall", " "), 2, "the question is empty"),
        (("recall", "x", "--as-of", "soon"), 2, "'soon' is no date"),
        (("recall", "--batch", "none.jsonl"), 2, "--out is missing"),
        (("add", "  "), 2, "nothing to remember"),
        (("add", "x", "--date", "soon"), 2, "is no date"),
        (("add", "x", "--date", "2024-02-30"), 2, "is no date"),
        (("add", "x", "--date", "2999-01-01"), 2, "no date of the years 1900 to 2099"),
        (("add", "x", "--date", "2098-01-01"), 2, "has not come yet"),
        (("recall", "x", "--as-of", "2023-13"), 2, "is no date"),
        (("facts",), 1, "there is no memory"),
        (("history", "city"), 1, "there is no memory"),
        (("forget", "1"), 1, "there is no memory"),
        (("undo",), 1, "there is no memory"),
        (("consolidate",), 1, "there is no memory"),
        (("import", "none.jsonl"), 2, "cannot read"),
    ],
)
def test_wrong_input_is_an_error_with_a_next_step(
    run: Run, words: tuple[str, ...], code: int, told: str
) -> None:
    result = run("memory", *words)
    assert result.code == code
    assert told in " ".join(result.err.split())


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("history", "cty"), "Did you mean 'city'?"),
        (("facts", "горд"), "Did you mean 'город'?"),
        (("facts", "nosuch"), "there is no attribute 'nosuch'"),
        (("forget", "--attribute", "nosuch"), "there is no attribute 'nosuch'"),
        (("forget",), "nothing is named"),
        (("forget", "99"), "no fact 99"),
        (("forget", "--attribute", "zodiac"), "no fact is like that"),
        (("forget", "1", "--all"), "names nothing else"),
        (("facts", "--pin", "99"), "no fact 99"),
        (("lesson", "drop", "9"), "no lesson 9"),
        (("lesson", "add", " ", "x"), "is empty"),
    ],
)
def test_what_is_not_there_is_named(run: Run, words: tuple[str, ...], told: str) -> None:
    result = run("memory", *words)
    assert result.code == 2
    assert told in " ".join(result.err.split())


@pytest.mark.parametrize("user", ["../../etc", "Анна", "a b", "..", "CON", "x" * 300, "a/b", "\n"])
def test_a_user_is_a_name_and_never_a_path(run: Run, store: Path, user: str) -> None:
    assert run("memory", "add", "I live in Oslo", "--user", user).code == 0
    assert run("memory", "add", "I live in Rome", "--user", "other").code == 0
    assert "Oslo" in run("memory", "recall", "Where do I live?", "--user", user).out
    (folders,) = [sorted(each.name for each in (store / "memory").iterdir())]
    assert len(folders) == 2
    assert sorted(each.name for each in store.parent.iterdir()) == ["store"]


def test_a_memory_whose_first_writer_was_killed_is_none_yet(run: Run, tmp_path: Path) -> None:
    place = place_in(tmp_path)
    place.folder.mkdir(parents=True)
    place.book.touch()
    result = run("memory", "recall", "Where do I live?")
    assert (result.code, "there is no memory" in result.err) == (1, True)
    assert run("memory", "stats").code == 0
    assert run("memory", "add", "I live in Oslo").code == 0
    assert "Oslo" in run("memory", "recall", "Where do I live?").out


def test_files_of_a_memory_are_their_owners_alone(run: Run, store: Path) -> None:
    run("memory", "add", "I live in Oslo")
    for file in (store / "memory").rglob("*"):
        assert file.stat().st_mode & 0o077 == 0, file


def test_text_that_steers_a_terminal_is_shown_harmlessly(run: Run) -> None:
    run("memory", "add", "My name is \x1b[31mEve\x07 and I live in Oslo")
    for words in (("facts", "--all"), ("recall", "Where do I live?"), ("export",)):
        assert "\x1b" not in run("memory", *words).out


def test_lessons_and_examples(run: Run) -> None:
    assert "Kept lesson 1" in run("memory", "lesson", "add", "prices", "look at 2024").out
    assert "Kept lesson 1" in run("memory", "lesson", "add", "prices", "look at 2024").out
    run("memory", "example", "add", "Кто платит?", "Платит заказчик.")
    assert "look at 2024" in run("memory", "lesson", "list").out
    (example,) = run("memory", "example", "list", "--json").json["examples"]
    assert example["situation"] == "Кто платит?"
    assert run("memory", "lesson", "drop", "1").code == 0
    assert "There is no lesson" in run("memory", "lesson", "list").err


def test_a_memory_and_documents_share_a_store_whichever_comes_first(
    run: Run, folder: Path, store: Path
) -> None:
    assert run("memory", "add", "I live in Oslo").code == 0
    assert "Run: memctl ingest FOLDER" in run("status").err
    assert run("ingest", folder, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    assert run("verify").code == 0
    assert run("memory", "add", "The gull tower was built in 1911 by Anna Berg.").code == 0
    assert run("forget", "en/tower.md", "--prove", "--json").code == 0
    assert run("gc").code == 0
    assert "Oslo" in run("memory", "recall", "Where do I live?").out
    file = store / "memory" / "me" / "memory.sqlite"
    data = file.read_bytes()
    file.write_bytes(data.replace(b"I live in Oslo", b"I live in Rome"))
    damaged = run("verify")
    assert (damaged.code, "memory of me" in damaged.out) == (1, True)
