from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from pdf_support import IMAGE, drawn, pdf, shown
from support import HASHING, Run

from memctl.ingest import Options, Store, Summary, estimate, ingest
from memctl.ingest.checkup import examine
from memctl.ingest.losses import losses
from memctl.ingest.records import NoteRecord
from memctl.ingest.walk import Skipped

TEXT = shown("The tower was built in the year 1911.")
SCAN = "2 pages left out: an image and no text on it: a scan needs OCR"
ROWS = '{"_id": "а1", "text": "Лодка стоит у причала."}\nno row\n'


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A file of each kind: read, read in part, with a part that was not read, not read, a link."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "good.txt").write_text("The keeper went home.\n", encoding="utf-8")
    (folder / "отчёт.pdf").write_bytes(drawn(TEXT, IMAGE, IMAGE))
    (folder / "rows.jsonl").write_text(ROWS, encoding="utf-8")
    (folder / "what.xyz").write_bytes(b"\x00\x01")
    with zipfile.ZipFile(folder / "box.zip", "w") as archive:
        archive.writestr("чайки.txt", "На скалах живут чайки.")
        archive.writestr("photo.xyz", b"\x00\x01")
    (folder / "link.txt").symlink_to(folder / "good.txt")
    return folder


def _told(failures: list[Skipped]) -> dict[str, tuple[str, str]]:
    return {each.path: (each.kind, each.code) for each in failures}


KINDS = {
    "box.zip#photo.xyz": ("part", "unsupported"),
    "link.txt": ("refused", "symlink"),
    "rows.jsonl": ("partial", "bad_rows"),
    "what.xyz": ("file", "unsupported"),
    "отчёт.pdf": ("partial", "no_text"),
}


def _numbers(done: Summary) -> tuple[int, ...]:
    return done.failed, done.parts, done.partial, done.refused


def test_a_document_that_misses_pages_is_told_at_each_ingest_like_what_was_not_read(
    mixed: Path, store: Path
) -> None:
    first = ingest([mixed], store, options=HASHING)
    assert _told(first.failures) == KINDS
    assert not any(each.before for each in first.failures)
    assert next(each.reason for each in first.failures if each.path == "отчёт.pdf") == SCAN
    again = ingest([mixed], store)
    assert again.failures == first.failures
    assert [each.path for each in again.failures if not each.before] == ["link.txt"]
    assert (again.unchanged, *_numbers(again)) == (4, 1, 1, 2, 1)


def test_a_file_that_was_touched_or_named_alone_is_told_of_too(mixed: Path, store: Path) -> None:
    ingest([mixed], store, options=HASHING)
    os.utime(mixed / "отчёт.pdf", (1, 1))
    done = ingest([mixed / "отчёт.pdf"], store)
    assert (_told(done.failures), done.unchanged) == ({"отчёт.pdf": KINDS["отчёт.pdf"]}, 1)


def test_a_dry_run_tells_what_an_ingest_will(mixed: Path, store: Path) -> None:
    before = estimate([mixed], store, options=HASHING)
    assert _told(list(before.failures)) == KINDS
    ingest([mixed], store, options=HASHING)
    assert _told(list(estimate([mixed], store).failures)) == KINDS


def test_ingest_status_and_doctor_say_the_same_number_for_the_same_word(
    mixed: Path, run: Run
) -> None:
    done = run("ingest", mixed, "--embedder", "hashing")
    words = "1 file not read, 1 part of files not read, 2 partly read"
    assert f"4 added; {words}, 1 refused" in done.out
    assert f"4 documents from 4 files; {words}" not in done.out
    held = f"4 documents from 4 files; {words}"
    assert held in run("status").out
    assert held in " ".join(run("doctor").out.split())
    status, doctor = run("status", "--json").json, run("doctor", "--json").json
    for name in ("files", "not_read", "parts_not_read", "partly_read", "documents"):
        assert status[name] == doctor[name]
    assert [status[name] for name in ("files", "not_read")] == [5, 1]
    lost = [each for each in doctor["findings"] if each["lost"]]
    assert sorted((each["path"], each["partial"]) for each in lost) == [
        ("box.zip#photo.xyz", False),
        ("rows.jsonl", True),
        ("what.xyz", False),
        ("отчёт.pdf", True),
    ]


def test_one_of_each_is_no_plural(tmp_path: Path, run: Run) -> None:
    (tmp_path / "a.txt").write_text("Маяк стоит на скале.", encoding="utf-8")
    run("ingest", tmp_path / "a.txt", "--embedder", "hashing")
    assert "1 document from 1 file\n" in run("status").out


def test_pages_that_are_left_out_are_in_json_in_the_report_and_strict(
    tmp_path: Path, run: Run
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.pdf").write_bytes(drawn(TEXT, IMAGE, IMAGE))
    report = tmp_path / "report.jsonl"
    words = ("ingest", tmp_path / "docs", "--strict", "--report", report)
    for more in (("--embedder", "hashing"), ("--retry",), ()):
        done = run(*words, *more, "--json")
        (failure,) = done.json["failures"]
        assert (done.code, done.json["files"]["partial"]) == (5, 1)
        assert failure == {"path": "a.pdf", "code": "no_text", "reason": SCAN, "status": "partial"}
        assert [json.loads(line) for line in report.read_text("utf-8").splitlines()] == [failure]


def test_a_garbled_page_is_told_like_a_scan(tmp_path: Path, run: Run) -> None:
    (tmp_path / "docs").mkdir()
    sentences = (f"Смотритель записал в книгу {n} чаек на скале. " * 6 for n in range(3))
    first, second, third = sentences
    spoilt = " ".join(second * 2)
    (tmp_path / "docs/a.pdf").write_bytes(pdf(first, spoilt, third))
    done = run("ingest", tmp_path / "docs", "--embedder", "hashing", "--strict")
    assert done.code == 5
    assert "partly read  a.pdf: page 2 left out: words torn into single letters" in done.err
    assert "[garbled]" in done.err


def test_notes_on_what_was_read_all_the_same_are_no_losses() -> None:
    def note(code: str, page: int | None) -> NoteRecord:
        return NoteRecord("a.pdf", "a.pdf", code=code, reason="left out: why", page=page)

    read = [note(code, 1) for code in ("doubtful", "hidden_text", "damaged")]
    assert list(losses([*read, note("encoding", None), note("encoded", None)])) == []
    left = [note("garbled", page) for page in (7, 9, 8)]
    (told,) = losses([*left, note("no_text", 2), *read])
    assert told.reason == "3 pages left out: why; page 2 left out: why"
    assert (told.code, told.status) == ("garbled", "partial")


def test_what_was_told_before_is_a_number_and_what_is_new_has_its_name(
    mixed: Path, run: Run, store: Path
) -> None:
    first = run("ingest", mixed, "--embedder", "hashing").err
    assert "partly read  отчёт.pdf: 2 pages left out" in first
    assert "partly read  rows.jsonl" in first
    assert f"memctl doctor --store {store}" in first
    (mixed / "new.xyz").write_bytes(b"\x00")
    second = run("ingest", mixed).err
    assert "skipped  new.xyz" in second
    assert "отчёт.pdf" not in second
    assert f"4 as before; memctl doctor --store {store} lists them" in second


@pytest.mark.parametrize(("files", "named"), [(20, 20), (21, 21), (22, 20)])
def test_a_list_is_cut_only_where_that_saves_a_line(
    tmp_path: Path, run: Run, files: int, named: int
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.txt").write_text("Маяк.", encoding="utf-8")
    for number in range(files):
        (tmp_path / f"docs/{number}.xyz").write_bytes(b"\x00")
    words = ("ingest", tmp_path / "docs", "--embedder", "hashing")
    err = run(*words).err
    assert err.count("skipped") == named
    assert ("… and 2 more (2 unsupported); --report FILE lists them all" in err) == (files == 22)
    again = run(*words, "--retry", "--report", tmp_path / "report.jsonl").err
    assert "--report FILE" not in again


def test_retry_counts_as_changed_only_what_is(mixed: Path, store: Path) -> None:
    ingest([mixed], store, options=HASHING)
    done = ingest([mixed], store, options=Options(retry=True))
    assert (done.unchanged, done.changed, done.added) == (4, 0, 0)
    assert _told(done.failures) == KINDS


def test_retry_reads_a_file_again_of_which_a_part_was_not_read(tmp_path: Path, store: Path) -> None:
    (tmp_path / "docs").mkdir()
    box = tmp_path / "docs/box.zip"
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("малый.txt", "Чайка.")
        archive.writestr("large.txt", "The keeper lit the lamp.\n" * 60_000)
    with Store.write(store, embedder="hashing"):
        pass
    settings = store / "memctl.toml"
    _limit(settings, 1)
    assert _told(ingest([box.parent], store).failures) == {
        "box.zip#large.txt": ("part", "too_large")
    }
    _limit(settings, 5)
    assert ingest([box.parent], store).parts == 1
    with Store.open(store) as opened:
        (finding,) = examine(opened.catalog).findings
    assert "memctl ingest FOLDER --retry" in finding.advice
    done = ingest([box.parent], store, options=Options(retry=True))
    assert (done.failures, done.missing) == ([], 0)
    box.unlink()
    (tmp_path / "docs/a.txt").write_text("Маяк.", encoding="utf-8")
    assert ingest([box.parent], store, options=Options(retry=True)).missing == 1


def _limit(settings: Path, megabytes: int) -> None:
    lines = settings.read_text("utf-8").splitlines()
    limited = (f"file_mb = {megabytes}" if line.startswith("file_mb") else line for line in lines)
    settings.write_text("\n".join(limited), encoding="utf-8")


def test_a_file_with_a_lost_part_that_is_gone_is_missed_by_retry_too(
    mixed: Path, store: Path
) -> None:
    ingest([mixed], store, options=HASHING)
    (mixed / "box.zip").unlink()
    assert ingest([mixed], store, options=Options(retry=True)).missing == 1


def test_doctor_says_that_ingest_tells_what_the_walk_refused(mixed: Path, run: Run) -> None:
    run("ingest", mixed, "--embedder", "hashing")
    out = run("doctor").out
    assert "link.txt" not in out
    assert "refused are told by each memctl ingest" in out


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT there")
def test_a_watch_tells_what_is_gone_that_the_index_is_behind_and_ends_with_130(
    folder: Path, store: Path, run: Run
) -> None:
    run("ingest", folder, "--embedder", "hashing")
    run("index", "build")
    words = [sys.executable, "-m", "memctl.cli", "ingest", str(folder), "--watch"]
    words += ["--store", str(store)]
    pipe, same = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(words, stdout=pipe, stderr=same, encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout)
            assert any("Watching for changes" in line for line in lines)
            (folder / "ru/чайки.txt").unlink()
            assert any("1 gone (kept; --prune removes)" in line for line in lines)
            (folder / "ru/туман.txt").write_text("Туман стоял три дня.\n", encoding="utf-8")
            assert any("1 added" in line for line in lines)
            assert f"The index is behind: memctl index build --store {store}" in next(lines)
            process.send_signal(signal.SIGINT)
            assert list(lines) == ["Watching has ended; what was taken in is kept.\n"]
            assert process.wait(timeout=60) == 130
        finally:
            process.kill()
