from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from memctl.ingest.errors import SourceError
from memctl.ingest.walk import Entry, Ground, Skipped, escaped, resolve, walk


def _names(root: Path) -> list[str]:
    return [item.path for item in walk(root, Ground(root, root / "store"))]


def _write(root: Path, *names: str) -> None:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x", encoding="utf-8")


def test_files_come_in_sorted_order_and_hidden_ones_not_at_all(tmp_path: Path) -> None:
    _write(tmp_path, "b.txt", "a.txt", "d/2.txt", "d/1.txt", ".git/x", ".hidden", "ё.txt")
    assert _names(tmp_path) == ["a.txt", "b.txt", "ё.txt", "d/1.txt", "d/2.txt"]


def test_the_folder_of_the_store_is_passed_over(tmp_path: Path) -> None:
    _write(tmp_path, "a.txt", "store/catalog.sqlite")
    assert _names(tmp_path) == ["a.txt"]


def test_memctlignore_speaks_gitignore_and_holds_below_its_folder(tmp_path: Path) -> None:
    _write(tmp_path, "a.txt", "a.log", "keep.log", "sub/b.log", "sub/c.txt", "build/x.txt")
    (tmp_path / ".memctlignore").write_text("*.log\n!keep.log\nbuild/\n", encoding="utf-8")
    (tmp_path / "sub/.memctlignore").write_text("/c.txt\n!b.log\n", encoding="utf-8")
    assert _names(tmp_path) == ["a.txt", "keep.log", "sub/b.log"]


def test_an_ignore_file_above_the_target_holds_too(tmp_path: Path) -> None:
    _write(tmp_path, "sub/a.log", "sub/a.txt")
    (tmp_path / ".memctlignore").write_text("*.log\n", encoding="utf-8")
    found = walk(tmp_path / "sub", Ground(tmp_path, tmp_path / "store"))
    assert [item.path for item in found] == ["sub/a.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
def test_links_and_special_files_are_named_and_never_opened(tmp_path: Path) -> None:
    _write(tmp_path, "a.txt")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    found = {item.path: item for item in walk(tmp_path, Ground(tmp_path, tmp_path / "s"))}
    assert isinstance(found["a.txt"], Entry)
    codes = {path: item.code for path, item in found.items() if isinstance(item, Skipped)}
    assert codes == {"link": "symlink", "loop": "symlink", "pipe": "not_regular"}


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes only there")
def test_a_name_that_is_no_text_or_steers_the_terminal_is_escaped(tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt"))).write_text("x", encoding="utf-8")
    _write(tmp_path, "a\x1b[2J.txt", "b\u202e.txt")
    assert _names(tmp_path) == ["a\\x1b[2J.txt", "b\\u202e.txt", "\\xff.txt"]


def test_an_ordinary_name_is_its_own_escape() -> None:
    assert escaped("Отчёт «2024» [final] (1).pdf") == "Отчёт «2024» [final] (1).pdf"


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no file or folder"):
        resolve(tmp_path / "missing")
