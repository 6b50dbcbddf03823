from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from office_support import OLE2, saved
from readers_support import read_one, refusal


def old_workbook() -> bytes:
    import xlwt

    book: Any = xlwt.Workbook()
    sheet = book.add_sheet("Продажи")
    date = xlwt.easyxf(num_format_str="dd.mm.yyyy")
    part = xlwt.easyxf(num_format_str="0.0%")
    for column, name in enumerate(("Дата", "Город", "Доля", "Открыт")):
        sheet.write(0, column, name)
    sheet.write(1, 0, dt.date(2024, 2, 29), date)
    sheet.write(1, 1, "Мурманск")
    sheet.write(1, 2, 0.125, part)
    sheet.write(1, 3, label=True)
    sheet.write_merge(2, 3, 0, 0, "позже")
    sheet.write(2, 1, "Vardø")
    sheet.write(3, 1, "Кемь")
    sheet.write(5, 255, 7)
    return saved(book)


def test_an_old_workbook_reads_like_a_new_one(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.xls", old_workbook())
    assert document.text.split("\n") == [
        "Продажи",
        "",
        "Дата | Город | Доля | Открыт",
        "Дата: 2024-02-29; Город: Мурманск; Доля: 12.5%; Открыт: TRUE",
        "Дата: позже; Город: Vardø",
        "Дата: позже; Город: Кемь",
        "",
        "7",
    ]


def new_workbook() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "Кемь"
    return saved(book)


def test_what_web_sites_call_an_old_workbook_is_read_as_what_it_is(tmp_path: Path) -> None:
    page = "<html><body><table><tr><td>Город</td><td>Кемь</td></tr></table></body></html>"
    assert read_one(tmp_path, "a.xls", page).text == "Город | Кемь"
    assert read_one(tmp_path, "a.xls", new_workbook()).text == "Sheet\n\nКемь"
    assert refusal(tmp_path, "a.xls", b"nothing of the kind")[0] == "bad_format"


def test_a_damaged_old_workbook_is_refused(tmp_path: Path) -> None:
    data = old_workbook()
    assert refusal(tmp_path, "a.xls", data[: len(data) // 2])[0] == "bad_format"
    assert refusal(tmp_path, "a.xls", OLE2 + bytes(2_000))[0] == "bad_format"


def test_an_old_workbook_with_a_password_is_called_encrypted(tmp_path: Path) -> None:
    data = old_workbook()
    protected = bytes.fromhex("2f00")  # the record that says so, in place of one without effect
    begins = data.index(bytes.fromhex("e1000200"))  # INTERFACEHDR, right after the first record
    assert refusal(tmp_path, "a.xls", data[:begins] + protected + data[begins + 2 :])[0] == (
        "encrypted"
    )
