"""The shell: its commands by a script, and its terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from chat_support import Chat
from support import Result, Run

from memctl.cli.answering import Ways
from memctl.cli.flow import Flow
from memctl.cli.shell.completing import completions
from memctl.cli.shell.opening import open_document
from memctl.cli.shell.state import Shell
from memctl.ingest import Store, UsageError
from memctl.query import Filter, Session

Script = Callable[..., Result]


def said(result: Result) -> list[str]:
    """Return the lines that the shell printed for those of a script, without these."""
    return [line for line in result.out.splitlines() if not line.startswith("› ")]


@pytest.fixture
def script(filled: Run, tmp_path: Path) -> Script:
    """Run lines in a shell."""

    def call(*lines: str, words: tuple[str | Path, ...] = ()) -> Result:
        file = tmp_path / "script"
        file.write_text("\n".join(lines), encoding="utf-8")
        return filled("shell", "--script", file, *words)

    return call


def test_questions_are_answered_in_turn_with_the_conversation(script: Script, chat: Chat) -> None:
    chat.text = "Anna Berg built the tower [1]."
    result = script("Who built the gull tower?", "And when?", words=("--llm", "openai:tiny"))
    assert result.code == 0
    assert result.out.count("Anna Berg built the tower [1].") == 2
    assert "[1] " in result.out
    assert "The conversation so far" in chat.prompt


def test_without_a_model_sentences_are_quoted(script: Script) -> None:
    result = script("Сколько чаек прилетает каждую весну?", "А откуда?")
    assert result.code == 0
    assert "Asked: А откуда? (" in result.err


def test_a_script_shows_each_line_before_what_comes_of_it(script: Script) -> None:
    result = script(
        "Who built the gull tower?", "  ", " Где живут чайки? ", "/mode", "выход", "/mode"
    )
    assert result.code == 0
    told = [line for line in result.out.splitlines() if line]
    typed = [line for line in told if line.startswith("› ")]
    assert typed == ["› Who built the gull tower?", "› Где живут чайки?", "› /mode", "› выход"]
    assert "Anna Berg" in told[told.index(typed[0]) + 1]
    assert "На скалах живут чайки." in told[told.index(typed[1]) + 1]
    assert told[told.index(typed[2]) + 1 :] == ["hybrid", "› выход"]


def test_signs_alone_are_no_question_and_do_not_repeat_the_last_one(script: Script) -> None:
    result = script("Сколько чаек прилетает каждую весну?", "???", "🙂", "…!")
    assert result.code == 1
    assert result.err.count("the question has no word") == 3
    assert "Asked:" not in result.err
    assert result.out.count("[1] ") == script("Сколько чаек прилетает каждую весну?").out.count(
        "[1] "
    )


def test_a_mistake_is_told_and_the_shell_lives_on(script: Script, chat: Chat) -> None:
    chat.plan = ["401"]
    chat.text = "It stands [1]."
    lines = ("   ", "/modee", "/open 7", "/sources", "Who built it?", "Who built it?", "/quit", "x")
    result = script(*lines, words=("--llm", "openai:tiny"))
    assert result.code == 1
    assert "Did you mean /mode?" in result.err
    assert result.err.count("nothing was asked yet") == 2
    assert "401" in result.err
    assert "It stands [1]." in result.out
    assert len(chat.bodies) == 2


def test_modes_filters_models_and_levels_can_be_changed(script: Script, chat: Chat) -> None:
    chat.text = "It stands [1]."
    result = script(
        "/mode lexical", "/mode", "/filter lang:ru file:ru/", "/filter", "/llm openai:tiny", "/llm",
        "/verify strict", "/verify", "/index", "Где чайки?", "/filter off", "/filter", "/llm off",
        "/llm", "/explain", "/explain off", "/new",
    )  # fmt: skip
    assert result.code == 0, result.err
    for said in ("lexical", "lang:ru file:ru/", "openai:tiny", "strict", "default", "off"):
        assert f"\n{said}" in f"\n{result.out}"
    assert "en/" not in chat.prompt


@pytest.mark.parametrize(
    "line",
    ["/mode x", "/filter x", "/filter lang:ru foo", "/filter язык:ru", "/filter lnag:en",
     "/llm magic:x", "/verify x", "/index none", "/explain x", "/save",
     "/eval", "/eval none.jsonl", "/nothing"],
)  # fmt: skip
def test_what_a_command_does_not_take_is_an_error_and_changes_nothing(
    script: Script, line: str
) -> None:
    result = script(line, "/mode", "/filter", "/index", "/verify")
    assert result.code == 1
    assert said(result) == ["hybrid", "off", "default", "warn"]
    assert result.err.startswith("memctl: ")


def test_a_field_that_there_is_not_is_told_at_once_with_the_near_name(script: Script) -> None:
    result = script("/filter язык:ru", "/filter lnag:en", "/filter lang:en", "/filter moot:x")
    assert result.code == 1
    assert result.err.count("Did you mean 'lang'?") == 2
    refused = script("/filter", words=("--filter", "язык:ru"))
    assert refused.code == 2
    assert "no field 'язык'" in refused.err
    assert refused.out == ""


def test_what_is_set_is_confirmed(script: Script) -> None:
    result = script("/filter lang:ru file:чайки.txt", "/mode lexical", "/filter off")
    assert result.code == 0
    assert said(result) == []
    told = [line for line in result.err.splitlines() if ": " in line]
    assert told == [
        "Looked for in: lang:ru file:чайки.txt",
        "Searched by: lexical",
        "Looked for in: all documents",
    ]


@pytest.mark.parametrize("word", ["exit", "quit", "выход", "Выход", " EXIT "])
def test_a_bare_word_leaves(script: Script, word: str) -> None:
    result = script("/mode", word, "/mode")
    assert (result.code, said(result)) == (0, ["hybrid"])


@pytest.mark.parametrize("word", ["help", "помощь", "Help"])
def test_a_bare_word_helps(script: Script, word: str) -> None:
    result = script(word)
    assert result.code == 0
    assert said(result) == said(script("/help"))


@pytest.mark.parametrize("line", ["help with the gull tower", "выход на маяк"])
def test_such_a_word_in_a_question_is_asked(script: Script, line: str) -> None:
    result = script(line, "/mode")
    assert result.out.endswith("\nhybrid\n")
    assert "/sources" not in result.out


def test_why_and_sources_speak_of_the_last_question(script: Script) -> None:
    result = script("Who built the gull tower?", "/sources", "/why", "/why en/storm.txt")
    assert "“The gull tower was built in 1911 by Anna Berg.”" in " ".join(result.out.split())
    assert "both      rank 1" in result.out
    assert "en/storm.txt" in result.out


EXPLAINED = "How its passages were found:"


@pytest.mark.parametrize(
    ("question", "document", "word"),
    [
        ("Who built the gull tower?", "en/tower.md", "tower"),
        ("Сколько чаек прилетает каждую весну?", "ru/чайки.txt", "весну"),
    ],
)
def test_each_answer_says_how_its_passages_were_found(
    script: Script, question: str, document: str, word: str
) -> None:
    quoted = script("/explain on", question, "/explain off", question).out
    assert quoted.count(EXPLAINED) == 1
    told = quoted.partition(EXPLAINED)[2]
    assert told.startswith(f"\n 1  {document}")
    assert "both      rank 1" in told
    assert re.search(rf"matched .*{word}", told)


def test_a_written_answer_is_explained_too(script: Script, chat: Chat) -> None:
    chat.text = "Anna Berg built it [1]."
    lines = ("/explain on", "Who built the gull tower?")
    out = script(*lines, words=("--llm", "openai:tiny")).out
    assert out.count("Anna Berg built it") == 1
    assert out.count(EXPLAINED) == 1


def test_an_answer_without_passages_has_none_to_explain(script: Script) -> None:
    result = script("/explain on", "/filter page:7", "Who built the gull tower?", "Где чайки?")
    assert result.code == 0
    assert EXPLAINED not in result.out


@pytest.mark.parametrize(
    ("question", "document", "filter_"),
    [
        ("Who built the gull tower?", "en/tower.md", "lang:ru"),
        ("Сколько чаек прилетает каждую весну?", "ru/чайки.txt", "lang:en"),
    ],
)
def test_why_looks_where_the_shell_looks(
    script: Script, question: str, document: str, filter_: str
) -> None:
    lines = (question, f"/filter {filter_}", f"/why {document}", "/filter off", f"/why {document}")
    out = script(*lines).out
    assert out.count(f"the filter {filter_} leaves it out") == 1
    assert "It is among the first 8." in out.partition("leaves it out")[2]


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("Who built the gull tower?", "en/tower.md"),
        ("Сколько чаек прилетает каждую весну?", "ru/чайки.txt"),
    ],
)
def test_why_searches_as_the_shell_does(script: Script, question: str, document: str) -> None:
    out = script(question, "/mode lexical", f"/why {document}").out
    told = out.rpartition(f"\n{document}")[2]
    assert "by words" in told
    assert "by meaning" not in told


def test_a_session_is_saved_as_markdown(script: Script, tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    result = script("Who built the gull tower?", f"/save {file}", f"/save {file}")
    assert result.code == 1
    assert "there already" in result.err
    text = file.read_text("utf-8")
    assert text.startswith("## Who built the gull tower?")
    assert "en/tower.md" in text
    assert "Anna Berg" in text


def test_a_session_file_goes_on(script: Script, tmp_path: Path) -> None:
    file = tmp_path / "talk.jsonl"
    script("Кто прожил на маяке тридцать лет?", words=("--session", file))
    result = script("А когда?", words=("--session", file))
    assert "Asked: А когда? (" in result.err
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [row["role"] for row in rows] == ["user", "assistant"] * 2


def test_the_questions_of_a_file_are_counted(script: Script, tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    rows = [
        {"_id": "1", "text": "Who built the gull tower?", "answers": ["anna  berg"]},
        {"_id": "2", "text": "Какая столица у Бразилии?", "answers": ["Бразилиа"]},
        {"_id": "3", "text": "How high is it?"},
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    result = script(f"/eval {file}")
    assert "3 questions" in result.out
    assert "1 of 2 answers hold a right one (50.0%)" in result.out


@pytest.mark.parametrize("name", ["questions", "вопросы", "questions.txt"])
def test_a_file_of_questions_that_is_not_there_is_told_as_that(
    script: Script, filled: Run, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    for result in (script(f"/eval {file}"), filled("eval", "run", file)):
        assert result.code > 0
        assert f"no such file: {file}" in result.err
        assert "neither" not in result.err
    file.write_text("Who built the gull tower?", encoding="utf-8")
    assert "neither JSON lines" in script(f"/eval {file}").err


def test_a_script_that_is_not_there(filled: Run, tmp_path: Path) -> None:
    assert filled("shell", "--script", tmp_path / "none").code == 2
    assert filled("shell").code == 2


def test_help_lists_every_command(script: Script) -> None:
    out = script("/help").out
    for name in ("sources", "open", "why", "mode", "filter", "index", "llm", "explain", "save",
                 "eval", "help"):  # fmt: skip
        assert f"/{name}" in out


# --- its parts


class Named:
    """What a store says of three files, one of two documents."""

    def document_names(self) -> list[tuple[str, str, str]]:
        files = {
            "люди/дни рождения.txt": "люди/дни рождения.txt",
            "notes/a[1].md": "notes/a[1].md",
            "rows.jsonl#a1": "rows.jsonl",
            "rows.jsonl#b2": "rows.jsonl",
        }
        return [(path, path, file) for path, file in files.items()]

    def languages(self) -> list[str]:
        return ["en", "ru", "und"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/so", [("/sources", 3)]),
        ("/mode le", [("lexical", 2)]),
        ("/filter file:a lang:r", [("lang:ru", 6)]),
        ("/filter lang:", [("lang:en", 5), ("lang:ru", 5), ("lang:und", 5)]),
        ("/filter -lang:e", [("-lang:en", 7)]),
        ("/filter -la", [("-lang:", 3)]),
        ("/filter lang:en file:лю", [("file:люди/", 7), ("file:люди/дни?рождения.txt", 7)]),
        ("/filter file:дни", [("file:люди/дни?рождения.txt", 8)]),
        ("/filter file:notes/a", [("file:notes/a?1].md", 12)]),
        ("/filter file:ro", [("file:rows.jsonl", 7)]),
        ("/why лю", [("люди/дни рождения.txt", 2)]),
        ("/why люди/дни р", [("люди/дни рождения.txt", 10)]),
        ("/why rows.jsonl#b", [("rows.jsonl#b2", 12)]),
        ("/why a", [("notes/a[1].md", 1)]),
        ("/why none", []),
        ("question", []),
        ("/quit x", []),
    ],
)
def test_commands_and_their_values_are_completed(text: str, found: list[tuple[str, int]]) -> None:
    assert list(completions(text, Named())) == found


def test_what_is_completed_names_what_the_store_holds(filled: Run, store: Path) -> None:
    assert filled("status").code == 0
    with Store.open(store) as opened:
        names = opened.catalog
        assert [each for each, _ in completions("/why ", names)] == [
            "en/storm.txt", "en/tower.md", "rows.jsonl#a1", "rows.jsonl#b2", "ru/маяк.md",
            "ru/чайки.txt",
        ]  # fmt: skip
        assert [each for each, _ in completions("/filter lang:", names)] == ["lang:en", "lang:ru"]
        for begun, files in (("file:ru/", 3), ("file:ч", 1), ("file:tow", 1)):
            assert len(list(completions(f"/filter {begun}", names))) == files


@pytest.mark.parametrize("name", ["run.sh", "a.bat", "x.exe", "page.html", "noname"])
def test_what_could_be_run_is_not_opened(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="not opened"):
        open_document(tmp_path / name)


def test_a_document_is_opened_by_its_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    codes = [0, 3]

    def launch(file: str) -> int:
        opened.append(file)
        return codes.pop(0)

    monkeypatch.setattr("typer.launch", launch)
    open_document(tmp_path / "a.pdf")
    assert opened == [str(tmp_path / "a.pdf")]
    with pytest.raises(UsageError, match="nothing here opens"):
        open_document(tmp_path / "a.pdf")


def test_text_flows_in_lines_no_longer_than_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    flow = Flow()
    text = "Every spring some 4711 gulls arrive.\n\n- Маяк построен в 1911 году."
    for at in range(0, len(text), 4):
        flow.put(text[at : at + 4])
    flow.end()
    out = capsys.readouterr().out
    assert out.split() == text.split()
    assert max(map(len, out.splitlines())) <= 20
    assert "\n\n- " in out


# --- its terminal


class Terminal:
    """A memctl on a terminal of 80 columns."""

    def __init__(self, store: Path, *words: str, env: dict[str, str]) -> None:
        self._main, side = pty.openpty()
        argv = [sys.executable, "-m", "memctl.cli", *words, "--store", str(store)]
        settings = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
        self.process = subprocess.Popen(
            argv,
            stdin=side,
            stdout=side,
            stderr=side,
            env={**os.environ, **settings, **env},
            start_new_session=True,
        )
        os.close(side)
        self.out = ""

    def type(self, text: str) -> None:
        os.write(self._main, text.encode())

    def wait_for(self, pattern: str, *, seconds: float = 60, dots: bool = False) -> str:
        """Read until what came matches, and take it; answer what a terminal is asked."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.out, re.DOTALL if dots else 0):
            assert time.monotonic() < end, f"no {pattern!r} in {self.out!r}"
            if select.select([self._main], [], [], 0.1)[0]:
                try:
                    data = os.read(self._main, 65_536)
                except OSError:
                    break
                self.out += data.decode("utf-8", "replace")
                if b"\x1b[6n" in data:
                    os.write(self._main, b"\x1b[1;1R")
        found, self.out = self.out, ""
        return found

    def close(self) -> int:
        code = self.process.wait(timeout=60)
        os.close(self._main)
        return code


def test_a_person_talks_to_it_and_ctrl_c_stops_the_answer_and_not_the_shell(
    filled: Run, store: Path, chat: Chat
) -> None:
    del filled
    chat.text = "**Anna Berg** built the tower [1]."
    chat.plan = ["ok", "hang"]
    shell = Terminal(
        store,
        *("shell", "--llm", "openai:tiny"),
        env={"MEMCTL_OPENAI_BASE_URL": chat.url, "MEMCTL_OPENAI_API_KEY": "geheim-12345"},
    )
    shell.wait_for("›")
    shell.type("Who built it?\r")
    seen = shell.wait_for(r"\[1\][^\n]*en/|\[1\][^\n]*ru/|\[1\][^\n]*rows")
    assert "**Anna" not in seen.rpartition("Anna Berg")[0][-20:]
    assert "\x1b]8;;file://" in seen or "\x1b]8;;file://" in shell.wait_for("]8;;")
    shell.wait_for("›")
    shell.type("Who is hanging?\r")
    shell.wait_for("reads|openai:tiny")
    while len(chat.bodies) < 2:
        time.sleep(0.05)
    shell.process.send_signal(signal.SIGINT)
    shell.wait_for("Stopped.*›", dots=True)
    shell.type("/mode\r")
    shell.wait_for("hybrid.*›", dots=True)
    shell.type("\x04")
    assert shell.close() == 0
    history = store / "shell-history"
    assert "Who is hanging?" in history.read_text("utf-8")
    assert history.stat().st_mode & 0o777 == 0o600


def test_tab_completes_names_of_documents(filled: Run, store: Path) -> None:
    assert filled("status").code == 0
    shell = Terminal(store, "shell", env={})
    shell.wait_for("›")
    shell.type("/why ru/ч\t")
    shell.wait_for(r"айки\.txt")
    shell.type("\r")
    shell.wait_for("nothing was asked yet.*›", dots=True)
    shell.type("/filter file:en/t\t")
    shell.wait_for(r"ower\.md")
    shell.type("\r")
    shell.wait_for("Looked for in: file:en/tower.md.*›", dots=True)
    shell.type("\x04")
    assert shell.close() == 0


def test_an_answer_streams_on_a_terminal_and_steers_nothing(
    filled: Run, store: Path, chat: Chat
) -> None:
    del filled
    chat.text = "It \x1b]52;c;aGk=\x07is \x1b[2Jhigh ![x](http://127.0.0.1:9/l) \u202e[1]."
    shell = Terminal(
        store,
        *("ask", "Who built it?", "--llm", "openai:tiny"),
        env={"MEMCTL_OPENAI_BASE_URL": chat.url, "MEMCTL_OPENAI_API_KEY": "geheim-12345"},
    )
    seen = ""
    end = time.monotonic() + 60
    while shell.process.poll() is None and time.monotonic() < end:
        try:
            seen += shell.wait_for(".", seconds=5)
        except AssertionError:
            continue
    assert shell.close() == 0
    assert "high" in seen
    assert "http" not in seen
    assert not re.search("\x1b\\](?!8;;)|\x1b\\[2J|\u202e", seen)


def test_the_store_is_followed_while_the_shell_is_open(
    filled: Run, folder: Path, store: Path
) -> None:
    ways, nothing = Ways(), list[Filter]()
    with Shell(store, "default", ways=ways, session=Session(None), filters=nothing) as shell:
        assert "larch" not in shell.ask("What is the new pier made of?", None).answer.text
        embedder = shell.searcher.embedder
        text = "The new pier is made of larch.\n"
        (folder / "pier.txt").write_text(text, encoding="utf-8")
        assert filled("ingest", folder).code == 0
        assert filled("index", "build").code == 0
        assert "larch" in shell.ask("What is the new pier made of?", None).answer.text
        assert shell.searcher.embedder is embedder  # it stays warm
        assert filled("forget", "pier.txt").code == 0
        assert "larch" not in shell.ask("What is the new pier made of?", None).answer.text
