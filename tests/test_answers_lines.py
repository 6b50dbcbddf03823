"""What is quoted of tables, lists and diaries: rows with their columns, lines, dates above."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rerank_support import hit
from support import Run

from memctl.ingest import Chunk, Section, Sections
from memctl.query import Hit
from memctl.query.answers.asked import dated
from memctl.query.answers.choice import ranked_by_words
from memctl.query.answers.sentences import sentences
from memctl.query.answers.tables import rows

WARRANTIES = (
    "# Гарантии\n\n| Вещь | Гарантия до | Цена |\n|---|:--:|---|\n"
    "| Холодильник «Бирюса» | 12.06.2026 | 41 990 ₽ |\n| Пылесос, Dyson. V12 | 08.03.2026 | |\n"
)
PLANS = "Plan | Month | Meeting room\nHot desk | £145 | 2 h\nFixed desk | £230 | 6 h\n"
CHIPS = "Чип собаки: 643094100512877\nЧип кошки: 643094100733190\nКорм — Royal Canin, 12 кг\n"
PHONES = "Валера: +7 903 611-82-07\nРустам: +7 917 255-10-43\nАндрей: +7 905 020-11-30\n"
WIFI = "wifi home: seagull / Kelp!9921\nwifi guest: blueharbor42\nrouter page 192.168.8.1\n"
DIARY = {
    "ru": "# Дневник\n\n## 10 мая\n\nСёма нашёл на даче ежа.\n\n## 24 мая\n\nКупили большую ель.\n",
    "en": "# Diary\n\n## 10 May\n\nTheo found a hedgehog.\n\n## 24 May\n\nWe bought a tree.\n",
}


def _told(text: str) -> list[str]:
    return [each.told for each in sentences(hit(text))]


def test_a_row_is_told_with_its_columns_and_quoted_as_it_stands() -> None:
    found = list(sentences(hit(WARRANTIES)))
    assert [each.text for each in found] == WARRANTIES.splitlines()[4:]
    assert [each.told for each in found] == [
        "Вещь: Холодильник «Бирюса»; Гарантия до: 12.06.2026; Цена: 41 990 ₽",
        "Вещь: Пылесос, Dyson. V12; Гарантия до: 08.03.2026",
    ]
    assert all(each.whole for each in found)


def test_rows_without_a_line_under_their_names_are_told_by_their_cells() -> None:
    assert _told(PLANS) == [
        "Plan; Month; Meeting room",
        "Hot desk; £145; 2 h",
        "Fixed desk; £230; 6 h",
    ]
    people = "Анна | бухгалтер | Москва\nБорис | водитель | Тула\n"
    assert _told(people) == ["Анна; бухгалтер; Москва", "Борис; водитель; Тула"]


def test_pipes_of_code_are_no_table() -> None:
    code = "```\nls photos | grep jpg | wc\ncat a.txt | sort | uniq\n```\n"
    assert rows(code) == {}


def test_rows_that_were_cut_from_their_header_are_told_by_their_cells() -> None:
    (row,) = rows("| Dyson | 52 700 \\| 49 900 | |").values()
    assert (row.cells, row.header) == (("Dyson", "52 700 | 49 900", ""), ())
    assert row.told == "Dyson; 52 700 | 49 900"
    uneven = rows("| a | b |\n|---|---|\n| 1 | 2 | 3 |")
    assert [row.told for row in uneven.values() if row.says] == ["1; 2; 3"]


@pytest.mark.parametrize("text", ["a || b", "if a | b: c", "|", "no table | at all"])
def test_one_line_with_a_bar_is_quoted_whole_or_not_at_all(text: str) -> None:
    assert all(each.text in {text, text.strip()} for each in sentences(hit(text)))


def test_what_is_too_long_to_be_read_is_not_quoted() -> None:
    assert _told(f"| a | b |\n|---|---|\n| {'слово ' * 200}| 2 |\n| Дом | 3 |") == ["a: Дом; b: 3"]
    assert rows("-" * 50_000 + "x") == {}


def test_a_list_of_values_is_quoted_by_its_lines() -> None:
    assert _told(CHIPS) == CHIPS.splitlines()
    assert _told(WIFI) == WIFI.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "Мы решили так: сначала купим билеты,\nпотом забронируем гостиницу и поедем.",
        "We agreed on this: first the tickets,\nthen the hotel, and then we go.",
        "Плата — это не налог, и платят её\nте, кто живёт в доме — все до одного.",
    ],
)
def test_a_sentence_that_runs_over_lines_stays_whole(text: str) -> None:
    assert _told(text) == [text]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("чип кошки", "Чип кошки: 643094100733190"),
        ("guest wifi", "wifi guest: blueharbor42"),
        ("чей это номер 79172551043?", "Рустам: +7 917"),
        ("whose phone is 8 917 255 10 43?", "Рустам: +7 917"),
        ("До какого числа гарантия на холодильник?", "| Холодильник «Бирюса» | 12.06.2026 |"),
        ("What is the price of a fixed desk a month?", "Fixed desk | £230 | 6 h"),
    ],
)
def test_the_line_that_answers_comes_first(question: str, text: str) -> None:
    found = [
        hit(each, n) for n, each in enumerate((PHONES, CHIPS, WIFI, WARRANTIES, PLANS), start=1)
    ]
    assert ranked_by_words(question, found)[0].sentence.text.startswith(text)


def test_what_only_stands_above_a_sentence_counts_by_half() -> None:
    lease = hit("The rent is 900 a month. The deposit is 9,600.", 2, title="Lease of Quay House")
    other = hit("The deposit of the boat is 300 a month.", 1, title="Boat")
    ranked = ranked_by_words("What is the deposit for Quay House?", [other, lease])
    assert ranked[0].sentence.text == "The deposit is 9,600."
    lease = hit("Плата 900 в месяц. Залог 9600.", 2, title="Аренда дома на Набережной")
    other = hit("Залог за лодку 300 в месяц.", 1, title="Лодка")
    ranked = ranked_by_words("Какой залог за дом на Набережной?", [other, lease])
    assert ranked[0].sentence.text == "Залог 9600."


@pytest.mark.parametrize(
    ("language", "question", "answer", "date"),
    [
        ("ru", "Когда Сёма нашёл ежа?", "10 мая: Сёма нашёл на даче ежа.", "10 мая"),
        ("en", "When did Theo find the hedgehog?", "10 May: Theo found a hedgehog.", "10 May"),
    ],
)
def test_a_date_above_a_sentence_is_told_where_it_is_asked_for(
    run: Run, tmp_path: Path, language: str, question: str, answer: str, date: str
) -> None:
    (tmp_path / "diary.md").write_text(DIARY[language], encoding="utf-8")
    assert run("ingest", tmp_path).code == 0
    assert run("index", "build").code == 0
    fields = run("ask", question, "--json").json
    assert fields["claims"][0]["text"] == answer
    assert fields["short"] == date
    (citation, *_) = fields["citations"]
    assert citation["heading"] == date
    assert DIARY[language][citation["start"] : citation["end"]] == citation["quote"]
    assert f"› {date}" in run("ask", question).out


def _markup(text: str, suffix: str) -> str:
    """Return a text of Markdown in another format."""
    lines = text.split("\n")
    if suffix == "html":
        return "\n".join(
            f"<h2>{line[3:]}</h2>" if line.startswith("## ") else f"<p>{line}</p>" for line in lines
        )
    return "\n".join(
        f"{line[3:]}\n{'-' * len(line)}" if line.startswith("## ") else line for line in lines
    )


@pytest.mark.parametrize("suffix", ["html", "rst"])
@pytest.mark.parametrize(
    ("language", "question", "answer"),
    [
        ("ru", "Когда купили большую ель?", "24 мая: Купили большую ель."),
        ("en", "When did we buy a tree?", "24 May: We bought a tree."),
    ],
)
def test_headings_within_a_passage_are_known_in_every_format(
    run: Run, tmp_path: Path, language: str, question: str, answer: str, suffix: str
) -> None:
    text = _markup(DIARY[language], suffix)
    (tmp_path / f"diary.{suffix}").write_text(text, encoding="utf-8")
    assert run("ingest", tmp_path).code == 0
    assert run("index", "build").code == 0
    assert run("dump").out.count("\n") == 1
    fields = run("ask", question, "--json").json
    assert fields["claims"][0]["text"] == answer
    assert fields["citations"][0]["heading"] == answer.partition(":")[0]


ROSES = "Розы зацвели рано.\n\nИюнь\n\nСломался кран на кухне.\n"


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ((Section(24, "Июнь"),), ["12 мая", "Июнь"]),
        ((Section(0, "13 мая"), Section(24, "")), ["13 мая", ""]),
        ((), ["12 мая", "12 мая"]),
        (None, ["", ""]),
    ],
)
def test_a_heading_is_told_only_where_it_is_known_to_stand_above(
    sections: Sections, told: list[str]
) -> None:
    chunk = Chunk("a", 0, end=len(ROSES), text=ROSES, tokens=9, headings=("12 мая",))
    found = Hit(
        1,
        0.0,
        chunk=chunk,
        ordinal=1,
        document_id="a",
        title="Дневник",
        sha256="",
        sections=sections,
    )
    assert [each.heading for each in sentences(found)] == told


@pytest.mark.parametrize(
    ("heading", "told"),
    [
        ("10 мая 2023", "10 мая 2023: Кот ушёл."),
        ("2024-05-10, пятница", "2024-05-10, пятница: Кот ушёл."),
        ("Friday, 10 May", "Friday, 10 May: Кот ушёл."),
        ("2016 год", "2016 год: Кот ушёл."),
        ("Планёрка 10 мая 2023", "Кот ушёл."),
        ("Annual report 2019", "Кот ушёл."),
        ("Кот", "Кот ушёл."),
        ("", "Кот ушёл."),
    ],
)
def test_only_a_heading_that_is_a_date_dates_what_stands_below(heading: str, told: str) -> None:
    assert dated("Когда ушёл кот?", "Кот ушёл.", heading) == told
    assert dated("Кто ушёл?", "Кот ушёл.", heading) == "Кот ушёл."


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("рейс file:поездки/", "SU1448"),
        ("flight number file:trips/", "BA902"),
        ("когда рейс lang:ru", "SU1448"),
    ],
)
def test_filters_in_a_question_are_no_words_to_answer(
    run: Run, tmp_path: Path, question: str, said: str
) -> None:
    for name, text in {
        "поездки/байкал.md": "Вылет 8 июля, рейс SU1448 в Иркутск.\n",
        "trips/bath.md": "The flight number is BA902, at nine in the evening.\n",
        "поездки/вещи.md": "Взять спальник и котелок, не забыть спички.\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert run("ingest", tmp_path).code == 0
    assert run("index", "build").code == 0
    result = run("ask", question, "--json")
    assert said in json.dumps(result.json["answer"], ensure_ascii=False)


@pytest.mark.parametrize("columns", [1, 20, 50, 72, 80, 100, 200])
@pytest.mark.parametrize(
    ("language", "question"),
    [("ru", "Когда Сёма нашёл ежа?"), ("en", "When did Theo find the hedgehog?")],
)
def test_a_long_path_leaves_its_title_a_line_of_its_own(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    question: str,
    columns: int,
) -> None:
    folder = tmp_path / "documents" / ("архив " * 6).strip() / "2024 and before it"
    folder.mkdir(parents=True)
    (folder / "diary.md").write_text(DIARY[language], encoding="utf-8")
    assert run("ingest", tmp_path / "documents").code == 0
    assert run("index", "build").code == 0
    monkeypatch.setenv("COLUMNS", str(columns))
    found = run("ask", question)
    assert found.code == 0
    assert "2024 and before it/diary.md" in found.out
    source = [line for line in found.out.splitlines() if "diary.md" in line]
    below = found.out.partition("diary.md")[2].strip().splitlines()[0]
    assert len(source) == 1
    assert below.startswith(("Diary", "Дневник")[language == "ru"])
    assert (below in source[0]) == (columns >= 100)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many weeks of paternity leave are there?", "Six weeks"),
        ("How many weeks of maternity leave are there?", "26 weeks"),
    ],
)
def test_the_section_that_is_asked_for_comes_first(
    run: Run, tmp_path: Path, question: str, answer: str
) -> None:
    (tmp_path / "leave.html").write_text(
        "<h1>Parental Leave Policy</h1><h2>Maternity</h2><p>26 weeks on full pay, followed by 13"
        " weeks at statutory rate.</p><h2>Paternity</h2><p>Six weeks on full pay, to be taken"
        " within twelve months of birth.</p>",
        encoding="utf-8",
    )
    assert run("ingest", tmp_path).code == 0
    assert run("index", "build").code == 0
    assert run("ask", question, "--json").json["claims"][0]["text"].startswith(answer)
