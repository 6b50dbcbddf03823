"""What is gone, what has a new name, and what is merely not there now."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from support import HASHING, Run

from memctl.ingest import Options, Store, Summary, estimate, ingest
from memctl.ingest.moves import Origins
from memctl.ingest.records import FRESH_NS, FileRecord
from memctl.ingest.writer import Writer

PRUNE = Options("hashing", prune=True)
NAMES = ("f0.txt", "два  пробела.txt", "глава #2.txt", "sub/f3.txt", "sub/озеро.txt")


def _write(file: Path, text: str, at: int = 1_700_000_000) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    os.utime(file, (at, at))


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    """A drive of six files."""
    root = tmp_path / "usb"
    for number, name in enumerate(NAMES):
        _write(root / name, f"Запись {number} на диске, и ещё a few words.\n")
    _write(root / "README.md", "# Диск\n\nЧто лежит на диске.\n")
    return root


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder that has a file of the same path as the drive, and a link."""
    root = tmp_path / "notes"
    _write(root / "README.md", "# Notes\n\nAbout the notes of the keeper.\n")
    _write(root / "заметка.txt", "Маяк виден издалека.\n")
    (root / "f0.txt").symlink_to("заметка.txt")
    return root


def _texts(store: Path) -> dict[str, str]:
    with Store.open(store) as opened:
        laid: dict[str, str] = {}
        for stored in opened.catalog.chunks():
            laid[stored.chunk.document] = laid.get(stored.chunk.document, "") + stored.chunk.text
        return laid


def _codes(summary: Summary) -> list[tuple[str, str]]:
    return [(Path(each.path).name, each.code) for each in summary.failures]


@pytest.mark.parametrize("options", [HASHING, PRUNE], ids=["kept", "pruned"])
@pytest.mark.parametrize("left", ["nothing", "an empty folder"])
def test_a_drive_that_is_not_mounted_loses_nothing_to_another_folder(
    usb: Path, notes: Path, store: Path, *, options: Options, left: str
) -> None:
    ingest([usb], store, options=HASHING)
    before = _texts(store)
    away = usb.rename(usb.with_name(".away"))
    if left == "an empty folder":
        usb.mkdir()
    summary = ingest([notes], store, options=options)
    assert _codes(summary) == [("README.md", "duplicate_path"), ("f0.txt", "symlink")]
    assert f"{usb}, which has a file of this path, is not there now" in summary.failures[0].reason
    assert (summary.added, summary.changed, summary.removed, summary.missing) == (1, 0, 0, 0)
    assert _texts(store) == {**before, "заметка.txt": "Маяк виден издалека.\n"}
    if usb.exists():
        usb.rmdir()
    away.rename(usb)
    again = ingest([usb], store, options=options)
    assert (again.unchanged, again.failures, again.missing) == (6, [], 0)


def test_a_file_named_alone_does_not_take_the_place_of_one_that_is_away(
    usb: Path, notes: Path, store: Path
) -> None:
    ingest([usb], store, options=HASHING)
    usb.rename(usb.with_name(".away"))
    summary = ingest([notes / "README.md"], store, options=PRUNE)
    assert _codes(summary) == [("README.md", "duplicate_path")]
    assert _texts(store)["README.md"].startswith("# Диск")


@pytest.mark.parametrize(("lost", "renamed"), [(3, True), (4, False)])
def test_a_folder_is_renamed_where_half_of_its_files_are_as_they_were(
    usb: Path, store: Path, *, lost: int, renamed: bool
) -> None:
    ingest([usb], store, options=HASHING)
    moved = usb.rename(usb.with_name("диск  #1"))
    for name in NAMES[:lost]:
        (moved / name).unlink()
    summary = ingest([moved], store, options=PRUNE)
    with Store.open(store) as opened:
        roots = opened.catalog.roots()
    if renamed:
        assert (summary.unchanged, summary.removed, summary.failures) == (3, 3, [])
        assert roots == {str(moved)}
    else:
        assert (summary.unchanged, summary.removed, len(_texts(store))) == (0, 0, 6)
        assert {code for _, code in _codes(summary)} == {"duplicate_path"}
        assert roots == {str(usb)}


def test_a_renamed_folder_is_known_though_its_files_were_too_fresh_to_be_settled(
    tmp_path: Path, store: Path
) -> None:
    for name in NAMES:
        _write(tmp_path / "свежее" / name, f"Fresh text of {name}.\n", at=int(time.time()) + 60)
    ingest([tmp_path / "свежее"], store, options=HASHING)
    moved = (tmp_path / "свежее").rename(tmp_path / "fresh")
    _write(moved / "f0.txt", "It was changed after the folder was renamed.\n")
    summary = ingest([moved], store)
    assert (summary.unchanged, summary.changed, summary.failures) == (4, 1, [])


def test_an_empty_folder_is_not_pruned_before_the_user_says_so_in_it(
    usb: Path, notes: Path, store: Path, run: Run
) -> None:
    ingest([usb], store, options=HASHING)
    shutil.rmtree(usb)
    usb.mkdir()
    assert estimate([usb], store, options=PRUNE).missing == 0
    for targets in ([usb], [usb, notes], [notes, usb]):
        summary = ingest(targets, store, options=PRUNE)
        assert ("usb", "empty_folder") in _codes(summary)
        assert (summary.removed, summary.missing) == (0, 6)
    result = run("ingest", usb, "--prune")
    assert "6 of its files are kept in the store" in result.err
    assert "make an empty file .memctlignore in it and prune again" in result.err
    (usb / ".memctlignore").touch()
    assert estimate([usb], store, options=PRUNE).missing == 6
    assert ingest([usb], store, options=PRUNE).removed == 6
    assert (ingest([notes], store).added, len(_texts(store))) == (1, 2)


def test_what_goes_from_one_target_to_another_is_kept_by_a_prune(
    usb: Path, notes: Path, store: Path
) -> None:
    ingest([usb, notes], store, options=HASHING)
    (usb / NAMES[1]).rename(notes / NAMES[1])
    (usb / "sub/озеро.txt").rename(notes / "озеро.txt")
    summary = ingest([usb, notes], store, options=PRUNE)
    assert (summary.removed, summary.missing, summary.moved) == (0, 0, 1)
    assert {NAMES[1], "озеро.txt"} <= _texts(store).keys()


def test_identical_files_are_all_moved_each_to_its_own_name(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "d"
    names = ["а  б.txt", "b #1.txt", "c.txt"]
    for name in names:
        _write(folder / "P" / name, "The very same text in each of them.\n")
    ingest([folder], store, options=HASHING)
    (folder / "P").rename(folder / "Q")
    (folder / "Q/c.txt").rename(folder / "Q/A first.txt")
    pairs: list[tuple[str, str]] = []
    move = Writer.move

    def noted(self: Writer, old: str, record: FileRecord) -> None:
        pairs.append((old, record.path))
        move(self, old, record)

    monkeypatch.setattr(Writer, "move", noted)
    found = estimate([folder], store)
    assert (found.moved, found.files, found.missing) == (3, 0, 0)
    summary = ingest([folder], store)
    assert (summary.moved, summary.added, summary.missing) == (3, 0, 0)
    assert sorted(pairs) == [
        ("P/b #1.txt", "Q/b #1.txt"),
        ("P/c.txt", "Q/A first.txt"),
        ("P/а  б.txt", "Q/а  б.txt"),
    ]
    assert len(_texts(store)) == 3


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        ("report.v1.txt", "report.txt", 1),
        ("отчёт 1.2.md", "отчёт 1.3.md", 1),
        ("a.txt", "a.md", 0),
        ("Читай", "Читай  меня", 1),
    ],
)
def test_a_move_is_one_where_the_same_reader_is_chosen(
    tmp_path: Path, store: Path, *, old: str, new: str, moved: int
) -> None:
    _write(tmp_path / "d" / old, "Немного текста. Some text.\n")
    ingest([tmp_path / "d"], store, options=HASHING)
    (tmp_path / "d" / old).rename(tmp_path / "d" / new)
    assert ingest([tmp_path / "d"], store).moved == moved


def test_a_suffix_with_a_reader_of_its_own_in_the_settings_is_another_one() -> None:
    record = FileRecord("a.v1.txt", "/d", size=1, mtime_ns=1, ctime_ns=1, sha256="s", recipe="r")
    named = {".v1.txt": "package:Reader"}
    for readers, taken in (({}, "a.v1.txt"), (named, None)):
        origins = Origins(readers)
        origins.add(record)
        assert origins.take("s", "a.txt") == taken


def test_a_file_that_was_fresh_when_the_walk_began_is_never_settled(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [time.time_ns()]
    folder = tmp_path / "d"
    ages = {"свежий.txt": 1_900_000_000, "old.txt": 2_000_000_000, "later.txt": -1_000_000_000}
    for name, age in ages.items():
        _write(folder / name, f"Text of {name}.\n")
        os.utime(folder / name, ns=(now[0] - age, now[0] - age))
    settled = now[0] - ages["old.txt"]
    begin = Writer.begin_file

    def begin_late(self: Writer) -> None:
        now[0] += 10**12
        begin(self)

    monkeypatch.setattr(Writer, "begin_file", begin_late)
    monkeypatch.setattr(time, "time_ns", lambda: now[0])
    ingest([folder], store, options=HASHING)
    with Store.open(store) as opened:
        times = {each.path: each.mtime_ns for each in opened.catalog.files(root=str(folder))}
    fresh = {name: (folder / name).stat().st_mtime_ns for name in ("свежий.txt", "later.txt")}
    assert times.pop("old.txt") == settled
    assert times == {name: at - FRESH_NS for name, at in fresh.items()}


def test_a_dry_run_tells_moves_as_moves_and_names_no_seconds_for_nothing(
    usb: Path, run: Run, store: Path
) -> None:
    assert run("ingest", usb, "--embedder", "hashing").code == 0
    nothing = run("ingest", usb, "--dry-run").out
    assert "embed 0 tokens;" in nothing
    assert " in about " not in nothing
    (usb / NAMES[1]).rename(usb / "ещё  раз #3.txt")
    found = estimate([usb], store, options=PRUNE)
    assert (found.files, found.unchanged, found.moved, found.missing) == (0, 5, 1, 0)
    out = run("ingest", usb, "--dry-run", "--prune").out
    assert "1 file moved" in out
    assert "would be removed" not in out
    assert run("ingest", usb, "--dry-run", "--json").json["files"]["moved"] == 1
    os.utime(usb / "f0.txt", (1_600_000_000, 1_600_000_000))
    again = ingest([usb], store, options=PRUNE)
    assert (again.moved, again.unchanged, again.removed) == (1, 5, 0)


def test_a_dry_run_by_meaning_says_that_its_numbers_are_the_most(
    usb: Path, run: Run, store: Path
) -> None:
    assert run("ingest", usb / "README.md", "--embedder", "hashing").code == 0
    settings = store / "memctl.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace('method = "structure"', 'method = "semantic"'), "utf-8")
    out = run("ingest", usb, "--dry-run").out
    assert "into at most " in out
    assert "embed at most " in out
    assert " in about " not in out
    assert run("ingest", usb, "--dry-run", "--json").json["at_most"] is True
