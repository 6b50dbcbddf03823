from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers_support import outcome, read_one, refusal

TOWNS = "Город;Население\nМурманск;270 000\nКемь;11 000\n"


def text_of(folder: Path, data: bytes | str, *, name: str = "a.csv") -> str:
    return read_one(folder, name, data).text


def test_each_row_stands_alone_with_its_headers(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.csv", TOWNS.encode("cp1251"))
    assert document.text == ("Город: Мурманск; Население: 270 000\nГород: Кемь; Население: 11 000")
    assert document.language == "ru"
    (block,) = document.blocks
    assert (block.kind, block.start, block.end) == ("table", 0, len(document.text))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_sign_between_the_cells_is_told_by_the_rows(tmp_path: Path, delimiter: str) -> None:
    rows = [["part", "note"], ["mast", "tall, old; strong"], ["lamp", "a | b"]]
    quoted = ('"' + cell + '"' for row in rows for cell in row)
    cells = list(quoted)
    data = "\n".join(delimiter.join(cells[at : at + 2]) for at in range(0, 6, 2))
    assert text_of(tmp_path, data) == (
        "part: mast; note: tall, old; strong\npart: lamp; note: a | b"
    )


def test_excel_may_say_which_sign_it_is(tmp_path: Path) -> None:
    assert text_of(tmp_path, "sep=;\na;b,c\nx;y,z\n") == "a: x; b,c: y,z"


def test_a_tab_parts_the_cells_of_a_tsv_whatever_else_stands_in_it(tmp_path: Path) -> None:
    assert text_of(tmp_path, "a,b\tc\nx,y\tz,w\n", name="a.tsv") == "a,b: x,y; c: z,w"


@pytest.mark.parametrize(
    "data",
    [
        "1,2,3\na,b,c\n",
        "mast,47\nlamp,3\nmast,2\n",
        "one row,alone\n",
        "1.5;2\n3;4\n",
        ",,\na,b,c\n",
    ],
)
def test_a_table_without_headers_stays_as_it_stands(tmp_path: Path, data: str) -> None:
    assert text_of(tmp_path, data) == data.strip("\n")


def test_years_may_be_headers_behind_a_name(tmp_path: Path) -> None:
    assert text_of(tmp_path, "town,2019,2020\nKem,1,2\n") == "town: Kem; 2019: 1; 2020: 2"


def test_rows_keep_what_is_over_and_miss_what_is_not_there(tmp_path: Path) -> None:
    data = 'a,b\n=HYPERLINK("http://x/"&A1),x\n@SUM(1),\x00y\n+1,2,3,,5\n\n7\n,8\n'
    assert text_of(tmp_path, data) == (
        'a: =HYPERLINK("http://x/"&A1); b: x\na: @SUM(1); b: y\na: +1; b: 2; 3; 5\na: 7\nb: 8'
    )


def test_a_cell_of_lines_is_one_line(tmp_path: Path) -> None:
    assert text_of(tmp_path, 'a,b\r\n"one\r\ntwo",x\r\n') == "a: one two; b: x"


def test_a_quotation_mark_that_is_not_closed_is_refused(tmp_path: Path) -> None:
    code, reason = refusal(tmp_path, "a.csv", 'a,b\n1,"' + "x" * 1023 * 200)
    assert code == "bad_format"
    assert "a quotation mark may not be closed" in reason


@pytest.mark.parametrize("data", [b"", b"\n\n", b" , \n"])
def test_a_table_of_nothing_is_refused(tmp_path: Path, data: bytes) -> None:
    code, document = outcome(tmp_path, "a.csv", data)
    assert code == "no_text" or (document and document.text.strip() == ",")


@given(st.lists(st.lists(st.text(max_size=4), max_size=4), max_size=6))
def test_any_table_is_read_or_refused(rows: list[list[str]]) -> None:
    data = "\n".join(",".join(row) for row in rows).encode("utf-8", "replace")
    with TemporaryDirectory() as folder:
        code, document = outcome(Path(folder), "a.csv", data)
    assert code in {"", "no_text", "bad_format", "encoding"}
    assert bool(document) is not bool(code)
