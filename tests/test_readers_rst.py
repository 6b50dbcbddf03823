from __future__ import annotations

from pathlib import Path

import pytest
from readers_support import outcome, read_one


def test_a_paragraph_too_long_to_be_parsed_is_kept_as_it_stands(tmp_path: Path) -> None:
    long = "word *word* " * 3_000
    document = read_one(tmp_path, "a.rst", f"A\n=\n\n*one*\n\n{long}\n\nB\n=\n\n*two*\n")
    assert document.text == f"A\n\none\n\n{long.strip()}\n\nB\n\ntwo"


def test_the_clock_does_not_come_into_a_document(tmp_path: Path) -> None:
    text = "Built |now|.\n\n.. |now| date:: %Y-%m-%d\n"
    assert read_one(tmp_path, "a.rst", text).text == "Built |now|."


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Маяк\n  Тот, что на мысу.\n", "Маяк: Тот, что на мысу."),
        ("1. one\n2. two\n\n   more\n", "- one\n- two\n  more"),
        (".. note:: Take care.\n", "Take care."),
        (".. deprecated:: 2.0\n", "2.0"),
        ("A note [1]_.\n\n.. [1] Below.\n", "A note .\n\nBelow."),
        ("| one\n| two\n", "one\ntwo"),
        (":func:`~os.path.join` and :doc:`the map </map>`\n", "os.path.join and the map"),
        (".. toctree::\n   :maxdepth: 1\n\n   a\n\ntext\n", "text"),
        (".. csv-table:: T\n   :file: /etc/passwd\n\ntext\n", "text"),
    ],
)
def test_blocks_are_read_as_they_are_printed(tmp_path: Path, markup: str, text: str) -> None:
    assert read_one(tmp_path, "a.rst", markup).text == text


def test_directives_in_one_another_without_end_are_bounded(tmp_path: Path) -> None:
    text = "".join("  " * depth + ".. odd::\n\n" for depth in range(60)) + "  " * 60 + "deep"
    code, document = outcome(tmp_path, "a.rst", f"top\n\n{text}\n".encode())
    assert code == ""
    assert document
    assert document.text == "top"
