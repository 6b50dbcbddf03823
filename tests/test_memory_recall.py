"""Answers from memory: the latest word, all of what accumulates, other times, and nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from memory_support import Said, answer, facts, place_in, told


def asked(folder: Path, said: list[Said], question: str, *, as_of: str = "") -> str:
    place = place_in(folder)
    told(place, said)
    found = answer(place, question, as_of=as_of)
    assert not found.abstained, question
    return found.text


@pytest.mark.parametrize(
    ("said", "question", "expected"),
    [
        (["I live in Boston", "I moved to Denver"], "Where do I live?", "Your city is Denver."),
        (["Я живу в Перми", "Переехал в Омск"], "Где я живу?", "Ваш город — Омск."),
        (["I'm a nurse"], "What do I do for a living?", "Your job is nurse."),
        (["Работаю поваром"], "Кем я работаю?", "Ваша профессия — повар."),
        (
            ["I play tennis", "I also play chess", "I don't play tennis anymore"],
            "Which sports do I do?",
            "Your sport is chess.",
        ),
        (
            ["Играю в футбол", "Недавно увлёкся шахматами"],
            "Каким спортом я занимаюсь?",
            "Ваши виды спорта — футбол и шахматы.",
        ),
        (
            ["У меня собака породы корги"],
            "Какая порода у моей собаки?",
            "Порода вашей собаки — корги.",
        ),
        (["My wife's name is Anna"], "What is my wife's name?", "Your wife's name is Anna."),
        (["Курю с 18 лет", "Всё, бросил курить!"], "Курю ли я?", "Вы не курите."),
        (["I'm a smoker", "I quit smoking"], "Do I smoke?", "You do not smoke."),
        (["Говорю по-немецки"], "На каких языках я говорю?", "по-немецки"),
        (["My therapist's name is Green"], "What's my therapist's name?", "Green"),
        (["I don't have any siblings"], "Do I have siblings?", "You have no siblings."),
        (["Паспорт у меня истекает в 2030 году"], "Когда истекает мой паспорт?", "2030"),
        (["We got married in June 2018"], "When did I get married?", "June 2018"),
        (["My wifi password is hunter2"], "What is my wifi password?", "hunter2"),
        (["I live in Lisbon"], "В каком городе я живу?", "Ваш город — Lisbon."),
    ],
)
def test_one_short_sentence(tmp_path: Path, said: list[Said], question: str, expected: str) -> None:
    text = asked(tmp_path, said, question)
    assert expected in text
    assert len(text) < 200


@pytest.mark.parametrize(
    ("said", "question"),
    [
        (["I live in Boston"], "What is my blood type?"),
        (["My brother lives in Boston"], "Where do I live?"),
        (["Is Boston nice?"], "Where do I live?"),
        (["If I lived in Boston, I'd be happy"], "Where do I live?"),
        (["Я люблю горы"], "Какая у меня машина?"),
        (["Мой брат — врач"], "Кем я работаю?"),
        (["Стоит ли жить в Перми?"], "Где я живу?"),
        (["Жену начальника зовут Анна"], "Как зовут мою жену?"),
        (["У соседа корги"], "Какой породы моя собака?"),
    ],
)
def test_it_abstains_where_nothing_is_known(
    tmp_path: Path, said: list[Said], question: str
) -> None:
    place = place_in(tmp_path)
    told(place, said)
    found = answer(place, question)
    assert found.abstained, found.text
    assert not found.evidence


MOVED: list[Said] = [
    ("2020-05-01", "I live in Boston"),
    ("2021-05-01", "I bought a Tesla"),
    ("2022-05-01", "I moved to Denver"),
    ("2023-05-01", "I moved to Oslo in March 2023"),
]


@pytest.mark.parametrize(
    ("question", "as_of", "city"),
    [
        ("Where do I live?", "", "Oslo"),
        ("Where do I live now?", "", "Oslo"),
        ("Where did I live in 2021?", "", "Boston"),
        ("Where did I live before I moved to Denver?", "", "Boston"),
        ("Where did I live previously?", "", "Denver"),
        ("Where do I live?", "2022-12", "Denver"),
        ("Where do I live?", "2020-06-01", "Boston"),
    ],
)
def test_time_is_understood(tmp_path: Path, question: str, as_of: str, city: str) -> None:
    assert city in asked(tmp_path, MOVED, question, as_of=as_of)


@pytest.mark.parametrize(
    ("question", "city"),
    [
        ("Где я живу сейчас?", "Омск"),
        ("Где я жил раньше?", "Пермь"),
        ("Где я жил в 2020 году?", "Пермь"),
        ("Где я жил до того, как переехал в Омск?", "Пермь"),
    ],
)
def test_time_is_understood_in_russian(tmp_path: Path, question: str, city: str) -> None:
    said: list[Said] = [("2020-01-10", "Живу в Перми"), ("2022-03-01", "Переехал в Омск")]
    assert city in asked(tmp_path, said, question)


def test_two_clocks(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, [("2022-05-01", "I moved to Denver in 2019"), ("2023-01-01", "I moved to Oslo")])
    denver, oslo = facts(place)
    assert (denver.valid_from, denver.learned_at) == ("2019", "2022-05-01")
    assert (denver.state, denver.valid_to, denver.ended_by) == ("ended", "2023-01-01", oslo.number)


def test_dates_out_of_order_are_put_in_order(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, [("2023-01-01", "I live in Oslo"), ("2021-01-01", "I live in Boston")])
    assert "Oslo" in answer(place, "Where do I live?").text


def test_a_contradiction_within_a_turn_takes_the_last_word(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, ["I live in Oslo. No wait, I live in Bergen."])
    assert "Bergen" in answer(place, "Where do I live?").text
    assert {fact.state for fact in facts(place)} == {"current", "ended"}


def test_the_quote_is_exact_and_the_turn_is_named(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, [("2024-01-01", "Ну что, я работаю учителем в школе №5.")])
    found = answer(place, "Кем я работаю?")
    (evidence,) = found.evidence
    assert evidence.episode.text[evidence.start : evidence.end] == evidence.quote
    assert "учителем" in evidence.quote
    assert (evidence.episode.session, evidence.episode.said_at) == ("1", "2024-01-01")


def test_what_no_pattern_knows_is_quoted_back(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, ["I parked the car on level B2.", "Я оставила ключи у соседки Марины."])
    assert (
        answer(place, "Where did I park the car?").text
        == "You said: “I parked the car on level B2.”"
    )
    keys = answer(place, "Где я оставила ключи?").text
    assert keys == "Вы говорили: «Я оставила ключи у соседки Марины.»"


def test_a_fact_is_stored_once_and_confirmed(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, ["У меня аллергия на орехи", "Напомню: у меня аллергия на орехи!"])
    (fact,) = facts(place)
    assert (fact.confirmations, fact.sessions) == (2, 2)


def test_the_gate_says_what_surprises(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    written = told(place, ["I live in Oslo", "I live in Oslo", "I live in Bergen"])
    outcomes = [each.outcome for each in written.told]
    assert outcomes == ["stored", "confirmed", "stored"]
    first, again, other = (each.surprise for each in written.told)
    assert again.score == 0 < first.score
    assert (first.conflict, other.conflict) == (0.0, 1.0)
    assert written.told[2].superseded == (written.told[0].fact,)


def test_speakers_have_their_own_facts(tmp_path: Path) -> None:
    from memctl.memory import Turn

    place = place_in(tmp_path)
    said = [
        Turn("user", "I live in Oslo", session="1", ordinal=1, speaker="Ann"),
        Turn("user", "I live in Bergen", session="1", ordinal=2, speaker="Bob"),
    ]
    told(place, said)
    assert "Oslo" in answer(place, "Where does Ann live?").text
    assert "Bergen" in answer(place, "Where does Bob live?").text


@pytest.mark.parametrize(
    ("said", "question", "names"),
    [
        (
            ["My friend Anna called", "My friend Bob called"],
            "What are my friends' names?",
            "Anna Bob",
        ),
        (
            ["Моего сына зовут Пётр", "Второго сына зовут Олег"],
            "Как зовут моих сыновей?",
            "Пётр Олег",
        ),
        (["My wife's name is Eve", "My wife's name is Ann"], "What is my wife's name?", "Ann"),
    ],
)
def test_there_can_be_several_friends_and_sons(
    tmp_path: Path, said: list[Said], question: str, names: str
) -> None:
    text = asked(tmp_path, said, question)
    assert all(name in text for name in names.split())
    assert ("Eve" in text) == ("Eve" in names)


def test_an_assistant_tells_nothing(tmp_path: Path) -> None:
    from memctl.memory import Turn

    place = place_in(tmp_path)
    told(place, [Turn("assistant", "I live in Oslo and I am a nurse", session="1", ordinal=1)])
    assert facts(place) == []
