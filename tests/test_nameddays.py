"""The day in the name of a file, where a document says none itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest
from support import HASHING

from memctl.ingest import Store, ingest
from memctl.ingest.nameddays import dated
from memctl.query import Filter
from memctl.query.filters import to_sql

CHANGED = "2025-06-01"


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """Return the folder, made with files of these texts."""
    folder.mkdir()
    for name, said in files.items():
        (folder / name).write_text(said, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2023-05-14 протокол.txt", "2023-05-14"),
        ("minutes_2023_05_14.md", "2023-05-14"),
        ("2023.05.14.txt", "2023-05-14"),
        ("IMG_20230514_120000.jpg.txt", "2023-05-14"),
        ("акт от 14.05.2023.pdf", "2023-05-14"),
        ("act 4.5.2023.pdf", "2023-05-04"),
        ("дневник/2025-05.md", "2025-05"),
        ("2027-01-01 plan.md", "2027-01-01"),
        ("договор_аренды_2023.md", "2023"),
        ("tax 2024.xlsx", "2024"),
        ("2019-2023 отчёт.md", CHANGED),
        ("план 2025.md", CHANGED),
        ("roadmap 2030.md", CHANGED),
        ("1984.epub", CHANGED),
        ("31.02.2023.txt", CHANGED),
        ("app-10.5.2019.1.zip", CHANGED),
        ("v1.10.12.2010.md", CHANGED),
        ("3f20191231ab.pdf", CHANGED),
        ("+7 916 20121015.txt", CHANGED),
        ("IMG_2012.JPG", CHANGED),
        ("RFC 2010.txt", CHANGED),
        ("ГОСТ 2010.txt", CHANGED),
        ("Accounts 2010-11.pdf", "2010"),
        ("CVE-2021-04.md", CHANGED),
        ("отчёт 2021-04.md", "2021-04"),
        ("05-06-2023.txt", "2023"),
        ("20231399.txt", CHANGED),
        ("89172551043.txt", CHANGED),
        ("v2023.05.zip", CHANGED),
        ("2023-05-14/note.txt", CHANGED),
        ("report.txt", CHANGED),
    ],
)
def test_a_name_says_a_day_a_month_or_a_year_that_is_over(name: str, day: str) -> None:
    assert dated(name, name, None, CHANGED) == day


def test_a_part_of_a_file_has_a_name_of_its_own_and_a_row_has_none() -> None:
    assert dated("a.zip#x/2023-05-14.txt", "a.zip", None, CHANGED) == "2023-05-14"
    assert dated("2022-01-02.zip#note.txt", "2022-01-02.zip", None, CHANGED) == "2022-01-02"
    assert dated("rows.jsonl#20230514", "rows.jsonl", None, CHANGED) == CHANGED
    assert dated("note.txt", "note.txt", None, None) is None
    assert dated("note 2023.txt", "note 2023.txt", None, None) is None


def test_properties_are_believed_before_a_year_and_after_a_day() -> None:
    template = "2013-12-23"
    for name, day in {
        "2024-04-11_совещание.docx": "2024-04-11",
        "отчёт 2024-04.docx": "2024-04",
        "Windows Server 2012.docx": template,
        "minutes.docx": template,
    }.items():
        assert dated(name, name, template, CHANGED) == day


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("date:2023-05-14", {"2023-05-14 протокол.txt", "2023-05-14 minutes.md"}),
        ("before:2023-05-14", {"2023-05-02 letter.md", "договор_2023.md"}),
        ("after:2024", {"2022-01-01 own.md", "note.txt", "mail.zip#2024-02-03.txt"}),
        ("date:2024-02-03", {"mail.zip#2024-02-03.txt"}),
        ("date:2022", set[str]()),
    ],
)
def test_a_document_is_of_the_day_in_its_name_unless_it_says_its_own(
    tmp_path: Path, store: Path, text: str, documents: set[str]
) -> None:
    folder = written(
        tmp_path / "notes",
        {
            "2023-05-14 протокол.txt": "Решили чинить крышу.\n",
            "2023-05-14 minutes.md": "We mend the roof.\n",
            "договор_2023.md": "Договор аренды на год.\n",
            "2022-01-01 own.md": "---\ndate: 2024-07-01\n---\n\nIt says its own date.\n",
            "note.txt": "A note without any date.\n",
            "2023-05-02 letter.md": "---\ncreated: 2013-12-23\n---\n\nWritten on a template.\n",
        },
    )
    with ZipFile(folder / "mail.zip", "w") as packed:
        packed.writestr("2024-02-03.txt", "A letter of February.\n")
    for file in folder.iterdir():
        os.utime(file, (1_748_779_200, 1_748_779_200))  # 2025-06-01
    ingest([folder], store, options=HASHING)
    with Store.open(store) as opened:
        assert set(opened.catalog.paths(*to_sql([Filter.parse(text)]))) == documents


@pytest.mark.parametrize(
    ("text", "found", "forgotten"),
    [
        ("before:2013", {"scan_2012.txt"}, set[str]()),
        ("from:ann", {"joanna.md", "ann.md"}, {"ann.md"}),
        ("author:Анн", {"ru.md"}, set[str]()),
        ("author:Анна Белова", {"ru.md"}, {"ru.md"}),
    ],
)
def test_what_is_forgotten_passes_its_filters_as_a_whole(
    tmp_path: Path, store: Path, text: str, found: set[str], forgotten: set[str]
) -> None:
    folder = written(
        tmp_path / "notes",
        {
            "scan_2012.txt": "A new scan of an old page.\n",
            "joanna.md": "---\nfrom: Joanna\n---\n\nA letter about the roof.\n",
            "ann.md": "---\nfrom: Ann\n---\n\nA letter about the well.\n",
            "ru.md": "---\nauthor: Анна Белова\n---\n\nПисьмо о колодце.\n",
        },
    )
    ingest([folder], store, options=HASHING)
    filters = [Filter.parse(text)]
    with Store.open(store) as opened:
        assert set(opened.catalog.paths(*to_sql(filters))) == found
        assert set(opened.catalog.paths(*to_sql(filters, strict=True))) == forgotten
