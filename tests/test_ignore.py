from __future__ import annotations

from pathlib import Path

import pytest
from support import HASHING, Run

from memctl.ingest import Options, SourceError, Store, UsageError, ingest
from memctl.ingest.ignore import IgnoreFiles, Selection


@pytest.mark.parametrize(
    ("include", "exclude", "taken"),
    [
        ([], [], ["a.md", "b.txt", "sub/c.md", "черновики/d.md"]),
        (["*.md"], [], ["a.md", "sub/c.md", "черновики/d.md"]),
        (["/*.md"], [], ["a.md"]),
        ([], ["черновики/"], ["a.md", "b.txt", "sub/c.md"]),
        (["*.md"], ["sub/", "a.*"], ["черновики/d.md"]),
        ([], ["*.md", "!a.md"], ["a.md", "b.txt"]),
        (["sub/**", "b.txt"], [], ["b.txt", "sub/c.md"]),
    ],
)
def test_patterns_choose_as_those_of_gitignore_do(
    include: list[str], exclude: list[str], taken: list[str]
) -> None:
    selection = Selection(include, exclude)
    every = ["a.md", "b.txt", "sub/c.md", "черновики/d.md"]
    assert [path for path in every if selection.takes(path)] == taken


def test_nothing_in_a_folder_that_is_left_out_comes_back() -> None:
    assert not Selection(exclude=["sub/", "!sub/keep.md"]).takes("sub/keep.md")
    assert not Selection(exclude=["sub/", "!sub/keep.md"]).takes_folder("sub/")


@pytest.mark.parametrize("line", ["!", "\\", "[z-a]"])
def test_what_is_no_pattern_is_an_error_that_names_its_place(tmp_path: Path, line: str) -> None:
    with pytest.raises(UsageError, match="--exclude"):
        Selection(exclude=[line])
    (tmp_path / ".memctlignore").write_text(f"*.log\n{line}\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"notes/\.memctlignore"):
        IgnoreFiles().with_own(tmp_path, "notes/")


def test_a_run_with_patterns_neither_misses_nor_prunes_what_they_leave_out(
    folder: Path, store: Path
) -> None:
    ingest([folder], store, options=HASHING)
    (folder / "en/storm.txt").unlink()
    (folder / "en/tower.md").unlink()
    chosen = Options(prune=True, include=("*.txt",))
    summary = ingest([folder], store, options=chosen)
    assert (summary.unchanged, summary.removed, summary.unseen) == (1, 1, 3)
    with Store.open(store) as opened:
        paths = {each.path for each in opened.catalog.documents()}
    assert "en/tower.md" in paths  # gone from disk, but not looked for
    assert "en/storm.txt" not in paths


def test_a_new_file_that_the_patterns_leave_out_is_not_read(folder: Path, store: Path) -> None:
    summary = ingest([folder], store, options=Options("hashing", exclude=("ru/", "*.jsonl")))
    assert summary.added == 2
    assert ingest([folder], store).added == 3


def test_what_memctlignore_names_later_is_gone_from_the_folder(folder: Path, store: Path) -> None:
    ingest([folder], store, options=HASHING)
    (folder / ".memctlignore").write_text("en/\n", encoding="utf-8")
    assert ingest([folder], store).missing == 2
    assert ingest([folder], store, options=Options(prune=True)).removed == 2


def test_patterns_that_leave_nothing_are_an_error_that_says_so(folder: Path, store: Path) -> None:
    with pytest.raises(SourceError, match="no files") as caught:
        ingest([folder], store, options=Options("hashing", include=("*.pdf",)))
    assert "--include" in caught.value.hint
    assert not store.exists()


def test_the_command_says_what_its_patterns_left_as_it_is(folder: Path, run: Run) -> None:
    assert run("ingest", folder, "--embedder", "hashing").code == 0
    result = run("ingest", folder, "--include", "*.md", "--exclude", "ru/")
    assert result.code == 0
    assert "4 files in the store left as they are" in result.err
    assert ".memctlignore" in result.err
    fields = run("ingest", folder, "--include", "*.md", "--exclude", "ru/", "--json").json
    assert fields["files"]["left_out"] == 4
    assert fields["files"]["unchanged"] == 1
