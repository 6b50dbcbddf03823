"""What is told of a question that seems to be meant otherwise than it was read."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Run

from memctl.ingest import Store
from memctl.query.remarks import remarks


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("lamp atuhor:Ann", "author:Ann"),
        ("lamp autor:Ann", "author:Ann"),
        ('-authors:"Ann Lee" lamp', '-author:"Ann Lee"'),
        ("лампа pages:3-7", "page:3-7"),
        ("лампа Lang:ru", "lang:ru"),
        ("лампа автор:Анна", "author:Анна"),
        ("лампа Язык:ru", "lang:ru"),
        ("лампа тег:море", "tag:море"),
        ("лампа -автор:Анна", "-author:Анна"),
        ("лампа atuhor:\x1b[31mAnn\x07", "author: [31mAnn"),
    ],
)
@pytest.mark.usefixtures("filled")
def test_a_word_that_is_nearly_a_field_is_told(store: Path, question: str, meant: str) -> None:
    with Store.open(store) as opened:
        (told,) = remarks(question, [], opened.catalog, found=True)
    assert told.endswith(f"did you mean {meant} ?")


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("рост -2024", 'Left out is what holds 2024; to look for it, write "-2024".'),
        ("a release -2.10.1", 'Left out is what holds 2.10.1; to look for it, write "-2.10.1".'),
        ("версия -3.11", '-3.11 was taken as text; -"3.11" leaves it out.'),
        ("rent lang:", "lang: was taken as text; a filter is one word, lang:VALUE."),
        ("отпуск -файл: ", "-файл: was taken as text; a filter is one word, -файл:VALUE."),
        ("a rate of -0,5", '-0,5 was taken as text; -"0,5" leaves it out.'),
    ],
)
@pytest.mark.usefixtures("filled")
def test_what_became_of_a_number_behind_a_minus_is_told(
    store: Path, question: str, told: str
) -> None:
    with Store.open(store) as opened:
        assert list(remarks(question, [], opened.catalog, found=True)) == [told]


def test_a_number_behind_a_minus_is_left_out(filled: Run) -> None:
    for question, out in (("птицы", "ru/чайки.txt -4711"), ("lamp", "en/storm.txt -1953")):
        document, number = out.split()
        for asked, is_found in ((question, True), (f"{question} {number}", False)):
            hits = filled("query", asked, "--json").json["hits"]
            assert (document in {hit["document"] for hit in hits}) == is_found
            assert len(hits) > 1


@pytest.mark.parametrize(
    "question",
    [
        "see http://example.org/a file:///etc/hosts",
        "в 10:30 у входа, Вопрос: ответ",
        "std::vector и page::x",
        "localhost:8080 RFC:2616 note:this",
        "Author: Ann, автор: Анна",
        'the phrase "atuhor:Ann" is quoted',
        'the phrase +"by atuhor:Ann" is quoted',
        "lang:ru лампа -file:x.pdf",
        "при соотношении масло:вода 3:1",
        "C:\\temp\\lamp.txt",
        "лампа -чайка -RTX4090",
        "вода при -5 и -0.5 °C",
    ],
)
@pytest.mark.usefixtures("filled")
def test_what_is_text_stays_text_in_silence(store: Path, question: str) -> None:
    with Store.open(store) as opened:
        assert list(remarks(question, [], opened.catalog, found=True)) == []


def test_it_is_said_beside_the_hits_of_a_question(filled: Run) -> None:
    result = filled("query", "лампа atuhor:Ann")
    assert result.code == 0
    assert "ru/маяк.md" in result.out
    assert "No field 'atuhor', it was taken as text; did you mean author:Ann ?" in result.err
    (told,) = filled("query", "лампа автор:Анна", "--json").json["remarks"]
    assert "author:Анна" in told
    assert "remarks" not in filled("query", "лампа", "--json").json


@pytest.mark.parametrize(
    "words", [("лампа lang:xx",), ("лампа", "--filter", "lang:xx"), ("лампа lang:xx -lang:yy",)]
)
def test_a_language_that_no_document_is_in_is_told_with_those_that_there_are(
    filled: Run, words: tuple[str, ...]
) -> None:
    for command in ("query", "ask"):
        assert "No document is in xx; there are: en, ru." in filled(command, *words).err
        (told,) = filled(command, *words, "--json").json["remarks"]
        assert told.startswith("No document is in xx;")
    known = filled("query", "лампа lang:xx lang:ru")
    assert "ru/маяк.md" in known.out
    assert "No document" not in filled("query", "zzz lang:ru page:9").err


def test_the_shell_says_it_too(filled: Run, tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_text("Лампа lang:xx\n/filter lang:yy\nЛампа язык:ru\n", encoding="utf-8")
    told = filled("shell", "--script", lines).err
    assert "No document is in xx; there are: en, ru." in told
    assert "No document is in yy; there are: en, ru." in told
    assert "did you mean lang:ru ?" in told
