"""What ends and what follows it, when it was so, and who is meant by a name; in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from memory_support import Said, answer, facts, place_in, told


@pytest.mark.parametrize(
    ("said", "question", "expected"),
    [
        (["I have no children", "Our daughter was born!"], "Do I have children?", "a daughter."),
        (["У меня нет детей", "У нас родилась дочь!"], "Есть ли у меня дети?", "У вас дочь."),
        (["I have no children"], "Do I have children?", "You have no children."),
        (["У меня нет детей"], "Есть ли у меня дети?", "У вас нет детей."),
        (["I'm engaged to Tom", "We married on Friday"], "Am I married?", "You are married."),
        (["Я помолвлена", "Мы поженились"], "Замужем ли я?", "Вы в браке."),
        (["I'm married", "We split up"], "Am I married?", "You are separated."),
        (["My wife is called Nina", "My wife died"], "Am I married?", "You are widowed."),
        (["Мою жену зовут Нина", "Жена умерла"], "Женат ли я?", "Вы вдовец."),
        (["Завели собаку, назвали Рекс", "Рекс умер"], "Есть ли у меня собака?", "Раньше: "),
        (["У меня кот Барсик", "Барсика больше нет"], "Какие у меня питомцы?", "Раньше: "),
        (["We have a dog called Rex and a cat", "Rex died"], "Which pets do I have?", "a cat."),
        (["I have a hamster named Bo", "We gave Bo away"], "Do I have a hamster?", "Formerly"),
        (["I work at Acme", "I got fired from Acme"], "Where do I work?", "Formerly"),
        (["Работаю в Яндексе", "Меня уволили из Яндекса"], "Где я работаю?", "Раньше"),
        (["I work as a nurse", "I retired in June"], "What is my job?", "You are retired."),
        (["Работаю учителем", "Вышла на пенсию"], "Кем я работаю?", "Вы на пенсии."),
        (["I drive a Honda Civic", "I sold the Honda"], "What car do I drive?", "Formerly"),
        (["Езжу на Шкоде", "Продал Шкоду"], "Какая у меня машина?", "Раньше"),
        (["У меня аллергия на пыльцу", "Аллергия на пыльцу прошла"], "Аллергия?", "Раньше"),
        (["I quit my job as a librarian"], "What is my job?", "Formerly: job — librarian;"),
        (["I don't eat pork any more"], "What do I avoid?", "You avoid pork."),
    ],
)
def test_what_follows_ends_what_was(
    tmp_path: Path, said: list[Said], question: str, expected: str
) -> None:
    place = place_in(tmp_path)
    told(place, said)
    assert expected in answer(place, question).text


def test_of_several_pets_only_the_one_that_is_named_goes(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, ["У меня собака Рекс и кошка Мурка", "Рекс вчера умер"])
    states = {(each.subject, each.value): each.state for each in facts(place)}
    assert states["user", "собака"] == states["dog", "Рекс"] == "ended"
    assert states["user", "кошка"] == states["cat", "Мурка"] == "current"


@pytest.mark.parametrize(
    "said",
    [
        ["We have a dog called Rex", "My neighbour's dog died"],
        ["We have a dog called Rex", "Rex did not die"],
        ["We have a dog called Rex", "Did Rex die?"],
        ["We have a dog called Rex", "Rex almost died"],
        ["У нас собака Рекс", "У соседа умерла собака"],
        ["У нас собака Рекс", "Рекс чуть не умер"],
        ["У нас собака Рекс", "Рекс не умер, он спит"],
        ["We have a dog called Rex", "Our dog lost weight"],
        ["We have a dog called Rex", "I lost my rex coin"],
        ["We have a dog called Rex", "I sold the dog house"],
        ["We have two dogs, Rex and Max", "Rex died"],
        ["У нас собака Рекс", "Собака потеряла аппетит"],
        ["У нас собака Рекс", "Отдали собаку на дрессировку"],
        ["У нас собака Рекс", "У собаки больше нет температуры"],
    ],
)
def test_nobody_dies_who_lives(tmp_path: Path, said: list[Said]) -> None:
    place = place_in(tmp_path)
    told(place, said)
    pets = [each for each in facts(place) if (each.subject, each.attribute) == ("user", "pet")]
    assert [each.state for each in pets] == ["current"]


@pytest.mark.parametrize(
    "said",
    [
        "Муж потерял работу",
        "Жена потеряла ключи",
        "У мужа больше нет работы",
        "Муж померил давление",
        "The battery died while my husband was driving",
        "My wife is sad because her mother died",
        "My wife died laughing",
        "I separated the laundry",
        "We split up the bill",
        "My husband left me a note",
        "Мы расстались с няней",
    ],
)
def test_nobody_is_widowed_or_parted_by_a_manner_of_speaking(tmp_path: Path, said: str) -> None:
    place = place_in(tmp_path)
    told(place, ["I'm married", said])
    marital = [each for each in facts(place) if each.attribute == "marital"]
    assert {each.value for each in marital if each.state == "current"} <= {"married", "в браке"}


@pytest.mark.parametrize(
    "said",
    [
        "My dog died. We got a new dog.",
        "Собака умерла. Мы завели новую собаку.",
        "I have a tortoise called Tom. Tom died. We got a new dog.",
    ],
)
def test_an_end_and_a_beginning_in_one_turn_go_in_order(tmp_path: Path, said: str) -> None:
    place = place_in(tmp_path)
    told(place, [said])
    now = [e.value for e in facts(place) if e.attribute == "pet" and e.state == "current"]
    assert now in (["dog"], ["собака"])


@pytest.mark.parametrize(
    ("said", "unheard"),
    [
        (["On weekends she plays tennis"], "sport"),
        (["On Mondays he works as a barber"], "job"),
        (["Mohammed lives in Paris"], "city"),
        (["Nothing beats playing chess"], "sport"),
        (["У мамы сейчас врач"], "job"),
        (["У дочки учитель заболел"], "job"),
        (["Отдал брату 500."], "age"),
        (["Позвони маме 8-900-123-45-67"], "age"),
        (["My neighbour has a dog, Max"], "name"),
        (["I am getting a dog if my landlord agrees"], "pet"),
        (["I am down to 3 cups"], "weight"),
    ],
)
def test_what_is_told_of_others_or_not_at_all_is_no_fact(
    tmp_path: Path, said: list[Said], unheard: str
) -> None:
    place = place_in(tmp_path)
    told(place, said)
    assert unheard not in {each.attribute for each in facts(place)}


@pytest.mark.parametrize(
    "said",
    [
        "Я уверена, что у меня аллергия на кошек",
        "I think I am allergic to peanuts",
        "Моя сестра учится. Я решил, что у меня аллергия на пыль",
    ],
)
def test_what_the_user_thinks_of_themselves_is_told(tmp_path: Path, said: str) -> None:
    place = place_in(tmp_path)
    told(place, [said])
    assert ("user", "allergy") in {(each.subject, each.attribute) for each in facts(place)}


def test_a_name_that_is_a_word_ends_nobody(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, ["Мою дочь зовут Надежда", "Я потерял надежду", "Вера умерла во мне"])
    assert all(each.state == "current" for each in facts(place) if each.subject != "user")


def test_whose_sister_it_is_is_heard(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, ["My wife Anna is a nurse", "Anna's sister is a pilot"])
    assert [each.value for each in facts(place) if each.attribute == "job"] == ["nurse"]


_MOVED: list[Said] = [
    ("2020-01-10", "Я живу в Казани"),
    ("2022-05-03", "Переехал в Москву"),
]


@pytest.mark.parametrize(
    ("question", "as_of", "expected"),
    [
        ("Где я живу?", "", "Ваш город — Москва."),
        ("Где я живу?", "2021", "В 2021: город — Казань (до 2022-05-03)."),
        ("Где я живу?", "2021-03-01", "На 2021-03-01: город — Казань (до 2022-05-03)."),
        ("Где я жил в 2021?", "", "В 2021: город — Казань (до 2022-05-03)."),
        ("Где я жил до переезда?", "", "Раньше: город — Казань (до 2022-05-03); теперь — Москва."),
        ("Where did I live in 2021?", "", "In 2021: city — Казань (until 2022-05-03)."),
    ],
)
def test_the_past_is_told_with_its_end_and_with_what_is_now(
    tmp_path: Path, question: str, as_of: str, expected: str
) -> None:
    place = place_in(tmp_path)
    told(place, _MOVED)
    assert answer(place, question, as_of=as_of).text == expected


def test_an_age_is_told_with_its_day(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, [("2019-05-01", "I am 30 years old")])
    assert answer(place, "How old am I?").text == "Your age is 30 (told on 2019-05-01)."
    assert answer(place, "Сколько мне лет?").text == "Ваш возраст — 30 (сказано 2019-05-01)."


@pytest.mark.parametrize(
    ("said", "question", "expected"),
    [
        (["My daughter Ella is six", "Ella is allergic to eggs"], "allergic my daughter", "eggs"),
        (["Мою дочь зовут Оля", "У Оли аллергия на орехи"], "аллергия моей дочери", "орехи"),
        (["Моего брата зовут Лёша", "Лёша переехал в Берлин"], "Где живёт мой брат", "Берлин"),
        (["My husband is called Mark", "Mark works as a pilot"], "my husband's job", "pilot"),
        (["My husband is called Mark", "Mark works as a pilot"], "What is Mark's job", "pilot"),
        (["У меня сын Дима", "Дима поступил в МГУ"], "Где учится мой сын", "МГУ"),
        (["У меня сын Дима", "Дима поступил в МГУ"], "Где учится Дима", "МГУ"),
    ],
)
def test_who_has_told_a_name_is_known_by_it(
    tmp_path: Path, said: list[Said], question: str, expected: str
) -> None:
    place = place_in(tmp_path)
    told(place, said)
    assert expected in answer(place, f"{question}?").text
    (fact,) = [each for each in facts(place) if each.value == expected]
    assert fact.subject in {"daughter", "brother", "husband", "son"}


@pytest.mark.parametrize(
    ("said", "subject", "name"),
    [
        ("А у меня кошка Мурка", "cat", "Мурка"),
        ("У нас живёт пёс Шарик", "dog", "Шарик"),
        ("I have a cat, Whiskers", "cat", "Whiskers"),
        ("Завели собаку, назвали Рекс", "dog", "Рекс"),
        ("My neighbour's dog Max is a poodle", "dog", ""),
        ("У соседа кот Мурзик", "cat", ""),
    ],
)
def test_a_pet_is_called_what_stands_beside_it(
    tmp_path: Path, said: str, subject: str, name: str
) -> None:
    place = place_in(tmp_path)
    told(place, [said])
    names = {each.subject: each.value for each in facts(place) if each.attribute == "name"}
    assert names.get(subject, "") == name


@pytest.mark.parametrize(
    ("said", "question", "expected", "never"),
    [
        (["I play tennis", "I play the cello"], "What instrument do I play?", "cello", "tennis"),
        (["Обожаю джаз", "Терпеть не могу шансон"], "Какую музыку я не люблю?", "шансон", "джаз"),
        (["I love jazz", "I hate techno"], "What music don't I like?", "techno", "jazz"),
        (["У меня такса", "Завели кота"], "Какая порода была у моей собаки?", "такса", "кот"),
        (['I read "Work in a Coal Mine" at night'], "What do I read at night?", "Mine", "yours"),
    ],
)
def test_the_question_is_answered_and_no_other(
    tmp_path: Path, said: list[Said], question: str, expected: str, never: str
) -> None:
    place = place_in(tmp_path)
    told(place, said)
    text = answer(place, question).text
    assert expected in text
    assert not re.search(rf"\b{never}\b", text)
