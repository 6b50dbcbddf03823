"""An answer that stands in another language alone is quoted where the question's own holds none."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Run

from memctl.ingest import detect
from memctl.query import Filter, Searcher, ask
from memctl.query.answers.asker import Asker, Asking
from memctl.query.batch import Question

RU = (
    "Борщ варят на говяжьей грудинке два с половиной часа, свёклу запекают отдельно.",
    "Огурцы солят в трёхлитровой банке: на неё идёт шестьдесят граммов соли.",
    "Поезд в Казань отходит с Казанского вокзала поздно вечером.",
)
EN = (
    "The sourdough rises overnight in a cool place and is baked with steam.",
    "The car insurance covers a second driver from the age of twenty-five.",
    "The ferry to the island leaves from the north pier in the evening.",
)
KEYS = {
    "en": "Spare keys to the house are with the neighbour upstairs, Mrs. Lindqvist.",
    "ru": "Запасные ключи от дома лежат у соседки сверху, Марии Орловой.",
}
ASKED = {"en": "Who has the spare keys to the house?", "ru": "У кого запасные ключи от дома?"}


@pytest.mark.parametrize(("language", "other"), [("ru", "en"), ("en", "ru")])
def test_where_the_own_language_holds_no_answer_the_other_one_is_looked_at(
    run: Run, tmp_path: Path, store: Path, language: str, other: str
) -> None:
    for number, text in enumerate((*RU, *EN, KEYS[other])):
        (tmp_path / f"{number}.txt").write_text(text + "\n", encoding="utf-8")
    assert run("ingest", tmp_path).code == 0
    assert run("index", "build").code == 0
    question, own = Question("", ASKED[language]), Filter("lang", language)
    with Searcher.open(store) as searcher:
        asker = Asker(searcher, Asking())
        hits = asker.hits(question, question.text, [own])
        assert {hit.chunk.language for hit in hits} == {language}
        assert asker.answer(question, hits, searched=False).abstained
        assert asker.answer(question, hits, [own]).abstained
        found = asker.answer(question, hits)
    assert not found.abstained
    assert [each.document for each in found.citations] == ["6.txt"]
    assert found.citations[0].quote.strip() == KEYS[other]
    assert found.confidence >= 0.6
    assert ask(ASKED[language], store).text == found.text
    assert ask(ASKED[language], store, filters=[f"lang:{language}"]).abstained


def test_what_neither_language_answers_is_left(run: Run, tmp_path: Path) -> None:
    for number, text in enumerate((*RU, *EN)):
        (tmp_path / f"{number}.txt").write_text(text + "\n", encoding="utf-8")
    assert run("ingest", tmp_path).code == 0
    assert run("index", "build").code == 0
    for question in ("В каком году открыли обсерваторию?", "When was the observatory opened?"):
        assert run("ask", question).code == 4


@pytest.mark.parametrize("asked", ['У кого "ключи на маяк"?', 'Who has "keys of the tower"?'])
def test_what_is_quoted_is_loosened_and_what_is_demanded_is_not(
    run: Run, tmp_path: Path, store: Path, asked: str
) -> None:
    for number, text in enumerate((*RU, *EN)):
        (tmp_path / f"{number}.txt").write_text(text + "\n", encoding="utf-8")
    assert run("ingest", tmp_path, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    with Searcher.open(store) as searcher:
        asker = Asker(searcher, Asking())
        assert asker.hits(Question("", asked), asked)
        demanded = asked.replace('"', '+"', 1)
        assert asker.hits(Question("", demanded), demanded) == []
        assert run("ask", demanded).code == 4


@pytest.mark.parametrize(
    ("asked", "whole"),
    [
        ("А у Кирилла?", "Какой телефон у Кирилла?"),
        ("А у Кирилла?", "А у Кирилла? (телефон)"),
        ("And Theo?", "What is the phone of Theo?"),
        ("And Theo?", "And Theo? (phone)"),
    ],
)
def test_of_a_name_alone_nothing_else_is_told(
    run: Run, tmp_path: Path, store: Path, asked: str, whole: str
) -> None:
    for number, text in enumerate((*RU, *EN, "Кирилл любит рыбалку.", "Theo likes to fish.")):
        (tmp_path / f"{number}.txt").write_text(text + "\n", encoding="utf-8")
    assert run("ingest", tmp_path).code == 0
    assert run("index", "build").code == 0
    with Searcher.open(store) as searcher:
        asker, own = Asker(searcher, Asking()), [Filter("lang", detect(whole))]
        assert asker.answer(Question("", asked), [], own, asked=whole).abstained


@pytest.mark.parametrize(
    ("asked", "lent", "said"),
    [
        (
            "А когда отходит поезд?",
            "А когда отходит поезд? (огурцы)",
            "поздно вечером",
        ),
        (
            "And when does the ferry leave?",
            "And when does the ferry leave? (sourdough pizza oven recipe)",
            "in the evening",
        ),
    ],
)
def test_what_a_conversation_lends_is_left_out_where_it_finds_nothing(
    run: Run, tmp_path: Path, store: Path, asked: str, lent: str, said: str
) -> None:
    for number, text in enumerate((*RU, *EN)):
        (tmp_path / f"{number}.txt").write_text(text + "\n", encoding="utf-8")
    assert run("ingest", tmp_path).code == 0
    assert run("index", "build").code == 0
    question = Question("", asked)
    with Searcher.open(store) as searcher:
        asker = Asker(searcher, Asking())
        given = asker.answer(question, [], asked=lent)
        assert said in given.text
        assert (given.question, given.asked) == (asked, "")
        assert asker.answer(question, [], asked=lent, searched=False).abstained
