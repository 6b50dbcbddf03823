"""Numbers of phones, cards and papers, found however their digits are grouped."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Run

NOTES = {
    "анна.txt": "Анна, сосед снизу: +7 917 255-10-43, звонить вечером.\n",
    "ремонт.txt": "Мастер по окнам: 89036118207, берёт наличными.\n",
    "jane.txt": "Jane from the choir: 07700 900112, texts only.\n",
    "plumber.txt": "The plumber answers at 01706902001 before noon.\n",
    "карта.txt": "Карта для поездок: 4276 1600 1234 5678, до 2027 года.\n",
    "card.txt": "The travel card is 5469380099310274, valid until 2028.\n",
    "другое.txt": "Комната 917, этаж 255, места 10 и 43, код 1600.\n",
    "other.txt": "Room 07700 is locked. 900 112 is the sum, 7700 the rest.\n",
}


@pytest.fixture
def noted(run: Run, tmp_path: Path) -> Run:
    """Run commands on a store of these notes."""
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, text in NOTES.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert run("ingest", folder, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    return run


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("79172551043", "анна.txt"),
        ("+79172551043", "анна.txt"),
        ("чей номер 89172551043", "анна.txt"),
        ("8 (917) 255 10 43", "анна.txt"),
        ("8 903 611-82-07", "ремонт.txt"),
        ("кто это: +7 903 611 82 07?", "ремонт.txt"),
        ("07700900112", "jane.txt"),
        ("+44 7700 900112", "jane.txt"),
        ("01706 902001", "plumber.txt"),
        ("whose number is 01706-902-001", "plumber.txt"),
        ("4276160012345678", "карта.txt"),
        ("5469 3800 9931 0274", "card.txt"),
    ],
)
def test_a_long_number_is_found_however_its_digits_are_grouped(
    noted: Run, question: str, document: str
) -> None:
    hits = noted("query", question, "--mode", "lexical", "--json").json["hits"]
    assert hits[0]["document"] == document
    assert noted("query", question, "--json").json["hits"][0]["document"] == document


@pytest.mark.parametrize(
    "question", ["79172551044", "0770090011", "4276160012345679", "123456", "9" * 40]
)
def test_another_number_is_not_found_by_its_digits(noted: Run, question: str) -> None:
    assert noted("query", question, "--mode", "lexical", "--json").json["hits"] == []
