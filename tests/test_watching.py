from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import FILES, Run

from memctl.ingest import MemctlError, Options, Store, Summary, UsageError, watch

HASHING = Options("hashing", prune=True)
Rounds = Callable[..., Iterator[Summary | MemctlError]]


@pytest.fixture
def rounds(folder: Path, store: Path) -> Iterator[Rounds]:
    """Watch the folder; at the end of the test the watching ends."""
    stop = threading.Event()

    def begin(*targets: Path) -> Iterator[Summary | MemctlError]:
        return watch(targets or (folder,), store, options=HASHING, stop=stop)

    yield begin
    stop.set()


def _summary(rounds: Iterator[Summary | MemctlError]) -> Summary:
    """Return the next round that did something."""
    for done in rounds:
        assert isinstance(done, Summary)
        if done.added or done.changed or done.moved or done.removed:
            return done
    raise AssertionError("the watching ended")


def test_a_watch_begins_with_a_full_pass_and_then_takes_in_what_changes(
    folder: Path, rounds: Rounds
) -> None:
    watching = rounds()
    assert _summary(watching).added == 5
    (folder / "new").mkdir()
    (folder / "new/туман.txt").write_text("Туман стоял три дня.\n", encoding="utf-8")
    first = _summary(watching)
    assert (first.added, first.embedded) == (1, 1)
    (folder / "new/туман.txt").rename(folder / "new/мгла.txt")
    second = _summary(watching)
    assert (second.moved, second.embedded) == (1, 0)
    shutil.rmtree(folder / "new")
    assert _summary(watching).removed == 1


def test_a_store_inside_the_folder_does_not_set_off_its_own_rounds(folder: Path) -> None:
    stop = threading.Event()
    watching = watch([folder], folder / "store", options=HASHING, stop=stop)
    assert _summary(watching).added == 5
    timer = threading.Timer(2.0, stop.set)
    timer.start()
    assert list(watching) == []


def test_a_round_that_fails_is_told_once_and_tried_again(
    folder: Path, store: Path, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memctl.ingest.watching._AGAIN", 0.1)
    watching = rounds()
    _summary(watching)
    with Store.write(store):
        (folder / "late.txt").write_text("The late one.\n", encoding="utf-8")
        failed = next(watching)
        assert isinstance(failed, MemctlError)
        assert "another memctl is writing" in failed.message
    assert _summary(watching).added == 1


def test_a_folder_that_goes_away_and_comes_back_is_watched_again(
    folder: Path, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memctl.ingest.watching._AGAIN", 0.1)
    watching = rounds()
    _summary(watching)
    away = folder.rename(folder.with_name("away"))
    failed = next(watching)
    assert isinstance(failed, MemctlError)
    (away / "late.txt").write_text("The late one.\n", encoding="utf-8")
    away.rename(folder)
    assert _summary(watching).added == 1
    (folder / "later.txt").write_text("The later one.\n", encoding="utf-8")
    assert _summary(watching).added == 1


def test_an_empty_folder_is_waited_for(tmp_path: Path, rounds: Rounds) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    watching = rounds(empty)
    failed = next(watching)
    assert isinstance(failed, MemctlError)
    assert "no files" in failed.message
    (empty / "first.txt").write_text(FILES["en/storm.txt"], encoding="utf-8")
    assert _summary(watching).added == 1


def test_what_cannot_be_watched_is_an_error_at_once(folder: Path, rounds: Rounds) -> None:
    with pytest.raises(UsageError, match="is a file"):
        next(rounds(folder / "rows.jsonl"))
    with pytest.raises(MemctlError, match="no file or folder"):
        next(rounds(folder / "missing"))


def test_a_watch_that_could_not_be_strict_is_refused(folder: Path, run: Run) -> None:
    result = run("ingest", folder, "--watch", "--strict")
    assert result.code == 2
    assert "--watch" in result.err
