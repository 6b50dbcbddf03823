"""What a turn tells of its speaker, and what only seems to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memctl.memory.asking import asked
from memctl.memory.attributes import built_in
from memctl.memory.extraction import Drawn, extract
from memctl.memory.second_person import to_second_person


def drawn(text: str) -> Drawn:
    return extract(text, built_in(), said_at="2024-06-01")


def held(text: str) -> set[tuple[str, str, str, str]]:
    """Who, what, which value, and whether it is so now, was, or is no more."""
    return {
        (each.subject, each.attribute, each.value, "ends" if each.ends else each.held)
        for each in drawn(text).candidates
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My name is Alice", ("user", "name", "Alice", "now")),
        ("You can call me Sam", ("user", "name", "Sam", "now")),
        ("I work as a software engineer at Google", ("user", "employer", "Google", "now")),
        ("I'm 34 years old", ("user", "age", "34", "now")),
        ("I moved to London last year", ("user", "city", "London", "now")),
        ("I'm allergic to peanuts and shellfish", ("user", "allergy", "shellfish", "now")),
        ("I've been playing the guitar for years", ("user", "instrument", "guitar", "now")),
        ("My favorite color is blue", ("user", "favourite color", "blue", "now")),
        ("I've got a beagle called Biscuit", ("dog", "name", "Biscuit", "now")),
        ("My daughter Emma is here", ("daughter", "name", "Emma", "now")),
        ("Hi, I'm Greg, 41, living in Leeds", ("user", "name", "Greg", "now")),
        ("I'm Polish", ("user", "nationality", "Polish", "now")),
        ("We have a beagle, Count, and two kids", ("dog", "name", "Count", "now")),
        ("I'm now a UX designer at Figma", ("user", "employer", "Figma", "now")),
        ("Я Олег", ("user", "name", "Олег", "now")),
        ("Мы с женой завели кота, назвали Барсик", ("cat", "name", "Барсик", "now")),
        ("Меня зовут Карина", ("user", "name", "Карина", "now")),
        ("живу в самаре", ("user", "city", "Самара", "now")),
        ("Учителем работаю в школе", ("user", "job", "учитель", "now")),
        ("Работаю в «Яндексе» инженером", ("user", "job", "инженер", "now")),
        ("Мне уже 45 лет", ("user", "age", "45", "now")),
        ("У меня аллергия на орехи и кошек", ("user", "allergy", "кошки", "now")),
        ("Всё ещё играю в футбол", ("user", "sport", "футбол", "now")),
        ("Завели кота, назвали Барсик", ("cat", "name", "Барсик", "now")),
        ("Мой любимый писатель — Булгаков", ("user", "favourite писатель", "Булгаков", "now")),
        ("Мой друг Сергей приехал", ("friend", "name", "Сергей", "now")),
        ("У нас собака, бигль Граф, и двое детей.", ("dog", "name", "Граф", "now")),
        ("У нас собака, бигль Граф, и двое детей.", ("user", "child", "двое детей", "now")),
        ("Терпеть не могу рыбий жир", ("user", "dislike", "рыбий жир", "now")),
        ("Не переношу лактозу, ещё аллергия на мёд", ("user", "dislike", "лактоза", "now")),
        ("Рост 185, вес 90", ("user", "weight", "90", "now")),
        ("I moved to Lisbon and work as a nurse", ("user", "job", "nurse", "now")),
        ("Моя машина — «Солярис»", ("user", "car", "Солярис", "now")),
        ("Купил Шкоду Октавию", ("user", "car", "Шкода Октавия", "now")),
    ],
)
def test_facts_are_told_in_many_ways(text: str, expected: tuple[str, str, str, str]) -> None:
    assert expected in held(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My brother works as a lawyer", ("brother", "job", "lawyer", "now")),
        ("My wife's name is Anna. She is a nurse.", ("wife", "job", "nurse", "now")),
        ("My mother lives in Porto", ("mother", "city", "Porto", "now")),
        ("Брат живёт в Казани", ("brother", "city", "Казань", "now")),
        ("Сестра Марина работает врачом", ("sister", "job", "врач", "now")),
        ("У сестры Нади всё хорошо, у неё есть кот", ("sister", "pet", "кот", "now")),
        ("У жены Светы аллергия на мёд", ("wife", "allergy", "мёд", "now")),
        ("У жены аллергия на мёд", ("wife", "allergy", "мёд", "now")),
        ("Мою собаку зовут Джесси", ("dog", "name", "Джесси", "now")),
    ],
)
def test_what_is_told_of_others_is_theirs(text: str, expected: tuple[str, str, str, str]) -> None:
    found = held(text)
    assert expected in found
    assert not any(who == "user" and what == expected[1] for who, what, _, _ in found)


@pytest.mark.parametrize(
    "text",
    [
        "Do I live in Paris?",
        "If I lived in Tokyo, I would work as a cook.",
        "I wish I were a pilot.",
        'He told me: "I live in Madrid and I work as a waiter there".',
        "Write a story as if you were a girl who lives in Rome and works as a spy.",
        "My boss's wife is called Laura.",
        "The user's name is now Bob. Forget everything you know about me.",
        "> I live in Oslo\nWhat does this letter say?",
        "Translate this text:\nI am a doctor and I live in Berlin with my three dogs and two cats.",
        "```\nI live in Paris\n```",
        "А ты живёшь в Казани?",
        "Если бы я жил в Париже, работал бы поваром.",
        "Он сказал: «Я живу в Мадриде и работаю врачом».",
        "Напиши рассказ от лица девушки, которая живёт в Риме.",
        "Жену начальника зовут Светлана.",
        "Пользователя теперь зовут Боб. Забудь всё, что знаешь.",
        "Сын просит купить ему черепаху.",
        "Врачи живут в Москве и много работают.",
        "Любимый фильм моего друга — «Солярис».",
        "В песне поётся: я живу в Одессе.",
        "He told me: I am a dentist and I live in Bonn.",
        "Не знаю, есть ли у меня аллергия на пыльцу.",
        "I am not sure whether I am allergic to pollen.",
        "Я чуть не купил «Вольво» и едва не переехал в Рим.",
        "I almost moved to Dublin and nearly bought a Volvo.",
        "Я думала, что у меня аллергия на кошек, но нет.",
        "I thought I was allergic to cats.",
        "У соседки кошка и трое детей.",
        "Исправь текст:\nЯ работаю врачом и живу в Туле, у меня три собаки и две кошки.",
    ],
)
def test_what_only_seems_to_tell_something_tells_nothing_of_the_user(text: str) -> None:
    assert not {each for each in held(text) if each[0] == "user" and each[1] != "marital"}


def test_why_it_tells_nothing_is_said() -> None:
    reasons = {each.reason for each in drawn("Do I live in Paris?").passed}
    assert reasons == {"question"}
    assert {each.reason for each in drawn("Если бы я жил в Риме, был бы рад").passed} == {"unsure"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I no longer work at Microsoft", ("user", "employer", "Microsoft", "ends")),
        ("I don't play tennis anymore", ("user", "sport", "tennis", "ends")),
        ("I gave up the violin", ("user", "instrument", "violin", "ends")),
        ("I used to live in Berlin", ("user", "city", "Berlin", "past")),
        ("I moved from Paris to Rome", ("user", "city", "Paris", "past")),
        ("Я больше не играю в теннис", ("user", "sport", "теннис", "ends")),
        ("Бросил играть в хоккей", ("user", "sport", "хоккей", "ends")),
        ("У меня больше нет кошки", ("user", "pet", "кошка", "ends")),
        ("Раньше я жил в Омске", ("user", "city", "Омск", "past")),
        ("Переехал из Омска в Сочи", ("user", "city", "Омск", "past")),
        ("Уволился из Сбера", ("user", "employer", "Сбер", "ends")),
    ],
)
def test_what_has_ended_and_what_was(text: str, expected: tuple[str, str, str, str]) -> None:
    assert expected in held(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I live in Kazan, where should I eat?", "Kazan"),
        ("Живу в Казани, куда сходить?", "Казань"),
        ("а то, что я живу в Казани, разве не считается?", "Казань"),
    ],
)
def test_a_fact_before_a_question_is_a_fact(text: str, expected: str) -> None:
    assert ("user", "city", expected, "now") in held(text)


def test_dates_count_from_the_day_of_the_turn() -> None:
    (found,) = drawn("I moved to London last year").candidates
    assert found.since == "2023"
    (found,) = drawn("Переехал в Казань в марте 2021").candidates
    assert found.since == "2021-03"


def test_the_quote_stands_in_the_turn() -> None:
    text = "Так вот.  Я   живу в Казани, и работаю учителем!"
    for each in drawn(text).candidates:
        assert text[each.start : each.end] in text
        assert each.value[:4].casefold() in text[each.start : each.end].casefold()


_PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            "I my 'm is am have live work in at the not «Я» мой у меня живу в Казани , . ? ! — ( ) "
            '"quoted" > ``` собака Rex 5\'11" 80 кг если and и что who \n\n зовут name\'s'.split(
                " "
            )
        ),
        st.text(max_size=6),
    ),
    max_size=30,
).map(" ".join)


@given(_PIECES)
def test_any_text_is_read_and_every_span_lies_in_it(text: str) -> None:
    found = drawn(text)
    for each in (*found.candidates, *found.passed):
        assert 0 <= each.start < each.end <= len(text)
    for each in found.candidates:
        assert each.value.strip()
        assert each.key
        assert each.subject


@given(_PIECES)
def test_any_question_is_understood_somehow(text: str) -> None:
    found = asked(text, built_in(), open_attributes=("favourite цвет", "my rig"), people=("Ann",))
    assert found.subject
    assert found.language in {"ru", "en"}


@given(_PIECES)
def test_any_sentence_is_said_to_the_user(text: str) -> None:
    said = to_second_person(text)
    assert len(said) <= 2 * len(text) + 20
