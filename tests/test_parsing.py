from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from memctl.ingest import ChunkRules, process
from memctl.ingest.document import Problem
from memctl.ingest.errors import ReaderError
from memctl.ingest.parsed import Outcome, Parsed, Result, Task
from memctl.ingest.parsing import Parser
from memctl.ingest.settings import Limits
from memctl.ingest.walk import Entry


def _task(file: Path, *known: str) -> Task:
    entry = Entry(file.name, file, root="", size=0, mtime_ns=0, ctime_ns=0)
    return Task(entry, known=known)


def _outcomes(tasks: Sequence[Task], limits: Limits | None = None) -> list[Outcome]:
    """Return how each file ended; documents are looked at only for their laws."""
    ends: list[Outcome] = []
    with Parser(ChunkRules(), limits or Limits(), workers=2) as parser:
        for task, results in parser.parse(tasks):
            *documents, end = results
            for document in documents:
                assert isinstance(document, Parsed)
                assert document.path == task.entry.path
            assert isinstance(end, Outcome)
            ends.append(end)
    return ends


def _texts(folder: Path, count: int) -> list[Path]:
    files = [folder / f"{number:02}.txt" for number in range(count)]
    for file in files:
        file.write_text(f"This is the file {file.name}, and nothing else.", encoding="utf-8")
    return files


def _costly_pdf(file: Path) -> Path:
    """Write a PDF whose 400 pages are one page of 20,000 words: small, and minutes to read."""
    words = b"BT /F1 9 Tf " + b"(a) Tj " * 20_000 + b"ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 400 /Kids [" + b"3 0 R " * 400 + b"] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /Font "
        b"<< /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(words), words),
    ]
    data = b"%PDF-1.4\n"
    places: list[int] = []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(data)
    data += b"xref\n0 5\n0000000000 65535 f \n"
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table
    file.write_bytes(data)
    return file


def test_outcomes_come_in_the_order_of_the_tasks(tmp_path: Path) -> None:
    tasks = [_task(file) for file in _texts(tmp_path, 40)]
    seen: list[str] = []
    with Parser(ChunkRules(), Limits(), workers=2) as parser:
        for task, results in parser.parse(tasks):
            parsed, end = results
            assert isinstance(parsed, Parsed)
            assert isinstance(end, Outcome)
            assert parsed.chunks[0].text == task.entry.file.read_text("utf-8")
            seen.append(parsed.path)
    assert seen == [task.entry.path for task in tasks]


def test_a_file_that_vanished_costs_itself_only(tmp_path: Path) -> None:
    files = _texts(tmp_path, 3)
    tasks = [_task(file) for file in files]
    files[1].unlink()
    assert [end.code for end in _outcomes(tasks)] == ["", "vanished", ""]


def test_a_file_whose_bytes_are_known_is_not_parsed(tmp_path: Path) -> None:
    (file,) = _texts(tmp_path, 1)
    (first,) = _outcomes([_task(file)])
    (second,) = _outcomes([_task(file, first.sha256)])
    assert (first.unchanged, second.unchanged) == (False, True)
    assert first.sha256 == second.sha256


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of processor time there")
def test_a_file_that_takes_too_long_is_ended_and_the_next_ones_are_read(tmp_path: Path) -> None:
    good, after = _texts(tmp_path, 2)
    costly = _costly_pdf(tmp_path / "costly.pdf")
    ends = _outcomes([_task(good), _task(costly), _task(after)], Limits(seconds=1))
    assert [end.code for end in ends] == ["", "time", ""]
    assert "limit of 1 s" in ends[1].reason


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory holds there")
def test_a_file_that_takes_too_much_memory_costs_itself_only(tmp_path: Path) -> None:
    good, after = _texts(tmp_path, 2)
    large = tmp_path / "large.txt"
    large.write_text("Слово за словом. " * 4_000_000, encoding="utf-8")
    tasks = [_task(good), _task(large), _task(after)]
    ends = _outcomes(tasks, Limits(memory_mb=800, file_mb=1000))
    assert [end.code for end in ends] == ["", "memory", ""]


def test_a_file_over_the_limit_of_size_is_refused_by_its_size(tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    large.write_text("a b " * 300_000, encoding="utf-8")
    (end,) = _outcomes([_task(large)], Limits(file_mb=1))
    assert (end.code, end.reason) == ("too_large", "larger than the limit of 1 MB")


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe of POSIX")
def test_what_became_a_pipe_after_the_walk_is_not_waited_for(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.txt")
    (end,) = _outcomes([_task(tmp_path / "pipe.txt")])
    assert end.code == "not_regular"


def test_a_consumer_that_stops_in_the_middle_leaves_no_worker(tmp_path: Path) -> None:
    tasks = [_task(file) for file in _texts(tmp_path, 40)]
    this = psutil.Process()
    before = set(this.children())
    with Parser(ChunkRules(), Limits(), workers=2) as parser:
        _, results = next(iter(parser.parse(tasks)))
        next(results)
        assert set(this.children()) - before
    assert set(this.children()) <= before


def test_a_process_that_cannot_be_started_is_an_error_and_not_a_wait_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [_task(file) for file in _texts(tmp_path, 3)]

    def refuse(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(ReaderError, match="Cannot allocate memory") as caught:
        _outcomes(tasks)
    assert "TMPDIR" in caught.value.hint


@pytest.mark.parametrize("said", ["{}", "[]", "nonsense", '{"kind": "document"}', '{"kind": 1}'])
def test_a_worker_that_makes_no_sense_costs_its_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """A parser that was taken over can say anything; the parent neither waits nor breaks."""
    talks = f"import sys\nsys.stdin.readline()\nprint({said!r}, flush=True)\nsys.stdin.read()"
    monkeypatch.setattr(process, "_MAIN", talks)
    ends = _outcomes([_task(file) for file in _texts(tmp_path, 3)])
    assert [(end.code, end.reason) for end in ends] == [
        ("crashed", "its reader says what makes no sense")
    ] * 3


def test_a_worker_that_does_not_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays = (
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "from memctl.ingest.worker import main\n"
        "import os; os._exit = lambda code: None\n"
        "main()"
    )
    monkeypatch.setattr(process, "_MAIN", stays)
    monkeypatch.setattr(process, "_PATIENCE", 0.5)
    before = set(psutil.Process().children())
    ends = _outcomes([_task(file) for file in _texts(tmp_path, 1)])
    assert [end.code for end in ends] == [""]
    assert set(psutil.Process().children()) <= before


@pytest.mark.skipif(sys.platform == "win32", reason="a signal of POSIX")
def test_a_worker_that_is_killed_costs_its_file_only(tmp_path: Path) -> None:
    good, after = _texts(tmp_path, 2)
    costly = _costly_pdf(tmp_path / "costly.pdf")
    this = psutil.Process()
    ends: list[str] = []
    with Parser(ChunkRules(), Limits(), workers=1) as parser:
        for task, results in parser.parse([_task(good), _task(costly), _task(after)]):
            if task.entry.file == costly:
                for child in this.children():
                    child.kill()
            *_, end = results
            assert isinstance(end, Outcome)
            ends.append(end.code)
    assert ends == ["", "killed", ""]


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of processor time there")
def test_a_member_of_an_archive_that_takes_too_long_costs_itself_only(tmp_path: Path) -> None:
    costly = _costly_pdf(tmp_path / "costly.pdf")
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("a.txt", "Первый файл.")
        file.write(costly, "costly.pdf")
        file.writestr("b.txt", "Второй файл.")
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(inner, "inner.zip")
        file.write(costly, "again.pdf")
        file.writestr("c.txt", "The last file.")
    found: list[tuple[str, str]] = []
    with Parser(ChunkRules(), Limits(seconds=1), workers=1) as parser:
        for _, results in parser.parse([_task(archive)]):
            found.extend(
                ("", result.code) if isinstance(result, Outcome) else _path_and_code(result)
                for result in results
            )
    assert found == [
        ("archive.zip#inner.zip#a.txt", ""),
        ("archive.zip#inner.zip#costly.pdf", "time"),
        ("archive.zip#inner.zip#b.txt", ""),
        ("archive.zip#again.pdf", "time"),
        ("archive.zip#c.txt", ""),
        ("", ""),
    ]


def _path_and_code(result: Result) -> tuple[str, str]:
    return result.path, result.code if isinstance(result, Problem) else ""
