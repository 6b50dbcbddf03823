"""Files that a question names are found by their names."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from support import HASHING, Run

from memctl.index.lexical import LexicalIndex, LexicalQuery, update
from memctl.index.lexical.names import Named
from memctl.ingest import Catalog, Store, ingest
from memctl.query.feedback import words

FILES = {
    "2024/смета_2024.txt": "Крыша и водосток, всего сорок тысяч.",
    "смета_2023.txt": "Забор и калитка, всего двадцать тысяч.",
    "report-q3.md": "Sales grew in the north, and fell in the south.",
    "Report-Q4.md": "Sales fell everywhere, and costs grew in 2024.",
    "lamp.md": "An old torch hangs by the door.",
    "annual report.md": "Nothing of note.",
    "notes.txt": "The lamp, the annual report of sales, смета на крышу, and 2024 words of sales.",
}


@pytest.fixture
def named(tmp_path: Path, store: Path) -> Path:
    folder = tmp_path / "files"
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    ingest([folder], store, options=HASHING)
    update(store)
    return store


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("смета_2024", "2024/смета_2024.txt"),
        ("что в Смета_2024.txt о водостоке", "2024/смета_2024.txt"),
        ("смета 2023", "смета_2023.txt"),
        ("report-q3.md", "report-q3.md"),
        ("what does report Q4 say of sales?", "Report-Q4.md"),
        ("report_q3", "report-q3.md"),
        ("lamp.md", "lamp.md"),
        ("lamp", "notes.txt"),
        ("the annual report", "notes.txt"),
        ("report-q3.pdf", None),
        ("q3", None),
        ("2024", None),
    ],
)
def test_a_question_that_names_a_file_finds_it(
    named: Path, question: str, first: str | None
) -> None:
    with Store.open(named) as opened:
        index = LexicalIndex.open(opened)
        assert bool(index.named(question)) is (first not in {None, "notes.txt"})
        rows, scores = index.search(LexicalQuery(question), 3)
        assert (scores[:-1] >= scores[1:]).all()
        if first is not None:
            (chunk,) = opened.catalog.chunks_at(rows.tolist())[int(rows[0])]
            assert chunk.chunk.document == first


LONG = "Приказ № 15 от 01.02.2024 о премировании сотрудников отдела сбыта (копия).txt"


@pytest.fixture
def folders(tmp_path: Path, store: Path) -> Path:
    """A store of many files of one name, and one of a long name, which macOS wrote."""
    folder = tmp_path / "many"
    for number in range(30):
        file = folder / f"part{number}" / "__init__.py"
        file.parent.mkdir(parents=True)
        file.write_text(f"gulls = {number}\n", encoding="utf-8")
    long = folder / unicodedata.normalize("NFD", LONG)
    long.write_text("Выдать по сто рублей.", encoding="utf-8")
    ingest([folder], store, options=HASHING)
    update(store)
    return store


def test_files_of_one_name_are_named_together(folders: Path) -> None:
    with Store.open(folders) as opened:
        (name,) = LexicalIndex.open(opened).named("what does __init__.py do?")
        assert (name.words, name.parts) == (("__init__.py", "init", "py"), 2)
        held = opened.catalog.chunks_at(name.rows.tolist())
        names = [each.chunk.document for row in held for each in held[row]]
        assert sorted(names) == sorted(f"part{number}/__init__.py" for number in range(30))


@pytest.mark.parametrize("question", [LONG, LONG.removesuffix(".txt").upper(), f"что в {LONG}?"])
def test_a_long_name_is_found_whole(folders: Path, question: str) -> None:
    with Store.open(folders) as opened:
        (name,) = LexicalIndex.open(opened).named(question)
        assert name.rows.size == 1


def test_a_question_of_numbers_asks_the_catalog_a_few_times(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, tuple[str, ...]]] = []

    def files_with(_: Catalog, text: str, others: Sequence[str] = ()) -> list[str]:
        asked.append((text, tuple(others)))
        return []

    monkeypatch.setattr(Catalog, "files_with", files_with)
    with Store.open(folders) as opened:
        index = LexicalIndex.open(opened)
        assert index.named("пункт 5 договора") == ()
        assert asked == [("5", ("договора", "пункт"))]
        asked.clear()
        index.named(" ".join(map(str, range(900))))
        assert len(asked) == 16
        asked.clear()
        chunk = next(opened.catalog.chunks()).chunk
        assert index.named(chunk.text) == ()
        assert asked.pop()[0] in chunk.text
        assert words([chunk], index, but="lamp") == ["gulls"]
        assert asked == []  # a passage names no file


def no_file(text: str, catalog: Catalog) -> tuple[Named, ...]:
    """Say that a question names none."""
    del text, catalog
    return ()


def test_what_names_no_file_is_scored_as_before(
    named: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = ["sales in 2024", "крыша", "the lamp of the door", "report", "двадцать тысяч"]
    with Store.open(named) as opened:
        index = LexicalIndex.open(opened)
        found = [index.search(LexicalQuery(each), 9) for each in questions]
        monkeypatch.setattr("memctl.index.lexical.index.named", no_file)
        index = LexicalIndex.open(opened)
        for question, (rows, scores) in zip(questions, found, strict=True):
            plain, its = index.search(LexicalQuery(question), 9)
            assert (plain.tolist(), its.tolist()) == (rows.tolist(), scores.tolist())


def test_only_allowed_rows_of_a_named_file_are_found(named: Path) -> None:
    with Store.open(named) as opened:
        index = LexicalIndex.open(opened)
        (file,) = index.named("смета_2024")
        others = index.search(LexicalQuery("sales"), 9)[0]
        rows, _ = index.search(LexicalQuery("смета_2024 sales"), 9, allowed=others)
        assert not set(rows.tolist()) & set(file.rows.tolist())
        assert index.words("смета_2024 xyzzy")[0].documents == 1
        assert index.words("смета_2024 xyzzy")[1].documents == 0


@pytest.mark.parametrize(
    ("question", "document"),
    [("смета_2024", "2024/смета_2024.txt"), ("что в смета 2023", "смета_2023.txt"),
     ("report-q3.md", "report-q3.md"), ("Report Q4 costs", "Report-Q4.md")],
)  # fmt: skip
@pytest.mark.usefixtures("named")
def test_both_legs_together_bring_it_first_and_mend_nothing(
    run: Run, question: str, document: str
) -> None:
    assert run("index", "build").code == 0
    found = run("query", question, "--json").json
    assert found["hits"][0]["document"] == document
    assert "mended" not in found
    scores = [hit["score"] for hit in found["hits"]]
    assert scores == sorted(scores, reverse=True)
