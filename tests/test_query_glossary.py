"""What the measures of a question are computed from, which is where the answer stands."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from support import Run

from memctl.query.glossary import beside


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("What was the gross margin in FY2022?", "gross profit, cost of sales, net sales"),
        ("What drove gross margins?", "gross profit, cost of sales, net sales"),
        ("Сколько стоила валовая маржа?", "валовая прибыль, себестоимость продаж, выручка"),
        ("Какой была оборачиваемость запасов?", "себестоимость продаж"),
        ("Что с оборачиваемостью активов?", "выручка, итого активы"),
        ("Is it a capital-intensive business?",
         "property, plant and equipment, capital expenditures, total assets"),
        ("How large is PP&E?", "property, plant and equipment, net"),
        ("Что с капзатратами?", "приобретение основных средств"),
    ],
)  # fmt: skip
def test_a_measure_brings_what_it_is_computed_from(question: str, meant: str) -> None:
    assert beside(question) == meant


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote it?",
        "Кто это написал?",
        "How is the revenue of the CEO?",
        "Какова выручка гендиректора?",
        "The PP and e",  # not PP&E
        "How many gears has the margin of a gross of pages?",
        "Как долго он там работал, и в каком штате?",
        "",
    ],
)
def test_a_question_without_a_measure_stays_as_it_is(question: str) -> None:
    assert beside(question) == ""


def test_of_entries_that_begin_alike_the_longest_counts() -> None:
    assert beside("the gross margin").startswith("gross profit")
    assert beside("the asset turnover") == "net sales, total assets"
    assert beside("the fixed asset turnover").startswith("net sales, property")


def test_what_the_question_says_itself_is_not_said_again() -> None:
    assert beside("Gross margin by cost of sales?").split(", ").count("cost of sales") == 0
    assert beside("Валовая маржа и выручка?").split(", ").count("выручка") == 0


@pytest.mark.parametrize("language", ["en", "ru"])
def test_each_entry_of_the_lists_is_found_by_its_own_words(language: str) -> None:
    text = files("memctl.query.glossary").joinpath(f"{language}.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "=>" in line]
    assert len(lines) > 25
    for line in lines:
        keys, _, meant = line.partition("=>")
        for key in keys.split(","):
            said = f"{key} отчет" if language == "ru" else key
            assert beside(said), line
        assert meant.strip(), line


@pytest.mark.parametrize(
    ("question", "wanted"),
    [("What was the gross margin?", "costs.md"), ("Какова валовая маржа?", "затраты.md")],
)
def test_a_search_finds_the_costs_for_a_margin_unless_told_not_to(
    question: str, wanted: str, tmp_path: Path, run: Run
) -> None:
    texts = {
        "costs.md": "Net sales were 12 and cost of sales 7.",
        "затраты.md": "Выручка составила 12, себестоимость продаж 7.",
        "lamp.md": "The lamp was broken in 1953.",
        "маяк.md": "Маяк построили в 1911 году.",
    }
    corpus = tmp_path / "reports"
    corpus.mkdir()
    for name, text in texts.items():
        (corpus / name).write_text(text, encoding="utf-8")
    assert run("ingest", corpus, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    found = run("query", question, "--mode", "lexical", "--json").json["hits"]
    assert [hit["document"] for hit in found] == [wanted]
    plain = run("query", question, "--mode", "lexical", "--no-glossary", "--json").json["hits"]
    assert plain == []
