from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import FILES, HASHING, Run, alter, edit, laid_texts

from memctl.ingest import (
    Catalog,
    EmbedderError,
    Options,
    SourceError,
    Store,
    StoreError,
    Vectors,
    estimate,
    ingest,
)
from memctl.ingest.embedders.hashing import HashingEmbedder


def test_documents_are_named_by_their_path_and_rows_by_their_id(folder: Path, store: Path) -> None:
    summary = ingest([folder], store, options=HASHING)
    assert (summary.added, summary.failed) == (5, 0)
    texts = laid_texts(store)
    assert sorted(texts) == [
        "en/storm.txt",
        "en/tower.md",
        "rows.jsonl#a1",
        "rows.jsonl#b2",
        "ru/маяк.md",
        "ru/чайки.txt",
    ]
    assert texts["ru/чайки.txt"] == FILES["ru/чайки.txt"]
    assert texts["rows.jsonl#b2"] == "Лодка стоит у причала с мая по октябрь."


def test_each_row_of_the_vector_file_is_the_vector_of_its_chunk(folder: Path, store: Path) -> None:
    ingest([folder], store, options=HASHING)
    with Store.open(store) as opened:
        vectors = opened.vectors.map(opened.catalog.rows).astype(np.float32)
        for stored in opened.catalog.chunks():
            above = [
                line
                for line in dict.fromkeys((stored.title, *stored.chunk.headings))
                if line and line not in stored.chunk.text
            ]
            text = "\n".join((*above, stored.chunk.text))
            expected = HashingEmbedder().embed([text], role="document")[0]
            assert np.allclose(vectors[stored.row], expected, atol=1e-3)


def test_a_second_ingest_of_the_same_folder_does_nothing(folder: Path, store: Path) -> None:
    ingest([folder], store, options=HASHING)
    before = store.joinpath("vectors-0001.f16").read_bytes()
    summary = ingest([folder], store)
    assert (summary.unchanged, summary.added, summary.changed, summary.embedded) == (5, 0, 0, 0)
    assert store.joinpath("vectors-0001.f16").read_bytes() == before


def test_only_the_chunks_that_changed_are_embedded(folder: Path, store: Path) -> None:
    ingest([folder], store, options=HASHING)
    edit(folder / "rows.jsonl", FILES["rows.jsonl"].replace("two tons", "three tons"))
    summary = ingest([folder], store)
    assert (summary.changed, summary.unchanged, summary.embedded) == (1, 4, 1)
    assert "three tons" in laid_texts(store)["rows.jsonl#a1"]


def test_a_change_that_leaves_size_and_times_alike_is_still_seen(folder: Path, store: Path) -> None:
    file = folder / "en/storm.txt"
    ingest([folder], store, options=HASHING)
    facts = file.stat()
    edit(file, FILES["en/storm.txt"].replace("1953", "1954"))
    os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert ingest([folder], store).changed == 1
    assert "1954" in laid_texts(store)["en/storm.txt"]


def test_a_touched_file_is_read_but_not_parsed_or_embedded(folder: Path, store: Path) -> None:
    ingest([folder], store, options=HASHING)
    os.utime(folder / "en/storm.txt")
    summary = ingest([folder], store)
    assert (summary.unchanged, summary.changed, summary.embedded) == (5, 0, 0)


def test_a_row_that_went_away_goes_with_the_next_ingest(folder: Path, store: Path) -> None:
    ingest([folder], store, options=HASHING)
    edit(folder / "rows.jsonl", FILES["rows.jsonl"].splitlines()[1] + "\n")
    ingest([folder], store)
    assert [name for name in laid_texts(store) if "#" in name] == ["rows.jsonl#b2"]


def test_equal_texts_share_a_vector_wherever_they_stand(folder: Path, store: Path) -> None:
    edit(folder / "copy.txt", FILES["en/storm.txt"])
    summary = ingest([folder], store, options=HASHING)
    assert (summary.embedded, summary.reused) == (6, 1)


def test_what_a_file_held_is_kept_when_it_cannot_be_read_any_more(
    folder: Path, store: Path
) -> None:
    file = folder / "en/storm.txt"
    ingest([folder], store, options=HASHING)
    file.write_bytes(b"\x00\x01\x02\xff" * 100)
    summary = ingest([folder], store)
    (failure,) = summary.failures
    assert (failure.path, failure.code) == ("en/storm.txt", "encoding")
    assert "kept" in failure.reason
    assert laid_texts(store)["en/storm.txt"] == FILES["en/storm.txt"]


def test_a_failure_is_told_again_without_being_tried_again(folder: Path, store: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 and nothing more")
    first = ingest([folder], store, options=HASHING)
    second = ingest([folder], store)
    assert first.failures == second.failures
    assert [failure.code for failure in second.failures] == ["bad_format"]
    assert second.unchanged == 5


def test_a_file_without_a_reader_is_listed(folder: Path, store: Path) -> None:
    (folder / "photo.xyz").write_bytes(b"\x001234")
    (failure,) = ingest([folder], store, options=HASHING).failures
    assert (failure.path, failure.code) == ("photo.xyz", "unsupported")
    assert ".xyz" in failure.reason


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read_is_listed_and_tried_again(folder: Path, store: Path) -> None:
    file = folder / "en/storm.txt"
    file.chmod(0)
    (failure,) = ingest([folder], store, options=HASHING).failures
    assert failure.code == "permission"
    file.chmod(0o600)
    assert ingest([folder], store).added == 1


def test_two_folders_that_hold_the_same_path_do_not_overwrite_each_other(
    folder: Path, store: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    (other / "en").mkdir(parents=True)
    edit(other / "en/storm.txt", "Another storm.")
    edit(other / "new.txt", "Something new.")
    ingest([folder], store, options=HASHING)
    summary = ingest([other], store)
    assert [(each.path, each.code) for each in summary.failures] == [
        ("en/storm.txt", "duplicate_path")
    ]
    assert summary.added == 1
    assert laid_texts(store)["en/storm.txt"] == FILES["en/storm.txt"]


def test_a_folder_that_was_moved_is_recognised(folder: Path, store: Path, tmp_path: Path) -> None:
    ingest([folder], store, options=HASHING)
    moved = tmp_path / "moved"
    folder.rename(moved)
    summary = ingest([moved], store)
    assert (summary.unchanged, summary.embedded, summary.failed) == (5, 0, 0)


def test_a_file_of_an_ingested_folder_keeps_its_path_when_named_alone(
    folder: Path, store: Path
) -> None:
    ingest([folder], store, options=HASHING)
    edit(folder / "en/storm.txt", "The storm of 1953 is forgotten.")
    assert ingest([folder / "en/storm.txt"], store).changed == 1
    assert len(laid_texts(store)) == 6


def test_a_new_chunk_size_cuts_every_document_again(folder: Path, store: Path) -> None:
    edit(folder / "long.txt", "The keeper lit the lamp and wrote it down. " * 40)
    ingest([folder], store, options=HASHING)
    settings = store / "memctl.toml"
    edit(settings, settings.read_text("utf-8").replace("max_tokens = 256", "max_tokens = 32"))
    before = laid_texts(store)
    assert ingest([folder], store).changed == 6
    assert laid_texts(store) == before
    with Store.open(store) as opened:
        assert max(stored.chunk.tokens for stored in opened.catalog.chunks()) <= 32


def test_the_same_folder_gives_the_same_vector_file_and_catalog(
    folder: Path, tmp_path: Path
) -> None:
    for name, workers in (("one", 1), ("two", 2)):
        options = Options("hashing", workers=workers)
        ingest([folder], tmp_path / name, options=options)
    dumps = [
        list(sqlite3.connect(tmp_path / name / "catalog.sqlite").iterdump())
        for name in ("one", "two")
    ]
    assert [line for line in dumps[0] if '"files"' not in line] == [
        line for line in dumps[1] if '"files"' not in line
    ]
    one, two = ((tmp_path / name / "vectors-0001.f16").read_bytes() for name in ("one", "two"))
    assert hashlib.sha256(one).digest() == hashlib.sha256(two).digest()


class _Failing:
    """Embeds a few texts and then fails, as an engine that is killed does."""

    name, dimension, fingerprint = "hashing", 256, "hashing-1/256"

    def __init__(self, good: int) -> None:
        self.good = good
        self.seen: list[str] = []

    def embed(self, texts: Sequence[str], *, role: str) -> Vectors:  # noqa: ARG002  part of the seam
        if len(self.seen) + len(texts) > self.good:
            raise EmbedderError("the engine stopped")
        self.seen.extend(texts)
        return HashingEmbedder().embed(texts, role="document")


def test_an_ingest_that_was_stopped_embeds_nothing_twice(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(100):
        edit(folder / f"{number:03}.txt", f"Entry {number} of the log of the tower.")
    ingest([_one(tmp_path)], store, options=HASHING)
    engines = [_Failing(70), _Failing(1000)]
    used = engines[:1]

    def embedder(store: Store) -> _Failing:  # noqa: ARG001  a method
        return used[-1]

    monkeypatch.setattr(Store, "embedder", embedder)
    with pytest.raises(EmbedderError, match="stopped"):
        ingest([folder], store)
    used.append(engines[1])
    ingest([folder], store)
    assert engines[0].seen, "the first run must have got somewhere"
    assert not set(engines[0].seen) & set(engines[1].seen)
    assert len(laid_texts(store)) == 101


def _one(tmp_path: Path) -> Path:
    file = tmp_path / "one/first.txt"
    file.parent.mkdir()
    edit(file, "The first entry.")
    return file.parent


def test_an_estimate_says_what_there_is_to_do_and_writes_nothing(folder: Path, store: Path) -> None:
    found = estimate([folder], store)
    assert (found.files, found.unchanged, found.chunks, found.reused) == (5, 0, 6, 0)
    assert not store.exists()
    ingest([folder], store, options=HASHING)
    again = estimate([folder], store)
    assert (again.files, again.unchanged, again.chunks) == (0, 5, 0)


def test_a_folder_that_cannot_be_listed_is_not_a_folder_that_is_gone(
    folder: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([folder], store, options=HASHING)
    listed = os.scandir

    def scandir(path: Path) -> Any:
        if Path(path).name == "ru":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    summary = ingest([folder], store, options=Options(prune=True))
    assert [(each.path, each.code) for each in summary.failures] == [("ru/", "permission")]
    assert (summary.removed, summary.missing) == (0, 0)
    assert "ru/маяк.md" in laid_texts(store)


@pytest.mark.parametrize("together", [True, False])
def test_a_folder_and_its_sub_folder_hold_each_document_once(
    folder: Path, store: Path, *, together: bool
) -> None:
    if together:
        ingest([folder / "en", folder], store, options=HASHING)
    else:
        ingest([folder / "en"], store, options=HASHING)
        assert set(laid_texts(store)) == {"storm.txt", "tower.md"}
        assert ingest([folder], store).embedded == 4
    assert len(laid_texts(store)) == 6
    assert "en/storm.txt" in laid_texts(store)


def test_a_file_named_alone_does_not_make_its_folder_one_that_is_ingested(
    folder: Path, store: Path
) -> None:
    ingest([folder / "en"], store, options=HASHING)
    ingest([folder / "rows.jsonl"], store)
    summary = ingest([folder / "en"], store)
    assert (summary.unchanged, summary.added) == (2, 0)
    assert set(laid_texts(store)) == {"storm.txt", "tower.md", "rows.jsonl#a1", "rows.jsonl#b2"}


def test_what_is_gone_from_a_folder_that_was_moved_is_missing_there(
    folder: Path, store: Path, tmp_path: Path
) -> None:
    ingest([folder], store, options=HASHING)
    moved = tmp_path / "moved"
    folder.rename(moved)
    (moved / "en/storm.txt").unlink()
    assert ingest([moved], store).missing == 1
    assert ingest([moved], store, options=Options(prune=True)).removed == 1
    assert "en/storm.txt" not in laid_texts(store)


def test_a_bad_row_keeps_no_row_that_is_gone(folder: Path, store: Path) -> None:
    ingest([folder], store, options=HASHING)
    edit(folder / "rows.jsonl", FILES["rows.jsonl"].splitlines()[1] + "\nnot JSON\n")
    summary = ingest([folder], store)
    assert [failure.code for failure in summary.failures] == ["bad_rows"]
    assert summary.changed == 1
    assert [name for name in laid_texts(store) if "#" in name] == ["rows.jsonl#b2"]


def test_a_reader_that_pauses_does_not_stop_a_writer(folder: Path, store: Path) -> None:
    ingest([folder], store, options=HASHING)
    edit(folder / "new.txt", "A new entry of the log.")
    with Store.open(store) as opened:
        chunks = opened.catalog.chunks()
        next(chunks)
        assert ingest([folder], store).added == 1
        assert len(list(chunks)) >= 5


def test_an_interruption_that_comes_after_the_commit_loses_nothing(
    folder: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([folder / "en"], store, options=HASHING)
    committed = Catalog.transaction

    @contextmanager
    def interrupted(catalog: Catalog) -> Generator[None]:
        before = catalog.rows
        with committed(catalog):
            yield
        if catalog.rows > before:
            raise KeyboardInterrupt

    monkeypatch.setattr(Catalog, "transaction", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ingest([folder], store)
    monkeypatch.undo()
    with Store.open(store) as opened:
        kept = opened.catalog.rows
    assert kept > 2
    assert ingest([folder], store).embedded == 6 - kept
    assert len(laid_texts(store)) == 6


def test_an_emptied_folder_empties_the_store_when_pruned_and_the_user_says_so_in_it(
    folder: Path, store: Path
) -> None:
    ingest([folder / "en"], store, options=HASHING)
    for file in (folder / "en").iterdir():
        file.unlink()
    with pytest.raises(SourceError, match="no files"):
        ingest([folder / "en"], store)
    kept = ingest([folder / "en"], store, options=Options(prune=True))
    assert (kept.removed, [each.code for each in kept.failures]) == (0, ["empty_folder"])
    (folder / "en/.memctlignore").touch()
    assert ingest([folder / "en"], store, options=Options(prune=True)).removed == 2
    assert laid_texts(store) == {}


def test_what_was_never_read_is_not_missed_when_it_is_gone(folder: Path, store: Path) -> None:
    bad = folder / "bad.xyz"
    bad.write_bytes(b"\x00")
    ingest([folder], store, options=HASHING)
    bad.unlink()
    summary = ingest([folder], store)
    assert (summary.missing, summary.removed, summary.failures) == (0, 0, [])


def test_a_vector_file_that_was_cut_is_an_error_and_nothing_is_added_to_it(
    folder: Path, store: Path
) -> None:
    ingest([folder], store, options=HASHING)
    file = store / "vectors-0001.f16"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(StoreError, match="is cut"):
        ingest([folder], store)
    file.unlink()
    with pytest.raises(StoreError, match="0 bytes"), Store.open(store):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="a limit of POSIX")
def test_a_disk_that_fills_up_is_a_clear_error_and_the_store_stays_whole(
    folder: Path, store: Path
) -> None:
    ingest([folder], store, options=HASHING)
    before = laid_texts(store)
    edit(folder / "long.txt", "\n\n".join(f"Entry {n} of the log." * 9 for n in range(3000)))
    words = ["-m", "memctl.cli", "ingest", str(folder), "--store", str(store)]
    script = (
        "import resource, signal, runpy, sys;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000));"
        f"sys.argv = {words[1:]!r}; runpy.run_module('memctl.cli', run_name='__main__')"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == 1
    assert "cannot write to" in result.stderr
    assert "Traceback" not in result.stderr
    assert before.items() <= laid_texts(store).items()
    assert ingest([folder], store).failed == 0
    assert "Entry 2999" in laid_texts(store)["long.txt"]


def test_settings_that_were_lost_are_the_defaults_with_the_embedder_of_the_store(
    folder: Path, store: Path
) -> None:
    ingest([folder], store, options=HASHING)
    (store / "memctl.toml").unlink()
    assert ingest([folder], store).unchanged == 5


def test_bad_targets_are_errors_and_make_no_store(tmp_path: Path, store: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SourceError, match="no files in"):
        ingest([empty], store)
    with pytest.raises(SourceError, match="no file or folder at"):
        ingest([tmp_path / "missing"], store)
    assert not store.exists()


def test_a_folder_with_other_things_is_never_made_a_store(folder: Path) -> None:
    with pytest.raises(StoreError, match="not a memctl store"):
        ingest([folder], folder, options=HASHING)
    with pytest.raises(StoreError, match="not a memctl store"):
        ingest([folder], folder / "rows.jsonl", options=HASHING)


def test_another_embedder_is_refused(folder: Path, store: Path) -> None:
    ingest([folder], store, options=HASHING)
    with pytest.raises(StoreError, match="'hashing', not 'e5-small'"):
        ingest([folder], store, options=Options("e5-small"))


def test_a_second_writer_is_told_to_wait(folder: Path, store: Path) -> None:
    ingest([folder], store, options=HASHING)
    with Store.write(store), pytest.raises(StoreError, match="another memctl is writing"):
        ingest([folder], store)


def test_a_damaged_catalog_is_an_error_that_says_what_to_do(folder: Path, store: Path) -> None:
    ingest([folder], store, options=HASHING)
    (store / "catalog.sqlite").write_bytes(b"not a database, but long enough to be one" * 300)
    with pytest.raises(StoreError, match="cannot be read") as caught, Store.open(store):
        pass
    assert caught.value.hint


def test_a_catalog_of_a_newer_format_is_refused(folder: Path, store: Path) -> None:
    ingest([folder], store, options=HASHING)
    alter(store, "UPDATE meta SET value = '99' WHERE key = 'format'")
    with pytest.raises(StoreError, match="format 99"), Store.open(store):
        pass


def test_opening_a_store_changes_no_byte_of_it(folder: Path, store: Path) -> None:
    ingest([folder], store, options=HASHING)
    before = _facts(store)
    time.sleep(0.01)
    with Store.open(store) as opened:
        list(opened.catalog.chunks())
    assert _facts(store) == before


def _facts(store: Path) -> dict[str, tuple[int, bytes]]:
    return {
        file.name: (file.stat().st_mtime_ns, file.read_bytes())
        for file in store.rglob("*")
        if file.is_file()
    }


def test_the_report_names_every_input_that_was_not_read(folder: Path, run: Run) -> None:
    (folder / "a.xyz").write_bytes(b"\x00")
    (folder / "b.pdf").write_bytes(b"no pdf")
    report = folder.parent / "report.jsonl"
    result = run("ingest", folder, "--embedder", "hashing", "--strict", "--report", report)
    assert result.code == 5
    rows = [json.loads(line) for line in report.read_text("utf-8").splitlines()]
    assert [(row["path"], row["code"], row["status"]) for row in rows] == [
        ("a.xyz", "unsupported", "skipped"),
        ("b.pdf", "bad_format", "skipped"),
    ]
