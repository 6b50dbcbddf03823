from __future__ import annotations

import logging
import random
import warnings
from pathlib import Path

import pytest
from pdf_support import (
    IMAGE,
    drawn,
    locked,
    packed,
    pdf,
    shown,
)
from readers_support import outcome, read_one, refusal

from memctl.ingest.document import Note
from memctl.ingest.readers.pypdffile import PypdfFile


def test_each_page_is_numbered_as_a_viewer_counts_and_empty_ones_stay(tmp_path: Path) -> None:
    document = read_one(
        tmp_path, "a.pdf", pdf("The tower.\nBuilt in 1911.", "", "Маяк светит.", title="Маяк")
    )
    assert document.text == "The tower.\nBuilt in 1911.\n\nМаяк светит."
    assert [(p.number, document.text[p.start : p.end]) for p in document.pages] == [
        (1, "The tower.\nBuilt in 1911.\n\n"),
        (2, ""),
        (3, "Маяк светит."),
    ]
    assert document.title == "Маяк"


ROMAN = "/PageLabels << /Nums [0 << /S /r >> 2 << /S /D >>] >>"


@pytest.mark.parametrize(
    ("catalog", "labels"),
    [
        (ROMAN, ("i", "ii", "1", "2")),
        ("/PageLabels << /Nums [0 << /S /D >>] >>", None),
        (
            "/PageLabels << /Nums [0 << /P (\x1b[2J) /S /D >>] >>",
            ("˙[2J1", "˙[2J2", "˙[2J3", "˙[2J4"),
        ),
        ("/PageLabels 7", None),
        ("", None),
    ],
)
def test_what_pages_call_themselves_is_kept_where_it_is_not_their_number(
    tmp_path: Path, catalog: str, labels: tuple[str, ...] | None
) -> None:
    pages = [shown(f"Page {n} of them.") for n in range(4)]
    document = read_one(tmp_path, "a.pdf", drawn(*pages, catalog=catalog))
    assert document.metadata.get("page_label") == labels
    assert [page.number for page in document.pages] == [1, 2, 3, 4]


def test_russian_text_is_read_and_told(tmp_path: Path) -> None:
    text = "Маяк построили в 1911 году. Смотритель Пётр жил там."
    document = read_one(tmp_path, "a.pdf", pdf(text))
    assert (document.text, document.language) == (text, "ru")


def test_a_file_name_in_the_metadata_is_no_title(tmp_path: Path) -> None:
    assert read_one(tmp_path, "a.pdf", pdf("text", title="Microsoft Word - a.doc")).title == ""


def test_a_scan_is_refused_with_a_word_on_ocr(tmp_path: Path) -> None:
    code, reason = refusal(tmp_path, "a.pdf", pdf("", ""))
    assert code == "no_text"
    assert "no text layer (pages: 2)" in reason
    assert "OCR" in reason


def test_a_password_is_needed_or_only_the_empty_one(tmp_path: Path) -> None:
    data = pdf("The tower was built in 1911.")
    assert refusal(tmp_path, "a.pdf", locked(data, "secret")) == (
        "encrypted",
        "it opens only with a password",
    )
    assert read_one(tmp_path, "a.pdf", locked(data, "")).text == "The tower was built in 1911."


def test_one_damaged_page_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.pdf", pdf("one", "two", "three", broken=(1,)))
    assert document.text == "one\n\nthree"
    assert document.notes == (Note("damaged", "a damaged page", page=2),)
    assert [(p.number, document.text[p.start : p.end]) for p in document.pages] == [
        (1, "one\n\n"),
        (2, ""),
        (3, "three"),
    ]


def test_a_file_with_most_pages_damaged_is_refused(tmp_path: Path) -> None:
    code, reason = refusal(tmp_path, "a.pdf", pdf("one", "two", "three", broken=(0, 2)))
    assert code == "bad_format"
    assert reason.startswith("2 of 3 pages were not read: ")


def test_a_file_that_lost_its_table_of_objects_is_read(tmp_path: Path) -> None:
    data = pdf("The tower was built in 1911.")
    assert read_one(tmp_path, "a.pdf", data[: data.rindex(b"startxref")]).text == (
        "The tower was built in 1911."
    )


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF", b"%PDF-" + b"1 0 obj\n" * 999])
def test_what_only_begins_as_a_pdf_is_refused(tmp_path: Path, data: bytes) -> None:
    code, reason = refusal(tmp_path, "a.pdf", data)
    assert code == "bad_format"
    assert reason.startswith("a damaged PDF: ")


def test_glyphs_without_a_character_are_marked_and_not_spelled_out() -> None:
    spelled = "User/g3acceptance/g3of/g3a/g3tower" + "/g155/g491" * 20
    assert PypdfFile(pdf(spelled)).page(0).strip() == "User acceptance of a tower" + "\ufffd" * 40


def test_mutated_bytes_give_a_document_or_a_code_and_no_noise(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = pdf("The tower.\nBuilt in 1911.", "Маяк светит.", "end", title="Маяк")
    dice = random.Random(11)
    level = logging.getLogger("pypdf").level
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(300):
            mutated = bytearray(data)
            for _ in range(dice.choice((1, 4, 16))):
                mutated[dice.randrange(8, len(data))] = dice.choice(b"\x00 /<0959abz\xff")
            code, document = outcome(tmp_path, "a.pdf", bytes(mutated))
            assert code in {"", "bad_format", "no_text", "encrypted", "garbled"}
            assert document is None or document.text.strip()
    assert caplog.records == []
    assert logging.getLogger("pypdf").level == level


def test_a_scan_of_many_pages_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a.pdf", drawn(IMAGE, IMAGE, IMAGE))[0] == "no_text"


def test_too_many_pages_are_refused_before_any_is_read(tmp_path: Path) -> None:
    data = drawn(shown("again"))
    many = data.replace(b"/Kids [5 0 R] /Count 1", b"/Kids [" + b"5 0 R " * 5001 + b"] /Count 5001")
    assert refusal(tmp_path, "a.pdf", many) == ("too_large", "5,001 pages; the limit is 5,000")


def test_one_costly_page_that_stands_again_and_again_is_a_bomb(tmp_path: Path) -> None:
    line = "The tower was built in 1911, and the lamp in 1912."
    costly = "0 0 m 9 9 l S " * 50_000 + shown(line)
    assert read_one(tmp_path, "a.pdf", drawn(*[costly] * 9, "", *[costly] * 9)).text == line
    assert refusal(tmp_path, "a.pdf", drawn(*[costly] * 12))[0] == "bomb"


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_stream_that_holds_too_much_is_a_bomb(tmp_path: Path, times: int) -> None:
    data = packed(bytes(300_000_000), times)
    assert refusal(tmp_path, "a.pdf", data)[0] == "bomb"
