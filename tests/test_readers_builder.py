from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.titles import sane_title
from memctl.ingest.text import one_line

SOURCE = Source(Path("nowhere"), "a.bin", sha256="0" * 64, max_bytes=1)


def test_blocks_are_parted_by_a_blank_line_and_found_at_their_offsets() -> None:
    builder = TextBuilder()
    builder.heading(2, "  The \x1b tower\n ")
    builder.paragraph(" \n")
    builder.paragraph("one  \r\ntwo\n\n")
    builder.table([["a", " b\nc ", ""], ["", "", ""], ["d", "", ""]])
    builder.code("\n    x = 1\n\n    y = 2\n")
    document = builder.build(SOURCE)
    assert document.text == "The tower\n\none\ntwo\n\na | b c\nd |\n\n    x = 1\n\n    y = 2"
    assert [document.text[h.start : h.end] for h in document.headings] == ["The tower"]
    assert [(b.kind, document.text[b.start : b.end]) for b in document.blocks] == [
        ("table", "a | b c\nd |"),
        ("code", "    x = 1\n\n    y = 2"),
    ]


def test_pages_tile_the_text_and_an_empty_one_is_an_empty_span() -> None:
    builder = TextBuilder()
    for number, text in enumerate(["", "second", "", "fourth", ""], 1):
        builder.start_page(number)
        builder.paragraph(text)
    document = builder.build(SOURCE)
    assert document.text == "second\n\nfourth"
    assert [(p.number, document.text[p.start : p.end]) for p in document.pages] == [
        (1, ""),
        (2, "second\n\n"),
        (3, ""),
        (4, "fourth"),
        (5, ""),
    ]


def test_the_title_is_given_or_the_first_main_heading_and_never_the_file_name() -> None:
    builder = TextBuilder()
    builder.paragraph("text")
    assert builder.build(SOURCE).title == ""
    builder.heading(2, "Second")
    builder.heading(1, "First")
    assert builder.build(SOURCE).title == "First"
    assert builder.build(SOURCE, title=" Given\n title ").title == "Given title"


def test_no_text_is_refused_and_for_pages_the_reason_names_ocr() -> None:
    with pytest.raises(UnreadableError, match=r"^no text in it$") as caught:
        TextBuilder().build(SOURCE)
    assert caught.value.code == "no_text"
    builder = TextBuilder()
    for number in range(1, 9):
        builder.start_page(number)
        builder.paragraph(f"- {number} -")
    with pytest.raises(UnreadableError, match=r"no text layer \(pages: 8\); a scan needs OCR"):
        builder.build(SOURCE)


BLOCKS = st.tuples(st.sampled_from(["heading", "paragraph", "code", "table", "page"]), st.text())


@given(st.lists(BLOCKS, max_size=12))
def test_whatever_is_added_spans_lie_in_order_and_pages_tile(blocks: list[tuple[str, str]]) -> None:
    builder = TextBuilder()
    titles: list[str] = []
    for number, (kind, text) in enumerate(blocks):
        if kind == "heading":
            builder.heading(number, text)
            titles.append(one_line(text))
        elif kind == "table":
            builder.table([[text, "x"], ["y"]])
        elif kind == "page":
            builder.start_page(number)
        else:
            (builder.code if kind == "code" else builder.paragraph)(text)
    builder.paragraph("the last one has some letters")
    document = builder.build(SOURCE)
    assert [h.title for h in document.headings] == [title for title in titles if title]
    for heading in document.headings:
        assert document.text[heading.start : heading.end] == heading.title
    if document.pages:
        ends = [0, *(page.end for page in document.pages)]
        assert [page.start for page in document.pages] == ends[:-1]
        assert ends[-1] == len(document.text)


@pytest.mark.parametrize(
    "title",
    [
        "",
        "untitled",
        "Без имени 1",
        "Microsoft Word - отчёт.doc",
        "report_final.PDF",
        "Документ1",
        "C:\\Users\\x",
        "/home/x",
        "(anonymous)",
        "2024-01-01",
        "Слайд 1",
        "x" * 301,
    ],
)
def test_a_title_that_a_program_made_is_not_believed(title: str) -> None:
    assert sane_title(title) == ""


@pytest.mark.parametrize("title", ["Маяк на мысу", "Title IX and the law", "Scanning methods"])
def test_a_title_that_somebody_wrote_is_believed(title: str) -> None:
    assert sane_title(f" {title}\n") == title
