"""Which sentence answers: what is asked for, the few words, and what is no sentence."""

from __future__ import annotations

import unicodedata

import pytest
from rerank_support import hit

from memctl.query.answers.asked import kind_of
from memctl.query.answers.choice import ranked_by_words
from memctl.query.answers.marks import about
from memctl.query.answers.sentences import sentences
from memctl.query.answers.spans import short_span


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who built the tower?", "person"),
        ("Which king lived there?", "person"),
        ("When was it built?", "time"),
        ("In which year did it burn?", "time"),
        ("How many steps are there?", "count"),
        ("How high is it?", "count"),
        ("Where does it stand?", "place"),
        ("What is a tower?", "other"),
        ("Кто построил башню?", "person"),
        ("Когда её построили?", "time"),
        ("В каком году она сгорела?", "time"),
        ("Сколько в ней ступеней?", "count"),
        ("Какова её высота?", "count"),
        ("В каком городе она стоит?", "place"),
        ("Что такое башня?", "other"),
    ],
)
def test_what_a_question_asks_for(question: str, kind: str) -> None:
    assert kind_of(question) == kind


@pytest.mark.parametrize(
    ("question", "sentence", "words"),
    [
        ("When was the tower built?", "The tower was built in 1911 by a widow.", "1911"),
        ("When did the storm come?", "The storm came on 12 June 1953.", "12 June 1953"),
        ("How high is the tower?", "The tower is 47 metres high.", "47 metres"),
        ("How many gulls come?", "Every spring 4,711 gulls come.", "4,711"),
        ("Who built the tower?", "The tower was built by Anna Berg.", "Anna Berg"),
        ("В каком году построили маяк?", "Маяк построили в 1911 году.", "1911 году"),
        ("Сколько светит лампа?", "Лампа светит на 40 километров.", "40 километров"),
        ("Кто построил маяк?", "Маяк построил инженер Николай Белов.", "Николай Белов"),
        ("How many guests came?", "On 17 June 300 guests came.", "300"),
        ("Сколько гостей приехало?", "Было 17 июня 300 гостей.", "300"),
        ("How much did it cost?", "The tower cost 3.2 million euros.", "3.2 million euros"),
        ("Сколько стоила башня?", "Башня стоила 9 тыс. рублей.", "9 тыс. рублей"),
        ("By what percent did it grow?", "The rent grew by 6.4 per cent in May.", "6.4 per cent"),
        ("How many gulls come?", "In spring 500 per day come.", "500"),
    ],
)
def test_the_few_words_that_a_question_asks_for(question: str, sentence: str, words: str) -> None:
    span = short_span(question, sentence)
    assert span is not None
    assert sentence[slice(*span)] == words


def test_the_few_words_are_cut_from_decomposed_text_as_it_stands() -> None:
    sentence = unicodedata.normalize("NFD", "Синий майский маяк построил Андрей.")
    span = short_span("Кто построил синий майский маяк?", sentence)
    assert span is not None
    assert unicodedata.normalize("NFC", sentence[slice(*span)]) == "Андрей"


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("When was it built?", "It was built in 1911 and burnt in 1953."),
        ("What is it?", "It was built in 1911."),
        ("How many steps has it?", "It has many steps."),
        ("Who met Anna Berg?", "There Erik Lund met Anna Berg and Peter Holm."),
        ("Сколько их?", "Их 12 или 13."),
        ("Кто это?", "Никто не знает."),
        ("Когда отпуск у Ани?", "С 16 по 29 июня у Ани отпуск."),
        ("When is Anna away?", "From 16 to 29 June Anna is away."),
        ("Who owns the gateway?", "Marcus owns the gateway; Priya owns the till."),
        ("Кто ведёт кассу?", "Марк ведёт кассу, а ключи у Анны."),
        ("Who is to renew it?", "To be renewed before 20 February."),
        ("When is the water off?", "The water is off from 16 to 29 June 2025."),
        ("Когда отключат воду?", "Воду отключат с 16 по 29 июня 2025 года."),
        ("Когда отключат воду?", "Воду отключат 16–29 июня 2025 года."),
        ("How many guests came?", "They came on 17 June."),
        ("Кто отвечает за переезд склада?", "Переезд склада в Казань."),
        ("Who moves the store?", "The store moves next week to a hall in Berlin."),
    ],
)
def test_where_it_is_not_certain_there_are_no_few_words(question: str, sentence: str) -> None:
    assert short_span(question, sentence) is None


@pytest.mark.parametrize(
    ("question", "text", "best"),
    [
        (
            "How many steps has the tower?",
            "The tower has steps of oak, they say. The tower has 212 steps.",
            "The tower has 212 steps.",
        ),
        (
            "Сколько ступеней у башни?",
            "Говорят, ступени башни дубовые. У башни 212 ступеней.",
            "У башни 212 ступеней.",
        ),
    ],
)
def test_a_sentence_with_what_is_asked_for_comes_first(question: str, text: str, best: str) -> None:
    assert ranked_by_words(question, [hit(text)])[0].sentence.text == best


def test_a_heading_is_no_sentence_and_a_label_comes_after_one() -> None:
    text = (
        "The gull tower on the cape\n\nThe old lamp of the tower\n\nThe lamp of the tower is red."
    )
    found = hit(text, title="The gull tower on the cape")
    assert [each.text for each in sentences(found)] == [
        "The old lamp of the tower",
        "The lamp of the tower is red.",
    ]
    ranked = ranked_by_words("What of the lamp of the tower?", [found])
    assert ranked[0].sentence.text == "The lamp of the tower is red."


@pytest.mark.parametrize("heading", ["3. Титаны: память, что учится", "Титаны: память, что учится"])
def test_a_numbered_heading_is_no_sentence_either(heading: str) -> None:
    text = "3. Титаны: память, что учится\n\nПамять учится на ходу."
    found = hit(text, title=heading)
    assert [each.text for each in sentences(found)] == ["Память учится на ходу."]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Чип 643094100512877.", True),
        ("Пароль: тигр", True),
        ("Гараж — 17", True),
        ("PIN 4071", True),
        ("Wi-Fi: blueharbor", True),
        ("Shoes – 36", True),
        ("Ура! Ура!", False),
        ("Всем привет", False),
        ("Best regards", False),
        ("https://example.org/", False),
        ("12.03.2021 14:00", False),
    ],
)
def test_a_thing_and_its_value_are_a_sentence_of_two_words(text: str, *, quoted: bool) -> None:
    assert [each.text for each in sentences(hit(text))] == [text] * quoted


@pytest.mark.parametrize(
    ("question", "lacks"),
    [
        ("What does ERR_4013 mean?", True),
        ("Что значит ошибка E24?", False),  # the text has the letter of the other alphabet
        ("сколько стоит картридж TK1160", False),
        ("остаток KX-9999", True),
        ("чип 643094100512877", False),
        ("чип 643094100512878", True),
        ("чей номер 8 (917) 255 10 43?", False),
        ("whose number is +79172551043", False),
        ("whose number is +79172551044", True),
        ("Who was born in 1911?", False),
        ("What happened on 2024-06-01 at 14:00?", False),
        ("Сколько стоит 3D-принтер?", False),
        ("Что значит код Е2?", False),
        ("Что значит ошибка E245?", True),
        ("Что значит ошибка Е2-4?", False),
        ("Who comes on 27th March at 10am?", False),
        ("What of the 1990s and of 14го мая?", False),
        ("Garden shop revenue 2022 2023?", False),
        ("Where did 1 500 000 000 go?", False),
        ("чей номер 5104316409?", True),
        ("Какой аккумулятор в ТСД-7?", False),
        ("Какой аккумулятор в ТСД-9?", True),
        ("Когда кончается договор 31-ПО?", True),
        ("Когда кончается договор 22-УС?", False),
        ("What changed in scanner API 2.9?", False),
        ("What changed in scanner API 2.9.1?", True),
        ("What changed in scanner API 3.0?", True),
        ("Что весит 3.5 кг?", False),
        ("Что было 16.05, в 14.30?", False),
        ("Что было 16.05.2024?", False),
        ("What grew by 7.5 % or to 12.99?", False),
    ],
)
def test_a_code_that_no_text_holds_is_lacking(question: str, *, lacks: bool) -> None:
    texts = [
        "Ошибка Е24: насос. Чип 643094100512877. Рустам: +7 917 255-10-43.",
        "Картридж TK-1160, 4 150 ₽. ТСД-7 весит 3,5 кг. Договор 22-УС. Version 2.9.0 is out.",
    ]
    hits = [hit(text, n, document=f"{n}.md") for n, text in enumerate(texts, start=1)]
    assert (about(question, hits) == []) is lacks


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Какая батарея в ТСД-7?", ["a.md", "a.md"]),
        ("Какая батарея в ТСД-9?", []),
        ("What of version 1.8?", ["b.md"]),
        ("Какая батарея?", ["a.md", "a.md", "b.md"]),
    ],
)
def test_what_is_named_is_answered_from_documents_that_hold_it(
    question: str, names: list[str]
) -> None:
    hits = [
        hit("Терминал ТСД-7.", 1, document="a.md"),
        hit("Батарея на 4300 мА·ч.", 2, document="a.md"),
        hit("Version 1.8.2 has a battery.", 3, document="b.md"),
    ]
    assert [each.document for each in about(question, hits)] == names


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("Что сказано в пункте 5.2 договора?", "5.2."),
        ("What does clause 5.2 say?", "5.2."),
        ("Что в п. 5.21?", "5.21."),
        ("Что говорит договор о залоге и аренде?", "1.1."),
    ],
)
def test_a_clause_is_found_by_its_number(question: str, begins: str) -> None:
    text = (
        "1.1. Договор говорит о залоге и аренде.\n\n5.2. Залог равен плате за месяц.\n\n"
        "5.21. Залог говорит сам за себя.\n\n4. Договор кончается через год."
    )
    first = ranked_by_words(question, [hit(text, 1)])[0]
    assert first.sentence.text.startswith(begins)


@pytest.mark.parametrize(
    ("question", "sure"),
    [
        ("чей это номер 79172551043?", True),
        ("Whose number is +7 (917) 255-10-43?", True),
        ("чей это номер 79172551044?", False),
    ],
)
def test_whose_a_number_is_is_told_by_where_it_stands(question: str, *, sure: bool) -> None:
    text = "Звонить после десяти утра.\n\nРустам: +7 917 255-10-43\n\nАндрей: +7 905 020-11-30\n"
    first = ranked_by_words(question, [hit(text, 1)])[0]
    assert (first.chance > 0.7) is sure
    assert first.sentence.text.startswith("Рустам") or not sure


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How much did Grimsby use in August 2024?", "2024-08"),
        ("Сколько тратил Grimsby в июле 2024 года?", "2024-07"),
        ("Сколько стоил ремонт 16 мая 2024?", "16.05.2024"),
        ("What did the repair of 17 May 2024 cost?", "2024-05-17"),
    ],
)
def test_a_date_is_met_however_it_is_written(question: str, answer: str) -> None:
    text = (
        "| Site | Month | Used |\n|---|---|---|\n| Grimsby | 2024-06 | 18 |\n"
        "| Grimsby | 2024-07 | 20 |\n| Grimsby | 2024-08 | 21 |\n\n"
        "The repair of 2024-05-15 cost 100. Ремонт 15.05.2024 стоил 10.\n\n"
        "The repair of 2024-05-17 cost 300. Ремонт 16.05.2024 стоил 20.\n"
    )
    assert answer in ranked_by_words(question, [hit(text, 1, document="a.md")])[0].sentence.told


def test_nothing_found_is_nothing_to_choose_from() -> None:
    assert ranked_by_words("Who?", []) == []
    assert ranked_by_words("Who?", [hit("No.")]) == []
