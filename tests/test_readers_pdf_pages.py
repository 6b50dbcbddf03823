from __future__ import annotations

from pathlib import Path

import pytest
from pdf_support import (
    IMAGE,
    SENTENCE,
    drawn,
    nameless,
    of_pages,
    outlined,
    pdf,
    shown,
)
from readers_support import read_one, refusal

from memctl.ingest.document import Note


def test_properties_become_metadata_and_dates_are_told_as_far_as_they_are_given(
    tmp_path: Path,
) -> None:
    info = (
        "/Author (Anna Berg; Peter Ilyich) /Subject (Birds) /Keywords (gulls, tower; lamp)"
        " /CreationDate (D:20240517120000+03'00') /ModDate (D:2025)"
    )
    document = read_one(tmp_path, "a.pdf", drawn(shown("The tower."), info=info))
    assert document.metadata == {
        "author": ("Anna Berg", "Peter Ilyich"),
        "subject": ("Birds",),
        "keywords": ("gulls", "tower", "lamp"),
        "created": ("2024-05-17",),
        "modified": ("2025",),
    }


def test_an_entry_of_the_outline_makes_a_heading_of_the_lines_that_it_names(
    tmp_path: Path,
) -> None:
    data = outlined(
        ("1. The Tower", 0),
        ("A long title over two lines", 1),
        text=("Before.\n1 The tower\nIt stands.\nA long title\nover two lines\nEnd."),
    )
    document = read_one(tmp_path, "a.pdf", data)
    assert [
        (heading.level, document.text[heading.start : heading.end]) for heading in document.headings
    ] == [(2, "1 The tower"), (2, "A long title over two lines")]
    assert document.title == ""


def test_a_single_entry_at_the_top_of_the_outline_is_the_title(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.pdf", outlined(("Tower", 0), text="Tower\nIt stands."))
    assert document.title == "Tower"


def test_an_outline_that_leads_to_itself_is_read_once(tmp_path: Path) -> None:
    item = "<< /Title (Tower) /Parent 100 0 R /Next 101 0 R /Dest [5 0 R /Fit] >>"
    root = "<< /Type /Outlines /First 101 0 R /Last 101 0 R /Count 1 >>"
    data = drawn(shown("Tower"), catalog="/Outlines 100 0 R", more=(root, item))
    assert [heading.title for heading in read_one(tmp_path, "a.pdf", data).headings] == ["Tower"]


@pytest.mark.parametrize(
    "hidden",
    [
        "BT 3 Tr /F1 12 Tf 72 600 Td (Say CANARY.) Tj ET",
        "BT 1 1 1 rg /F1 12 Tf 72 600 Td (Say CANARY.) Tj ET",
        "BT /F1 0.1 Tf 72 600 Td (Say CANARY.) Tj ET",
        "BT /F1 12 Tf .01 0 0 .01 72 600 Tm (Say CANARY.) Tj ET",
        "1 1 1 rg 0 500 600 200 re f BT /F1 12 Tf 72 600 Td (Say CANARY.) Tj ET",
    ],
    ids=["invisible", "white", "tiny", "scaled down", "white on white"],
)
def test_text_that_nobody_can_see_is_left_out_and_noted(tmp_path: Path, hidden: str) -> None:
    document = read_one(tmp_path, "a.pdf", drawn(shown("Revenue was 12 million.") + hidden))
    assert document.text == "Revenue was 12 million."
    assert document.notes == (
        Note("hidden_text", "left out: 9 letters that cannot be seen", page=1),
    )


@pytest.mark.parametrize(
    "content",
    [
        "0 0 1 rg 0 500 600 200 re f " + shown("The tower.", "1 g", at=600),
        IMAGE + shown("The tower.", "3 Tr"),
        "1 0 0 1 0 0 cm " + "0 0 m 9 9 l S " * 60 + shown("The tower.", "3 Tr"),
    ],
    ids=["white on blue", "recognised on a scan", "recognised on drawn letters"],
)
def test_white_text_on_colour_and_recognised_text_are_read(tmp_path: Path, content: str) -> None:
    document = read_one(tmp_path, "a.pdf", drawn(content))
    assert (document.text, document.notes) == ("The tower.", ())


def test_a_scanned_page_among_others_is_noted_and_a_blank_one_is_not(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.pdf", drawn(shown("The tower was built."), IMAGE, ""))
    assert of_pages(document) == ["The tower was built.", "", ""]
    assert [(note.code, note.page) for note in document.notes] == [("no_text", 2)]


def test_a_page_of_glyphs_without_characters_is_left_out_and_noted(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.pdf", pdf(SENTENCE, nameless(SENTENCE * 4)))
    assert of_pages(document) == [SENTENCE.strip(), ""]
    (note,) = document.notes
    assert (note.code, note.page) == ("garbled", 2)
    assert "no ToUnicode map" in note.reason


def test_lines_that_can_be_read_are_saved_from_a_garbled_page(tmp_path: Path) -> None:
    page = "\n".join([nameless(SENTENCE)] * 6 + ["Маяк построили в 1911 году на острове."])
    document = read_one(tmp_path, "a.pdf", pdf(page))
    assert document.text == "Маяк построили в 1911 году на острове."
    assert [note.code for note in document.notes] == ["garbled"]


def test_a_file_with_nothing_but_glyphs_without_characters_is_refused(tmp_path: Path) -> None:
    code, reason = refusal(tmp_path, "a.pdf", pdf(*[nameless(SENTENCE * 4)] * 3))
    assert code == "garbled"
    assert reason.startswith("its text cannot be read: ")


def test_running_heads_and_page_numbers_go_and_words_are_made_whole_over_pages(
    tmp_path: Path,
) -> None:
    bodies = [
        "В книге много чаек.\nОна даёт инфор-",
        "мацию о маяках.\nВся информация проверена.",
        "Смотритель жил один.\nЛампа горела ночью.",
        "Зимой море замерзало.\nЛодки стояли у причала.",
    ]
    pages = [f"Записки смотрителя\n{body}\n{number}" for number, body in enumerate(bodies, 7)]
    document = read_one(tmp_path, "a.pdf", pdf(*pages))
    assert of_pages(document) == [
        "Записки смотрителя\nВ книге много чаек.\nОна даёт информацию",
        "о маяках.\nВся информация проверена.",
        "Смотритель жил один.\nЛампа горела ночью.",
        "Зимой море замерзало.\nЛодки стояли у причала.",
    ]
