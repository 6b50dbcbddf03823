from __future__ import annotations

import json
import os
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from support import HASHING, Run

from memctl.ingest import Store, UsageError, ingest
from memctl.query import Filter
from memctl.query.filters import check_fields, to_sql
from memctl.query.syntax import parse

ROWS = [
    {"_id": "1", "title": "Ёлка", "text": "a", "author": "Иван Петров", "date": "2023-05-01"},
    {"_id": "2", "title": "Report [draft]", "text": "b", "author": "Ann Lee", "date": "2024-06-15"},
    {"_id": "3", "title": "Lamp", "text": "c", "tags": ["sea", "Маяк"], "date": "2024"},
    {"_id": "4", "title": "Rope", "text": "d", "keywords": "knots", "mood": "calm"},
]


@pytest.fixture
def rows(tmp_path: Path, store: Path) -> Path:
    parts = {}
    for row in ROWS:
        head = "\n".join(
            f"{name}: {json.dumps(value, ensure_ascii=False)}"
            for name, value in row.items()
            if name not in {"_id", "text"}
        )
        parts[row["_id"]] = f"---\n{head}\n---\n\n# Part {row['text']}\n\nThe text {row['text']}.\n"
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, text in parts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    os.utime(folder / "4.md", (1_699_963_200, 1_699_963_200))  # 2023-11-14, noon
    ingest([folder], store, options=HASHING)
    return store


def passing(store: Path, *texts: str) -> str:
    """Return the names of the documents that pass all filters."""
    with Store.open(store) as opened:
        filters = [Filter.parse(text) for text in texts]
        check_fields(filters, opened.catalog)
        rows = list(opened.catalog.live_rows(*to_sql(filters)))
        chunks = opened.catalog.chunks_at(rows)
        found = {each.chunk.document[:1] for row in rows for each in chunks[row]}
        return "".join(sorted(found))


@pytest.mark.parametrize(
    ("filters", "documents"),
    [
        (["author:иван*"], "1"),
        (["author:ИВАН ПЕТРОВ"], "1"),
        (["author:Ann Lee", "author:Иван*"], "12"),
        (["author:петров"], "1"),
        (["author:lee"], "2"),
        (["author:n*e"], "2"),
        (["-author:*"], "34"),
        (["title:елка"], "1"),
        (["title:[draft]"], "2"),
        (["title:r*p"], "24"),
        (["heading:part b"], "2"),
        (["tag:МАЯК"], "3"),
        (["tag:knots"], "4"),
        (["after:2024"], "23"),
        (["after:2024-06"], "2"),
        (["before:2024"], "14"),
        (["before:2023-11-14"], "1"),
        (["after:2023-11-14", "before:2024"], "4"),
        (["after:14.11.2023", "before:15.11.2023"], "4"),
        (["before:2.5.2023"], "1"),
        (["after:15 июня 2024"], "2"),
        (["-after:June 15, 2024"], "134"),
        (["mood:calm"], "4"),
        (["mood:cal"], ""),
        (["tag:мая"], ""),
        (["date:2024"], "23"),
        (["date:2024-06"], "2"),
        (["date:15.06.2024"], "2"),
        (["date:2023*"], "14"),
        (["date:2023-11-14"], "4"),
        (["-date:1 мая 2023"], "234"),
        (["file:2.md"], "2"),
        (["-file:2.md", "-file:3.md"], "14"),
        (["lang:en", "-title:lamp"], "124"),
        (["id:3.md"], "3"),
        (["title:zzz"], ""),
    ],
)
def test_a_filter_keeps_what_it_says(rows: Path, filters: list[str], documents: str) -> None:
    assert passing(rows, *filters) == documents


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("moot:calm", "'mood'"),
        ("язык:ru", "'lang'"),
        ("дата:2024", "'date'"),
        ("fiel:x", "'file'"),
        ("zzzz:x", "Fields: after, before"),
    ],
)
def test_a_field_that_there_is_not_is_an_error_with_the_near_names(
    rows: Path, text: str, said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        passing(rows, text)
    assert said in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lamp",
        "page:0",
        "page:x",
        "page:",
        "page:7-3",
        "-page:12-3",
        "after:24",
        "before:2024-1",
        ":x",
        "-:x",
    ],
)
def test_what_is_no_filter_is_an_error(text: str) -> None:
    with pytest.raises(UsageError):
        Filter.parse(text)


@pytest.mark.parametrize("value", ["24", "31.02.2024", "11.2023.12", "05/10/2023", "вчера"])
@pytest.mark.parametrize("field", ["after", "before", "date"])
def test_what_is_no_date_is_told_the_forms_of_one(field: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        Filter.parse(f"{field}:{value}")
    assert repr(value) in caught.value.message
    for form in ("2024,", "2024-06,", "2024-06-01 ", "01.06.2024."):
        assert f"{field}:{form}" in caught.value.hint


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[[str], None]]:
    """Put this machine somewhere else."""

    def put(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield put
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no TZ of a process")
@pytest.mark.parametrize(
    ("where", "day", "month"),
    [
        ("MSK-3", "2024-06-01", "2024-06"),
        ("UTC0", "2024-05-31", "2024-05"),
        ("EST5", "2024-05-31", "2024-05"),
    ],
)
def test_a_file_was_changed_on_the_day_that_it_was_here(
    tmp_path: Path, store: Path, zone: Callable[[str], None], where: str, day: str, month: str
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    file = folder / "note.txt"
    file.write_text("Заметка о лампе.", encoding="utf-8")
    os.utime(file, (1_717_192_800, 1_717_192_800))  # in Moscow on 2024-06-01 at 01:00
    ingest([folder], store, options=HASHING)
    zone(where)
    for said in (f"date:{day}", f"date:{month}", f"after:{day}"):
        assert passing(store, said) == "n"
    assert passing(store, f"before:{day}") == ""


@pytest.mark.parametrize("name", ["йод", "café"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_an_id_is_found_however_the_disk_writes_its_letters(
    tmp_path: Path, store: Path, name: str, form: Literal["NFC", "NFD"]
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    kept = unicodedata.normalize(form, name)
    (folder / f"{kept}.md").write_text("A note.", encoding="utf-8")
    (folder / "other.md").write_text("Another note.", encoding="utf-8")
    ingest([folder], store, options=HASHING)
    for typed in ("NFC", "NFD"):
        asked = unicodedata.normalize(typed, f"{name}.md")
        assert passing(store, f"id:{asked}") == passing(store, f"file:{asked}") == kept[0]
        assert passing(store, f"-id:{asked}") == "o"


@pytest.mark.parametrize("text", ["file:*.pdf", "-tag:x", "page:3-7", "author:Иван Петров"])
def test_a_filter_is_read_as_it_is_written(text: str) -> None:
    assert str(Filter.parse(text)) == text


@contextmanager
def written(texts: Mapping[str, str], folder: Path, store: Path) -> Generator[Store]:
    """Give a store of files with these texts."""
    folder.mkdir()
    for name, said in texts.items():
        (folder / name).write_text(said, encoding="utf-8")
    ingest([folder], store, options=HASHING)
    with Store.open(store) as opened:
        yield opened


LETTERS = {
    "rent.eml": "From: Hannah Whitlock <hannah@whitlock.example>\n"
    "To: Ann Lee <ann@harbor.example>\nCc: agency@lets.example\n"
    "Date: Mon, 17 Mar 2025 09:12:00 +0000\n"
    "Subject: Rent from April\n"
    "Message-ID: <a1@whitlock.example>\n\nThe rent goes up in April.\n",
    "вода.eml": "From: ТСЖ Весёлое <tszh@home.example>\nTo: Кирилл <kirill@home.example>\n"
    "Cc: дворник@home.example\nDate: Tue, 03 Jun 2025 10:00:00 +0300\n"
    "Subject: Отключение горячей воды\nMessage-ID: <b2@home.example>\n\nВоды не будет.\n",
}


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("from:hannah", {"rent.eml"}),
        ("from:ВЕСЕЛОЕ", {"вода.eml"}),
        ("to:ann", {"rent.eml"}),
        ("to:кирилл", {"вода.eml"}),
        ("cc:agency", {"rent.eml"}),
        ("cc:Дворник", {"вода.eml"}),
        ("subject:rent", {"rent.eml"}),
        ("subject:отключение", {"вода.eml"}),
        ('subject:"горячей воды"', {"вода.eml"}),
        ("date:2025-03", {"rent.eml"}),
        ("date:3.6.2025", {"вода.eml"}),
        ("message_id:a1@whitlock.example", {"rent.eml"}),
        ("message_id:b2@home", set[str]()),
        ("-from:hannah", {"вода.eml"}),
    ],
)
def test_a_part_of_what_people_write_is_enough(
    tmp_path: Path, store: Path, text: str, documents: set[str]
) -> None:
    with written(LETTERS, tmp_path / "mail", store) as opened:
        (found,) = parse(f"word {text}").filters
        assert set(opened.catalog.paths(*to_sql([found]))) == documents


SECTIONS = {
    "note.md": "# Отпуск\n\nБилеты у Анны.\n\n## Дорога домой\n\nПоезд в восемь.\n\n"
    "## Что взять\n\n- Ёлка\n\nЗонт и плед.\n\n## Разбор [C#] ##\n\nПозже.\n",
    "plan.rst": "Plan\n====\n\nWe meet at noon.\n\nWay back\n--------\n\nBy train.\n",
    "page.html": "<html><body><h1>Garden</h1><p>Roses.</p>"
    "<h2>Winter works</h2><p>Prune the vine.</p></body></html>",
    "tool.py": "# Way back\n\ndef way():\n    return 1\n",
    "talk.txt": "We spoke of the way back, and of the winter works.\nДорога домой долга.\n",
}


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("heading:отпуск", {"note.md"}),
        ("heading:дорога", {"note.md"}),
        ("heading:что*взять", {"note.md"}),
        ("heading:way back", {"plan.rst"}),
        ("heading:[c#]", {"note.md"}),
        ("heading:разбор*]", {"note.md"}),
        ("heading:WINTER", {"page.html"}),
        ("heading:ёлка", set[str]()),
        ("heading:train", set[str]()),
        ("-heading:дорога", {"plan.rst", "page.html", "tool.py", "talk.txt"}),
    ],
)
def test_a_heading_is_found_wherever_in_a_passage_it_stands(
    tmp_path: Path, store: Path, text: str, documents: set[str]
) -> None:
    with written(SECTIONS, tmp_path / "sections", store) as opened:
        assert len(list(opened.catalog.chunks())) == len(SECTIONS)  # short sections are merged
        assert set(opened.catalog.paths(*to_sql([Filter.parse(text)]))) == documents


CLOSE = {
    "дежурство.md": "Звонит дежурный.\n## Эскалация\nСперва Прия, потом Олег.\n",
    "oncall.md": "The pager rings.\n## Escalation ##\nFirst Priya, then Tom.\n",
    "сборка.md": "Так собирают:\n```\nmake\n# Эскалация\nmake all\n```\n",
    "build.md": "So it is built:\n~~~sh\n# Escalation\nmake\n~~~\nand\n    # Escalation\n",
    "tags.md": "Of these tags:\n#Escalation #Эскалация\nnone is a heading.\n",
    "job.py": "import os\n# Escalation\nprint(os.name)\n",
}


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("heading:Эскалация", {"дежурство.md"}),
        ("heading:escalation", {"oncall.md"}),
        ("heading:escalation #", set[str]()),
        ("heading:priya", set[str]()),
        ("heading:make", set[str]()),
    ],
)
def test_a_marked_heading_needs_no_empty_line_above_it(
    tmp_path: Path, store: Path, text: str, documents: set[str]
) -> None:
    with written(CLOSE, tmp_path / "close", store) as opened:
        assert set(opened.catalog.paths(*to_sql([Filter.parse(text)]))) == documents


def test_a_question_brings_its_own_filters(filled: Run) -> None:
    hits = filled("query", "lamp file:en/storm.txt", "--json").json["hits"]
    assert [hit["document"] for hit in hits] == ["en/storm.txt"]
    assert filled("query", "lamp -file:en/ -file:rows.jsonl -lang:ru").out == ""


def test_phrases_and_exclusions_hold_for_both_legs(filled: Run) -> None:
    found = [
        {hit["document"] for hit in filled("query", question, "--json").json["hits"]}
        for question in ('"gull tower"', "tower -gull", '"nothing at all here"')
    ]
    assert found[0] == {"en/tower.md"}
    assert "en/tower.md" not in found[1] or len(found[1]) > 1
    assert found[2] == set()


@pytest.mark.parametrize(
    ("name", "texts", "question"),
    [
        (
            "Тихий Маяк",
            ("«Тихий Маяк» снял Орлов.", "О Тихом Маяке писали газеты.", "Орлов родился в Омске."),
            'кто снял фильм "Тихий Маяк" в Омске',
        ),
        (
            "Silent Towers",
            ("Orlov made “Silent Towers”.", "A silent tower was in it.", "Orlov lives in Omsk."),
            'who made the film "Silent Towers" in Omsk?',
        ),
    ],
)
def test_a_name_in_quotes_in_a_sentence_counts_and_keeps_nothing_out(
    run: Run, tmp_path: Path, name: str, texts: tuple[str, ...], question: str
) -> None:
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.txt").write_text(text + "\n", encoding="utf-8")
    assert run("ingest", tmp_path, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0

    def found(asked: str) -> list[str]:
        hits = run("query", asked, "--json").json["hits"]
        scores = [hit["score"] for hit in hits]
        assert scores == sorted(scores, reverse=True)
        return [hit["document"] for hit in hits]

    assert found(question)[0] == "0.txt"
    assert len(found(question)) == len(texts)
    assert len(found(question.replace(name, "Nowhere"))) == len(texts)
    assert found(question.replace('"', '+"', 1)) == ["0.txt"]
    assert found(f'"{name}"') == ["0.txt"]
    assert found(f'film "{name}"') == ["0.txt"]


@pytest.mark.parametrize(
    ("text", "asked", "phrase"),
    [
        ("Бюджет «Северного ветра» утвердили в мае.", 'бюджет "Северный ветер"', "Северный ветер"),
        ("The budget of the Silent Towers is set.", 'budget "Silent Tower"', "Silent Tower"),
    ],
)
def test_a_phrase_that_no_passage_has_keeps_nothing_out_beside_other_words(
    run: Run, tmp_path: Path, text: str, asked: str, phrase: str
) -> None:
    (tmp_path / "note.txt").write_text(text + "\n", encoding="utf-8")
    assert run("ingest", tmp_path, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    result = run("query", asked)
    assert "note.txt" in result.out
    assert f'No passage has "{phrase}" as written' in result.err
    assert run("query", asked, "--json").json["absent"] == [phrase]
    for strict in (asked.replace('"', '+"', 1), f'"{phrase}"'):
        assert run("query", strict, "--json").json["hits"] == []


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("маяк -чайка", {"ru/маяк.md", "rows.jsonl#b2"}),
        ('маяк -"чайка"', {"ru/маяк.md", "ru/чайки.txt", "rows.jsonl#b2"}),
        ('маяк -"чайки"', {"ru/маяк.md", "rows.jsonl#b2"}),
        ("the keeper -tower lang:en", {"en/storm.txt", "rows.jsonl#a1"}),
        ("the keeper -towers lang:en", {"en/storm.txt", "rows.jsonl#a1"}),
        ('the keeper -"towers" lang:en', {"en/storm.txt", "en/tower.md", "rows.jsonl#a1"}),
    ],
)
def test_an_excluded_word_is_meant_in_all_its_forms_and_a_quoted_one_as_it_stands(
    filled: Run, question: str, left: set[str]
) -> None:
    if "lang:" not in question:
        question += " lang:ru"
    hits = filled("query", question, "--json").json["hits"]
    assert {hit["document"] for hit in hits} == left


def test_what_must_not_be_there_is_no_question_alone(filled: Run) -> None:
    for question in (" -чайка", ' -"gulls" lang:en', "lang:ru -чайка"):
        result = filled("query", question)
        assert result.code == 2
        assert "only what not to find" in result.err
    for command in (("ask",), ("why", "--doc", "ru/маяк.md")):
        result = filled(*command, "lang:ru")
        assert result.code == 2
        assert "only what not to find" in result.err


DATED = {
    "old.md": "---\ndate: 2023-05-01\ntags: [sea]\n---\n\nThe old lamp.\n",
    "новое.md": "---\ndate: 2024-06-15\ntags: [море]\n---\n\nНовая лампа.\n",
    "2024-06-15 a.md": "---\ntags: [sea]\n---\n\nThe new lamp.\n",
    "плюс.md": "---\ndate: 2024-06-14\ntags: [море]\n---\n\nЛампа накануне.\n",
}


@pytest.mark.parametrize(
    ("question", "words", "documents"),
    [
        ("file:*.md", (), ["2024-06-15 a.md", "новое.md", "плюс.md", "old.md"]),
        ("tag:sea", (), ["2024-06-15 a.md", "old.md"]),
        ("tag:море", (), ["новое.md", "плюс.md"]),
        ("after:2024 tag:море", ("-k", 1), ["новое.md"]),
        ("after:2024", ("--filter", "tag:sea"), ["2024-06-15 a.md"]),
        ("file:*.md -tag:море -tag:sea", (), []),
    ],
)
def test_filters_alone_list_what_passes_the_newest_documents_first(
    run: Run, tmp_path: Path, question: str, words: tuple[str | int, ...], documents: list[str]
) -> None:
    for name, text in DATED.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert run("ingest", tmp_path, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    result = run("query", question, *words, "--json").json
    assert result["listed"] is True
    assert [hit["document"] for hit in result["hits"]] == documents
    assert [hit["rank"] for hit in result["hits"]] == list(range(1, len(documents) + 1))
    assert {hit["score"] for hit in result["hits"]} <= {None}
    told = run("query", question, *words)
    assert ("Nothing was looked for" if documents else "Nothing found") in told.err
    assert not re.search(r"\.md .*\d$", told.out, re.MULTILINE)


def test_a_listing_goes_through_a_document_in_order_and_knows_its_fields(
    run: Run, tmp_path: Path
) -> None:
    text = "\n\n".join(f"# Part {number}\n\n{'A rope of hemp. ' * 150}" for number in range(4))
    (tmp_path / "rope.md").write_text(text, encoding="utf-8")
    assert run("ingest", tmp_path, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    hits = run("query", "file:rope.md", "-k", 3, "--json").json["hits"]
    assert [hit["chunk"] for hit in hits] == [1, 2, 3]
    wrong = run("query", "lang:en", "--filter", "moot:calm")
    assert wrong.code == 2
    assert "no field 'moot'" in wrong.err
    assert "listed" not in run("query", "rope lang:en", "--json").json


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_file_is_named_as_the_eye_sees_it(
    run: Run, tmp_path: Path, form: Literal["NFC", "NFD"]
) -> None:
    name = unicodedata.normalize(form, "йогурт.md")
    (tmp_path / name).write_text("Закваска стоит ночь в тепле.\n", encoding="utf-8")
    (tmp_path / "ёлка.md").write_text("Ёлка стоит до марта.\n", encoding="utf-8")
    assert run("ingest", tmp_path, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    for typed in ("йогурт.md", unicodedata.normalize("NFD", "йогурт.md")):
        hits = run("query", f"стоит file:{typed}", "--json").json["hits"]
        assert [hit["document"] for hit in hits] == [name]
        assert run("show", typed).code == 0
        assert run("why", "закваска", "--doc", typed, "--json").json["found"]


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("file:vpn.md", {"vpn.md", "work/vpn.md", "work/old/vpn.md"}),
        ("file:смета_ремонт_2024.csv", {"дом/смета_ремонт_2024.csv"}),
        ("file:йогурт.md", {unicodedata.normalize("NFD", "дом/йогурт.md")}),
        ("file:смета*", {"дом/смета_ремонт_2024.csv"}),
        ("file:v?n.md", {"vpn.md", "work/vpn.md", "work/old/vpn.md"}),
        ("file:work/vpn.md", {"work/vpn.md"}),
        ("file:*/vpn.md", {"work/vpn.md", "work/old/vpn.md"}),
        ("file:work/", {"work/vpn.md", "work/old/vpn.md", "work/rows.jsonl#a1"}),
        ("file:work", {"work/vpn.md", "work/old/vpn.md", "work/rows.jsonl#a1"}),
        ("file:old/", set[str]()),
        ("file:rows.jsonl", {"work/rows.jsonl#a1"}),
        ("file:rows.jsonl#a1", {"work/rows.jsonl#a1"}),
        ("file:*.csv", {"дом/смета_ремонт_2024.csv"}),
        ("file:pn.md", set[str]()),
        ("-file:vpn.md", {"дом/смета_ремонт_2024.csv", "work/rows.jsonl#a1",
                          unicodedata.normalize("NFD", "дом/йогурт.md")}),
    ],
)  # fmt: skip
def test_a_file_is_named_without_its_folders(
    tmp_path: Path, store: Path, text: str, documents: set[str]
) -> None:
    folder = tmp_path / "notes"
    for name, said in {
        "vpn.md": "The first note.\n",
        "work/vpn.md": "The second note.\n",
        "work/old/vpn.md": "The third note.\n",
        "work/rows.jsonl": '{"_id": "a1", "text": "A rope of hemp."}\n',
        "дом/смета_ремонт_2024.csv": "что,сколько\nобои,12\n",
        unicodedata.normalize("NFD", "дом/йогурт.md"): "Закваска стоит ночь.\n",
    }.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(said, encoding="utf-8")
    ingest([folder], store, options=HASHING)
    with Store.open(store) as opened:
        rows = opened.catalog.live_rows(*to_sql([Filter.parse(text)]))
        chunks = opened.catalog.chunks_at(list(rows))
        found = {each.chunk.document for of in chunks.values() for each in of}
    assert found == documents


def test_a_note_that_was_just_written_has_the_date_of_its_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("A fresh note.\n", encoding="utf-8")
    (tmp_path / "old.txt").write_text("An old note.\n", encoding="utf-8")
    os.utime(tmp_path / "old.txt", (1_400_000_000, 1_400_000_000))  # in May 2014
    assert run("ingest", tmp_path, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    for asked, found in (("note after:2020", "new.txt"), ("note before:2015", "old.txt")):
        hits = run("query", asked, "--json").json["hits"]
        assert [hit["document"] for hit in hits] == [found]
