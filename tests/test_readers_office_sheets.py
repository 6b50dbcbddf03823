from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from office_support import LOCKED, NAMES, OLE2, related, rezipped, saved, zipped
from readers_support import read_one, refusal

from memctl.ingest.document import Document, Problem
from memctl.ingest.readers import HEAD, Source, reader_for


def workbook(rows: list[list[Any]], *, formats: dict[str, str] | None = None) -> bytes:
    """Make a workbook of one sheet; ``formats`` are number formats by cell."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Продажи"
    for row in rows:
        sheet.append(row)
    for place, code in (formats or {}).items():
        sheet[place].number_format = code
    return saved(book)


def sheet_xml(body: str, *, shared: str = "") -> bytes:
    """Make the smallest workbook around the XML of a sheet."""
    sheet = '<sheet name="S" r:id="worksheet"/>'
    return zipped(
        {
            "xl/workbook.xml": f"<w {NAMES}><sheets>{sheet}</sheets></w>",
            "xl/_rels/workbook.xml.rels": related(
                worksheet="sheet.xml", sharedStrings="strings.xml"
            ),
            "xl/sheet.xml": f"<w>{body}</w>",
            "xl/strings.xml": f"<sst>{shared}</sst>",
        }
    )


def lines(document: Document) -> list[str]:
    return document.text.split("\n")


def test_each_row_stands_alone_with_the_names_of_its_columns(tmp_path: Path) -> None:
    data = workbook(
        [
            ["Дата", "Город", "Сумма", "Скидка"],
            [dt.date(2024, 2, 29), "Мурманск", 1234.5, 0.125],
            [dt.date(2024, 3, 1), "Vardø", 0.1 + 0.2, None],
        ],
        formats={"A2": "dd.mm.yyyy", "A3": "mm-dd-yy", "C2": '#,##0.00" ₽"', "D2": "0.0%"},
    )
    document = read_one(tmp_path, "a.xlsx", data)
    assert [(h.level, h.title) for h in document.headings] == [(2, "Продажи")]
    (block,) = document.blocks
    assert document.text[block.start : block.end].split("\n") == [
        "Дата | Город | Сумма | Скидка",
        "Дата: 2024-02-29; Город: Мурманск; Сумма: 1234.50 ₽; Скидка: 12.5%",
        "Дата: 2024-03-01; Город: Vardø; Сумма: 0.3",
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([["Имя", "Иван"], ["Город", "Кемь"]], ["Имя | Иван", "Город | Кемь"]),
        ([["город", 5], ["Кемь", 7]], ["город | 5", "Кемь | 7"]),
        ([["a", "n"], ["x", 1], ["y", 2]], ["a | n", "a: x; n: 1", "a: y; n: 2"]),
        ([["a", "a"], ["x", 1]], ["a | a", "x | 1"]),
        ([["", 2023, 2024], ["План", 5, 6]], ["2023 | 2024", "План | 5 | 6"]),
        (
            [["Что", 2023, 2024], ["План", 5, 6]],
            ["Что | 2023 | 2024", "Что: План; 2023: 5; 2024: 6"],
        ),
        ([["one", "two", "three"]], ["one | two | three"]),
    ],
)
def test_a_first_row_names_the_columns_only_where_it_looks_like_names(
    tmp_path: Path, rows: list[list[Any]], told: list[str]
) -> None:
    assert lines(read_one(tmp_path, "a.xlsx", workbook(rows)))[2:] == told


def test_titles_stand_above_a_table_and_empty_rows_part_tables(tmp_path: Path) -> None:
    rows = [
        ["Утки по годам"],
        ["Год", "Утки"],
        [2019, 120],
        [],
        [2020, 135],
        [],
        ["Ноты", "до", "ре"],
        ["первая", "c", "d"],
    ]
    document = read_one(tmp_path, "a.xlsx", workbook(rows))
    assert document.text == (
        "Продажи\n\nУтки по годам\n\nГод | Утки\nГод: 2019; Утки: 120\n\nГод: 2020; Утки: 135\n\n"
        "Ноты | до | ре\nНоты: первая; до: c; ре: d"
    )


def test_merged_cells_hold_for_the_rows_and_names_that_they_span(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Регион", "2023", None, "2024", None],
        [None, "план", "факт", "план", "факт"],
        ["Север", 1, 2, 3, 4],
        [None, 5, 6, 7, 8],
    ):
        sheet.append(row)
    for area in ("A1:A2", "B1:C1", "D1:E1", "A3:A4"):
        sheet.merge_cells(area)
    assert lines(read_one(tmp_path, "a.xlsx", saved(book)))[-2:] == [
        "Регион: Север; 2023 план: 1; 2023 факт: 2; 2024 план: 3; 2024 факт: 4",
        "Регион: Север; 2023 план: 5; 2023 факт: 6; 2024 план: 7; 2024 факт: 8",
    ]


def test_every_kind_of_cell_is_read(tmp_path: Path) -> None:
    shared = (
        "<si><t>Кемь</t><rPh><t>reading</t></rPh></si><si><r><t>two </t></r><r><t>runs</t></r></si>"
    )
    body = (
        '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>'
        '<c r="C1" t="inlineStr"><is><t>in line</t></is></c><c r="D1" t="b"><v>1</v></c>'
        '<c r="E1" t="e"><v>#N/A</v></c><c r="F1" t="str"><f>A1</f><v>made</v></c>'
        '<c r="G1"><f>SUM(A1:B1)</f></c><c r="H1" t="d"><v>2024-01-01T00:00:00</v></c>'
        '<c r="I1" t="s"><v>99</v></c><c r="J1"><v>  </v></c></row></sheetData>'
    )
    document = read_one(tmp_path, "a.xlsx", sheet_xml(body, shared=shared))
    assert lines(document)[-1] == (
        "Кемь | two runs | in line | TRUE | #N/A | made | =SUM(A1:B1) | 2024-01-01"
    )


def test_cells_far_apart_are_read_without_what_lies_between(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    body = f'<sheetData><row r="1"><c r="A1"><v>1</v></c></row>{far}</sheetData>'
    assert read_one(tmp_path, "a.xlsx", sheet_xml(body)).text == "S\n\n1\n\n2"


def test_rows_and_cells_without_places_follow_each_other(tmp_path: Path) -> None:
    body = (
        "<sheetData><row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row></sheetData>"
    )
    assert read_one(tmp_path, "a.xlsx", sheet_xml(body)).text == "S\n\n1 | 2\n3"


def test_a_text_that_stands_in_too_many_cells_is_refused(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{at}"><c t="s"><v>0</v></c></row>' for at in range(1, 2_002))
    data = sheet_xml(f"<sheetData>{rows}</sheetData>", shared=f"<si><t>{'S' * 10_000}</t></si>")
    assert refusal(tmp_path, "a.xlsx", data)[0] == "too_large"


def test_a_sheet_that_is_missing_or_damaged_costs_that_sheet_only(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "первый"
    book.create_sheet("Second")["A1"] = "второй"
    book.create_sheet("Third")["A1"] = "третий"
    changes: dict[str, str | bytes | None] = {
        "xl/worksheets/sheet1.xml": None,
        "xl/worksheets/sheet2.xml": "<worksheet><sheetData>",
    }
    data = rezipped(saved(book), changes)
    reader = reader_for("a.xlsx", data[:HEAD])
    assert reader is not None
    file = tmp_path / "a.xlsx"
    file.write_bytes(data)
    found = list(reader.read(Source(file, "a.xlsx", sha256="", max_bytes=10**6)))
    problems = [(part.path, part.code) for part in found if isinstance(part, Problem)]
    assert problems == [("a.xlsx#Sheet", "missing_part"), ("a.xlsx#Second", "missing_part")]
    (document,) = (part for part in found if isinstance(part, Document))
    assert document.text == "Third\n\nтретий"


def test_properties_and_remarks_of_a_workbook_are_kept(tmp_path: Path) -> None:
    import openpyxl
    from openpyxl.comments import Comment

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "Маяк"
    sheet["A1"].comment = Comment("Проверить высоту", "keeper")
    book.properties.title = "Отчёт за год"
    book.properties.creator = "Иван Петров; openpyxl"
    book.properties.keywords = "маяк, Kem"
    book.properties.created = dt.datetime(2024, 5, 6, 7, 8, 9)
    document = read_one(tmp_path, "a.xlsm", saved(book))
    assert document.text == "Sheet\n\nМаяк\n\nПроверить высоту"
    assert document.title == "Отчёт за год"
    assert document.metadata["author"] == ("Иван Петров",)
    assert document.metadata["keywords"] == ("маяк", "Kem")
    assert document.metadata["created"] == ("2024-05-06T07:08:09Z",)


@pytest.mark.parametrize("name", ["a.xlsx", "a.xlsm", "a.pptx", "a.docx"])
def test_a_file_with_a_password_is_called_encrypted(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, name, LOCKED)[0] == "encrypted"
    assert refusal(tmp_path, name, OLE2 + bytes(999))[0] == "bad_format"


def test_an_empty_workbook_and_another_archive_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a.xlsx", workbook([]))[0] == "no_text"
    code, reason = refusal(tmp_path, "a.xlsx", zipped({"x": "y"}))
    assert (code, "not an Excel workbook" in reason) == ("bad_format", True)


def test_a_workbook_with_a_document_type_is_refused(tmp_path: Path) -> None:
    entity = '<!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/hostname">]><w><sheets>&e;</sheets></w>'
    data = rezipped(workbook([["x"]]), {"xl/workbook.xml": entity})
    assert refusal(tmp_path, "a.xlsx", data)[0] == "bomb"


def sheets_of(body: str) -> bytes:
    namespaces = 'xmlns:o="o" xmlns:t="t" xmlns:x="x"'
    content = f"<o:d {namespaces}><o:spreadsheet>{body}</o:spreadsheet></o:d>"
    return zipped({"content.xml": content})


def test_an_opendocument_sheet_reads_like_any_other(tmp_path: Path) -> None:
    from odfdo import Cell, Document, Row, Table

    table = Table("Продажи")
    for values in (
        ["Дата", "Город", "Сумма"],
        [dt.date(2024, 2, 29), "Мурманск", 5.5],
        ["", "Vardø", 7],
    ):
        row = Row()
        for value in values:
            row.append_cell(Cell(value) if value else Cell())
        table.append_row(row)
    book = Document("spreadsheet")
    book.body.clear()
    book.body.append(table)
    assert lines(read_one(tmp_path, "a.ods", saved(book)))[2:] == [
        "Дата | Город | Сумма",
        "Дата: 2024-02-29; Город: Мурманск; Сумма: 5.5",
        "Город: Vardø; Сумма: 7",
    ]


def test_repeated_rows_and_cells_do_not_swell(tmp_path: Path) -> None:
    empty = '<t:table-row t:number-rows-repeated="1048000"><t:table-cell/></t:table-row>'
    cell = '<t:table-cell t:number-columns-repeated="{}"><x:p>{}</x:p></t:table-cell>'
    row = "<t:table-row>{}</t:table-row>"
    body = (
        '<t:table t:name="S">'
        + row.format(cell.format(3, "Кемь"))
        + empty
        + row.format(cell.format(1, "конец"))
        + "</t:table>"
    )
    assert read_one(tmp_path, "a.ods", sheets_of(body)).text == "S\n\nКемь | Кемь | Кемь\n\nконец"
    many = row.format(cell.format(16_384, "x" * 50)) * 9
    document = read_one(tmp_path, "a.ods", sheets_of(f'<t:table t:name="S">{many}</t:table>'))
    assert document.text.count("x" * 50) == 100_000 + 9
